/**
 * A trainer's listing for a device, with its code in place. In: listings that name files, and the files: in the module
 * itself or beside it. Out: a listing that the device can run. RuntimeFailure E0702 for a file that is not there.
 */
import { fromBase64 } from '../base64.ts';
import type { ProgramDevice } from '../create-runner.ts';
import type { GpuClass } from '../device-class.ts';
import { RuntimeFailure } from '../failure.ts';
import { inNode } from '../in-node.ts';
import type { Listing } from '../plan-format.ts';
import { classIn, kindOf, type TrainerProgram } from './trainer-program.ts';

/** The module for engines with relaxed SIMD lies beside the other one. */
const relaxedName = (name: string): string => name.replace(/\.wasm$/, '-relaxed.wasm');

/** What decides among a trainer's listings. */
export type LinkedDevice =
  { backend: 'cpu'; relaxedSimd: boolean } | { backend: 'webgpu'; deviceClass: GpuClass };

/** `wanted`: a class instead of the one that suits the device. */
export function linkListing(
  program: TrainerProgram,
  device: ProgramDevice | LinkedDevice,
  wanted?: GpuClass,
): Promise<Listing> {
  return device.backend === 'cpu'
    ? linkForCpu(program, device.relaxedSimd)
    : linkForGpu(program, wanted ?? classIn(program, device.deviceClass));
}

async function linkForCpu(program: TrainerProgram, relaxedSimd: boolean): Promise<Listing> {
  const { cpu: listing } = program.targets;
  if (listing?.cpu === undefined) throw new Error('internal: this trainer has no listing for the CPU');
  const name = listing.cpu.module as string;
  const module = await readBytes(program, relaxedSimd ? relaxedName(name) : name);
  return { ...listing, cpu: { ...listing.cpu, module } };
}

async function linkForGpu(program: TrainerProgram, deviceClass: GpuClass): Promise<Listing> {
  const found = program.targets.webgpu?.[deviceClass];
  if (found === undefined) throw new Error(`internal: this trainer has no listing for ${deviceClass}`);
  const listing = typeof found === 'object' ? found : await load(program, found, deviceClass);
  const kernels = await Promise.all(
    listing.kernels.map(async (kernel) => ({ ...kernel, code: await readText(program, kernel.code) })),
  );
  return { ...listing, kernels };
}

async function load(
  program: TrainerProgram,
  module: () => Promise<{ listing: Listing }>,
  deviceClass: GpuClass,
): Promise<Listing> {
  try {
    return (await module()).listing;
  } catch (error) {
    throw unreadable(program, `the module of the kernels for class ${deviceClass}`, error);
  }
}

async function readText(program: TrainerProgram, name: string): Promise<string> {
  const inlined = program.files?.[name];
  return inlined ?? new TextDecoder().decode(await readBeside(program, name));
}

/** One of its files. */
export async function readBytes(program: TrainerProgram, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const inlined = program.files?.[name];
  return inlined === undefined ? await readBeside(program, name) : fromBase64(inlined);
}

async function readBeside(program: TrainerProgram, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const place = new URL(name, program.base);
  try {
    if (inNode()) {
      const { readAddress } = await import('../node/read-address.ts');
      return await readAddress(place);
    }
    const answer = await fetch(place);
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw unreadable(program, name, error);
  }
}

function unreadable(program: TrainerProgram, what: string, error: unknown): RuntimeFailure {
  const reason = error instanceof Error ? error.message : String(error);
  return new RuntimeFailure('E0702', `${what} cannot be read: ${reason}`, {
    help: `The files of a ${kindOf(program)} stay together: copy the whole folder, or compile it with --single.`,
  });
}
