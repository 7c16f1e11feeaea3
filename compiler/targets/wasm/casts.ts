/**
 * Conversions of the value on the stack. In: its type, the scalar it becomes. Meaning of graph/ops `convert`: to
 * truth is "not zero", floats to integers truncate and stop at the ends of the range, NaN is 0.
 */
import type { ScalarType, ValueType } from '../../kernel/ir.ts';
import type { KernelScope } from './kernel-scope.ts';

export function emitCast({ f }: KernelScope, from: ValueType, to: ScalarType): void {
  const wide = from.lanes === 4;
  if (from.scalar === to) return;
  if (to === 'bool') {
    if (from.scalar === 'f32') {
      if (wide) f.floats(0).op('f32x4.ne');
      else f.f32(0).op('f32.ne');
    } else if (wide) f.words(0).op('i32x4.ne');
    else f.i32(0).op('i32.ne');
    return;
  }
  if (from.scalar === 'f32') {
    if (to === 'i32') f.op(wide ? 'i32x4.trunc_sat_f32x4_s' : 'i32.trunc_sat_f32_s');
    if (to === 'u32') f.op(wide ? 'i32x4.trunc_sat_f32x4_u' : 'i32.trunc_sat_f32_u');
    return;
  }
  // All bits of a lane that is true: of them those of 1.
  if (from.scalar === 'bool' && wide) {
    if (to === 'f32') f.floats(1).op('v128.and');
    else f.words(1).op('v128.and');
    return;
  }
  if (to !== 'f32') return;
  if (from.scalar === 'i32') f.op(wide ? 'f32x4.convert_i32x4_s' : 'f32.convert_i32_s');
  else f.op(wide ? 'f32x4.convert_i32x4_u' : 'f32.convert_i32_u');
}
