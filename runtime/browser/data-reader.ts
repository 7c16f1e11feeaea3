/**
 * Data files in a browser: those the user has chosen, else those that lie beside the page. In: paths as the program
 * writes them. Out: bytes. A chosen file stands for a path that ends like its own.
 */
import type { DataReader } from '../data/dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import type { ChosenFile } from './messages.ts';

/** `base`: the address of the page's folder. E0702 where several chosen files would do. */
export function browserReader(chosen: readonly ChosenFile[], base: string): DataReader {
  return {
    async read(path) {
      const file = chosenFor(path, chosen);
      if (file) return new Uint8Array(await file.contents.arrayBuffer());
      return await readBeside(path, base);
    },
    display: (path) => chosenFor(path, chosen)?.name ?? path,
    gunzip: (bytes) => decompress(bytes, 'gzip'),
    inflate: (bytes) => decompress(bytes, 'deflate-raw'),
  };
}

/** The chosen file with the most folders in common; without any, the only one of that name. */
export function chosenFor(path: string, chosen: readonly ChosenFile[]): ChosenFile | undefined {
  const candidates = chosen
    .map((file) => ({ file, common: commonEnd(path.split('/'), file.name.split('/')) }))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common);
  const [best, second] = candidates;
  if (best && second?.common === best.common) {
    throw new RuntimeFailure('E0702', `several chosen files could be ${path}`, {
      help: 'Choose the folder that holds the data, so that their places tell them apart.',
    });
  }
  return best?.file;
}

/** Names that two paths end in alike. */
function commonEnd(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a.at(-1 - count) === b.at(-1 - count)) count += 1;
  return count;
}

async function readBeside(path: string, base: string): Promise<Uint8Array | undefined> {
  const place = new URL(path, base);
  // A page that was opened as a file may read none.
  if (place.protocol !== 'http:' && place.protocol !== 'https:') return undefined;
  const answer = await fetch(place).catch((error: unknown) => {
    throw new RuntimeFailure('E0702', `${place.href} cannot be read: ${String(error)}`);
  });
  if (answer.status === 404) return undefined;
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  throw new RuntimeFailure('E0702', `${place.href} cannot be read: the server answers ${answer.status}`);
}

async function decompress(bytes: Uint8Array, format: 'gzip' | 'deflate-raw'): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream as ReadableStream).arrayBuffer());
}
