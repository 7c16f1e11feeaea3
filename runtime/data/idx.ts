/**
 * IDX files, the format of MNIST (yann.lecun.com/exdb/mnist). In: the file's bytes, unzipped. Out: its shape
 * and unsigned bytes, in place. Layout, big-endian: two zero bytes, a type byte, the number of axes, a u32
 * for each axis, then the elements, the last axis fastest. Every length is checked.
 */
import { RuntimeFailure } from '../failure.ts';
import { elementCount, shapeText, type FilePlace, type RawArray } from './raw-array.ts';

const UNSIGNED_BYTE = 0x08;

const OTHER_TYPES: Readonly<Record<number, string>> = {
  0x09: 'signed bytes',
  0x0b: '16-bit integers',
  0x0c: '32-bit integers',
  0x0d: '32-bit floats',
  0x0e: '64-bit floats',
};

/** E0402: not such a file, or too long; E0403: too short; E0901: elements other than unsigned bytes. */
export function parseIdx(bytes: Uint8Array, place: FilePlace): RawArray {
  const { file, span } = place;
  if (bytes.length < 4) {
    throw new RuntimeFailure('E0403', `${file} is cut off: ${bytes.length} bytes are no IDX header`, {
      span,
    });
  }
  const [zero0, zero1, type = 0, axes = 0] = bytes;
  if (zero0 !== 0 || zero1 !== 0 || (type !== UNSIGNED_BYTE && OTHER_TYPES[type] === undefined)) {
    const found = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new RuntimeFailure('E0402', `${file} is not an IDX file: it begins with ${found}`, {
      span,
      help: 'An IDX file of bytes begins with 00 00 08 and the number of its axes; it may be gzipped.',
    });
  }
  if (type !== UNSIGNED_BYTE) {
    throw new RuntimeFailure('E0901', `${file} is an IDX file of ${OTHER_TYPES[type]}, not supported yet`, {
      span,
      help: 'Unsigned bytes are supported; store other numbers as npy.',
    });
  }
  if (axes === 0) throw new RuntimeFailure('E0402', `${file} is an IDX file without axes`, { span });
  const start = 4 + 4 * axes;
  if (bytes.length < start) {
    throw new RuntimeFailure('E0403', `${file} is cut off inside its header of ${start} bytes`, { span });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  checkLength(bytes.length - start, elementCount(shape), shape, place);
  return { format: 'idx', shape, data: bytes.subarray(start) };
}

/** The elements' bytes must be as many as the header says. */
export function checkLength(
  found: number,
  expected: number,
  shape: readonly number[],
  place: FilePlace,
): void {
  if (found === expected) return;
  const { file, span } = place;
  if (found < expected) {
    throw new RuntimeFailure(
      'E0403',
      `${file} is cut off: its header says ${shapeText(shape)}, ${expected} bytes, and ${found} follow`,
      { span, help: 'Copy or download the file again.' },
    );
  }
  throw new RuntimeFailure(
    'E0402',
    `${file} goes on for ${found - expected} bytes after the ${shapeText(shape)} its header says`,
    { span },
  );
}
