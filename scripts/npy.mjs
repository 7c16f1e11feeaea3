/** NumPy's files, for the data of the examples. In: a shape and a typed array. Out: bytes of format 1.0. */

const KINDS = new Map([
  [Uint8Array, '|u1'],
  [Float32Array, '<f4'],
]);

/** The file of an array in C order. */
export function npy(shape, values) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${KINDS.get(values.constructor)}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0]);
  return Buffer.concat([start, length, Buffer.from(padded), new Uint8Array(values.buffer)]);
}
