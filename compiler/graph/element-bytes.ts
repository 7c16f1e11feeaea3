/** Bytes of what lies in memory. In: types, nodes. Out: bytes, at a given batch. */
import type { DType, StorageType } from '../../runtime/plan-format.ts';
import { elementsAt } from './dimension.ts';
import type { Node, TensorType } from './ir.ts';

/** Of one element: truth values are kept as u32; u8 is what columns of bytes are uploaded as. */
export const ELEMENT_BYTES: Readonly<Record<DType | StorageType, number>> = {
  f32: 4,
  f16: 2,
  i32: 4,
  u32: 4,
  bool: 4,
  u8: 1,
};

export const tensorBytes = ({ shape, dtype }: TensorType, batch: number): number =>
  elementsAt(shape, batch) * ELEMENT_BYTES[dtype];

/** Of a node's value where it lies: an input as it was uploaded. */
export const storedBytes = ({ op, type, attributes }: Node, batch: number): number =>
  op === 'input'
    ? elementsAt(type.shape, batch) * ELEMENT_BYTES[attributes.storage]
    : tensorBytes(type, batch);
