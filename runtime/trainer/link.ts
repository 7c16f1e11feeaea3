/**
 * A trainer's listing with its code in place. In: a listing that names files, and the files: in the module itself or
 * beside it. Out: a listing that a device can run. RuntimeFailure E0702 for a file that is not there.
 */
import { fromBase64 } from '../base64.ts';
import { RuntimeFailure } from '../failure.ts';
import { inNode } from '../in-node.ts';
import type { Listing } from '../plan-format.ts';
import type { TargetName, TrainerProgram } from './trainer-program.ts';

/** The module for engines with relaxed SIMD lies beside the other one. */
const relaxedName = (name: string): string => name.replace(/\.wasm$/, '-relaxed.wasm');

/** `relaxedSimd`: of the engine, for the CPU. */
export async function linkListing(
  program: TrainerProgram,
  target: TargetName,
  relaxedSimd: boolean,
): Promise<Listing> {
  const listing = program.targets[target];
  if (listing === undefined) throw new Error(`internal: this trainer has no listing for ${target}`);
  if (listing.cpu !== undefined) {
    const name = listing.cpu.module as string;
    const module = await readBytes(program, relaxedSimd ? relaxedName(name) : name);
    return { ...listing, cpu: { ...listing.cpu, module } };
  }
  const kernels = await Promise.all(
    listing.kernels.map(async (kernel) => ({ ...kernel, code: await readText(program, kernel.code) })),
  );
  return { ...listing, kernels };
}

async function readText(program: TrainerProgram, name: string): Promise<string> {
  const inlined = program.files?.[name];
  return inlined ?? new TextDecoder().decode(await readBeside(program, name));
}

async function readBytes(program: TrainerProgram, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const inlined = program.files?.[name];
  return inlined === undefined ? await readBeside(program, name) : fromBase64(inlined);
}

async function readBeside({ base }: TrainerProgram, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const place = new URL(name, base);
  try {
    if (inNode()) {
      const { readAddress } = await import('../node/read-address.ts');
      return await readAddress(place);
    }
    const answer = await fetch(place);
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RuntimeFailure('E0702', `${name} cannot be read: ${reason}`, {
      help: 'The files of a trainer stay together: copy the whole folder, or compile it with --single.',
    });
  }
}
