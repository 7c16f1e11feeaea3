/** Bytes of one element of an intermediate, by dtype; truth values are kept as u32. */
import type { DType } from '../../runtime/plan-format.ts';

export const ELEMENT_BYTES: Readonly<Record<DType, number>> = { f32: 4, f16: 2, i32: 4, u32: 4, bool: 4 };
