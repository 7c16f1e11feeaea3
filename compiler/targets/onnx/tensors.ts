/** Numbers as tensors of a file. In: numbers, an element type. Out: little-endian bytes. */
import type { DType } from '../../graph/ir.ts';
import type { ElementType } from './model.ts';

/** How the graph's values are held. */
export const ELEMENT_OF: Readonly<Record<DType, ElementType>> = {
  f32: 'f32',
  f16: 'f16',
  i32: 'i32',
  u32: 'i64',
  bool: 'bool',
};

const BYTES: Readonly<Record<ElementType, number>> = { f32: 4, f16: 2, i32: 4, i64: 8, bool: 1 };

export function tensorBytes(values: ArrayLike<number>, type: ElementType): Uint8Array {
  const bytes = new Uint8Array(values.length * BYTES[type]);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (type === 'f32') view.setFloat32(4 * i, value, true);
    else if (type === 'i32') view.setInt32(4 * i, value, true);
    else if (type === 'i64') view.setBigInt64(8 * i, BigInt(value), true);
    else if (type === 'bool') view.setUint8(i, value === 0 ? 0 : 1);
    else throw new Error(`internal: numbers of ${type} are cast from f32`);
  }
  return bytes;
}
