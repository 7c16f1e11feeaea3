/** What a compiled trainer hands to the runtime: its listings, and where the rest of its files are. */
import type { Listing } from '../plan-format.ts';

export interface TrainerProgram {
  /** The version of netc that compiled it. */
  netc: string;
  /** SHA-256 of the program's text, in hexadecimal digits. */
  sha256: string;
  /** The module's own address; its files lie beside it. */
  base: string;
  /** In a listing for WebGPU the code of a kernel is the name of its file, in one for the CPU the module is. */
  targets: TrainerTargets;
  /** Files that are part of the module itself: WGSL as text, WebAssembly in base64. */
  files?: Readonly<Record<string, string>>;
}

export interface TrainerTargets {
  webgpu?: Listing;
  cpu?: Listing;
}

/** `auto` takes a GPU, else the CPU. */
export type DeviceChoice = 'auto' | 'gpu' | 'cpu';

export type TargetName = keyof TrainerTargets;

/** Any listing of the program: they differ in kernels and places, not in what is computed. */
export function anyListing({ targets }: TrainerProgram): Listing {
  const listing = targets.webgpu ?? targets.cpu;
  if (listing === undefined) throw new Error('internal: a trainer without a listing');
  return listing;
}
