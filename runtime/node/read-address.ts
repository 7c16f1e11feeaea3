/** A file by its address, for modules that know themselves by one. */
import { readFile } from 'node:fs/promises';
import { reasonOf } from './files.ts';

export async function readAddress(place: URL): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const bytes = await readFile(place);
    return new Uint8Array(bytes);
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}
