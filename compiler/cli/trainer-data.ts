/**
 * The data that goes into a trainer's folder, so that its page trains at once. In: the paths that the program reads, the
 * folder they start from. Out: the files, all of them or none, or why none. Holds: no file that lies in the trainer's
 * folder already is written over.
 */
import fs from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../../runtime/node/files.ts';

/** Bytes of all files: what a page loads in seconds and nobody minds to have twice. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface TrainerData {
  /** Contents by path inside the trainer's folder; what is there already with these contents is left out. */
  files: Map<string, Uint8Array>;
  /** For people: what was done, or why nothing. */
  note: string;
  /** Whether the trainer finds all of its data beside it. */
  complete: boolean;
}

/** `from`: the program's folder, or that of `--data`. `isTaken`: paths of the trainer's own files. */
export function trainerData(
  paths: readonly string[],
  from: string,
  into: string,
  isTaken: (path: string) => boolean,
): TrainerData {
  const none = (reason: string): TrainerData => ({ files: new Map(), note: `no data is copied: ${reason}`, complete: false }); // prettier-ignore
  for (const each of paths) {
    if (!isInside(each)) return none(`${each} lies outside of ${from}`);
    if (isTaken(path.posix.normalize(each))) return none(`${each} has the name of a file of the trainer`);
  }
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  for (const each of paths) {
    const file = path.join(from, each);
    try {
      bytes += fs.statSync(file).size;
      if (bytes > MOST_BYTES) return none(`it is more than ${MOST_BYTES / 1024 / 1024} MiB`);
      files.set(path.posix.normalize(each), fs.readFileSync(file));
    } catch (error) {
      return none(`${file}: ${reasonOf(error)}`);
    }
  }
  const kept: string[] = [];
  for (const [name, contents] of files) {
    const there = path.join(into, name);
    if (!fs.existsSync(there)) continue;
    if (!contentsOf(there)?.equals(contents)) kept.push(there);
    files.delete(name);
  }
  const size = `${Math.ceil(bytes / 1024)} KiB`;
  const names = `${paths.length} ${paths.length === 1 ? 'file' : 'files'} of ${from === '.' ? 'this folder' : from}`;
  const other = kept.length > 0 ? `; left as they were, and other data than that: ${kept.join(', ')}` : '';
  return { files, note: `with its data, ${names}, ${size} (--without-data leaves it out)${other}`, complete: true }; // prettier-ignore
}

/** Relative, and not upwards. */
function isInside(name: string): boolean {
  const plain = path.posix.normalize(name);
  return !path.isAbsolute(name) && plain !== '..' && !plain.startsWith('../');
}

/** Undefined where it is no file. */
function contentsOf(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}
