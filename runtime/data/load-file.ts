/**
 * One data file. In: its path as the program writes it. Out: its bytes, unzipped where it is gzip. Every
 * failure names the file and stands at the place in the program that names it.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataReader } from './dataset.ts';
import type { FilePlace } from './raw-array.ts';

/** E0401 no such file; E0402 damaged; E0403 cut off; E0702 not readable. */
export async function loadFile(path: string, reader: DataReader, place: FilePlace): Promise<Uint8Array> {
  const bytes = await readBytes(path, reader, place);
  if (bytes === undefined) {
    throw new RuntimeFailure('E0401', `there is no file ${place.file}`, {
      span: place.span,
      help: 'Paths are relative to the program; --data DIR names another folder.',
    });
  }
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unzip(bytes, reader, place) : bytes;
}

/** A reader knows why it failed, the program where the file is named. */
async function readBytes(
  path: string,
  reader: DataReader,
  place: FilePlace,
): Promise<Uint8Array | undefined> {
  try {
    return await reader.read(path);
  } catch (error) {
    if (!(error instanceof RuntimeFailure) || error.diagnostic.span !== undefined) throw error;
    const { code, message, help } = error.diagnostic;
    throw new RuntimeFailure(code, message, { span: place.span, help });
  }
}

async function unzip(bytes: Uint8Array, reader: DataReader, place: FilePlace): Promise<Uint8Array> {
  try {
    return await reader.gunzip(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/unexpected end|truncated/i.test(reason)) {
      throw new RuntimeFailure('E0403', `${place.file} is cut off: the gzip data ends too soon`, {
        span: place.span,
        help: 'Copy or download the file again.',
      });
    }
    throw new RuntimeFailure('E0402', `${place.file} is damaged: ${reason}`, { span: place.span });
  }
}
