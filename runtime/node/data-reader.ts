/** Data files from a folder. In: paths as the program writes them. Out: their bytes. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, inflateRaw } from 'node:zlib';
import type { DataReader } from '../data/dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import { errorCode, reasonOf } from './files.ts';

const unzip = promisify(gunzip);
const inflate = promisify(inflateRaw);

/** Reads relative to `folder`, which is shown in errors as given. E0702: a file that cannot be read. */
export function folderReader(folder: string): DataReader {
  const resolve = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  return {
    async read(path) {
      try {
        return await readFile(resolve(path));
      } catch (error) {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
        throw new RuntimeFailure('E0702', `${resolve(path)} cannot be read: ${reasonOf(error)}`);
      }
    },
    display: resolve,
    async gunzip(bytes) {
      return unzip(bytes);
    },
    async inflate(bytes) {
      return inflate(bytes);
    },
  };
}
