/** What a compiled trainer or predictor hands to the runtime: its listings, and where the rest of its files are. */
import { GPU_CLASSES, type GpuClass } from '../device-class.ts';
import type { Listing } from '../plan-format.ts';

export interface TrainerProgram {
  /** What it is called in messages; a trainer where nothing stands. */
  kind?: 'predictor';
  /** The version of netc that compiled it. */
  netc: string;
  /** SHA-256 of the program's text, in hexadecimal digits. */
  sha256: string;
  /** Of a trainer: what its runs have in common with those of `netc train` and of any other compilation that computes the same. */
  fingerprint?: string;
  /** The module's own address; its files lie beside it. */
  base: string;
  targets: TrainerTargets;
  /** Files that are part of the module itself: WGSL as text, WebAssembly in base64. */
  files?: Readonly<Record<string, string>>;
}

/** In a listing for WebGPU the code of a kernel is the name of its file, in one for the CPU the module is. */
export interface TrainerTargets {
  /** By class of devices: of all classes, or of the one it was compiled for. */
  webgpu?: { readonly [C in GpuClass]?: ClassListing };
  cpu?: Listing;
}

/** In the module itself, or in one beside it that is loaded where a device is of that class. */
export type ClassListing = Listing | (() => Promise<{ listing: Listing }>);

/** `auto` takes a GPU, else the CPU. */
export type DeviceChoice = 'auto' | 'gpu' | 'cpu';

/** What messages call it. */
export const kindOf = ({ kind }: TrainerProgram): string => kind ?? 'trainer';

/** A listing of the module itself: they differ in kernels and places, not in what is computed. */
export function anyListing({ targets: { webgpu = {}, cpu } }: TrainerProgram): Listing {
  for (const listing of [...Object.values(webgpu), cpu]) if (typeof listing === 'object') return listing;
  throw new Error('internal: a trainer without a listing');
}

/** Classes of WebGPU devices that it has kernels for. */
export const classesOf = ({ targets: { webgpu = {} } }: TrainerProgram): readonly GpuClass[] =>
  GPU_CLASSES.filter((each) => webgpu[each] !== undefined);

/** The class whose kernels a device of class `suited` runs: that one, else the only one there is. */
export function classIn(program: TrainerProgram, suited: GpuClass): GpuClass {
  const classes = classesOf(program);
  const [only, ...others] = classes;
  if (classes.includes(suited)) return suited;
  if (only === undefined || others.length > 0) throw new Error(`internal: a trainer without class ${suited}`);
  return only;
}
