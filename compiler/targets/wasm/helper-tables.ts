/** What operators and functions of helper texts are in WebAssembly, by the type of the first operand. */
import type { HelperType } from './helper-parser.ts';
import type { Instruction } from './opcodes.ts';

export const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];

type ByType<T> = Readonly<Record<HelperType, T>>;

/** `bits`: one instruction whatever the type. */
const everywhere = (vector: Instruction, single: Instruction): ByType<Instruction> => ({
  F: vector, U: vector, I: vector, B: vector, u32: single,
}); // prettier-ignore

const arithmetic = (f: Instruction, i: Instruction, single: Instruction): ByType<Instruction> => ({
  F: f, U: i, I: i, B: i, u32: single,
}); // prettier-ignore

const ordered = (f: Instruction, u: Instruction, i: Instruction): ByType<Instruction> => ({
  F: f, U: u, I: i, B: u, u32: 'i32.lt_u',
}); // prettier-ignore

export const BINARY: Readonly<Record<string, ByType<Instruction>>> & {
  readonly '<<': ByType<Instruction>;
  readonly '>>': ByType<Instruction>;
} = {
  '+': arithmetic('f32x4.add', 'i32x4.add', 'i32.add'),
  '-': arithmetic('f32x4.sub', 'i32x4.sub', 'i32.sub'),
  '*': arithmetic('f32x4.mul', 'i32x4.mul', 'i32.mul'),
  '/': arithmetic('f32x4.div', 'f32x4.div', 'i32.div_u'),
  '&': everywhere('v128.and', 'i32.and'),
  '|': everywhere('v128.or', 'i32.or'),
  '^': everywhere('v128.xor', 'i32.xor'),
  '<<': everywhere('i32x4.shl', 'i32.shl'),
  '>>': { F: 'i32x4.shr_u', U: 'i32x4.shr_u', I: 'i32x4.shr_s', B: 'i32x4.shr_u', u32: 'i32.shr_u' },
  '==': arithmetic('f32x4.eq', 'i32x4.eq', 'i32.eq'),
  '!=': arithmetic('f32x4.ne', 'i32x4.ne', 'i32.ne'),
  '<': ordered('f32x4.lt', 'i32x4.lt_u', 'i32x4.lt_s'),
  '<=': ordered('f32x4.le', 'i32x4.le_u', 'i32x4.le_s'),
  '>': ordered('f32x4.gt', 'i32x4.gt_u', 'i32x4.gt_s'),
  '>=': ordered('f32x4.ge', 'i32x4.ge_u', 'i32x4.ge_s'),
};

/** Functions of WGSL that are few instructions. `min` and `max` need not care for NaN: helpers mend that. */
export const SIMPLE: Readonly<Record<string, Partial<ByType<readonly Instruction[]>>>> = {
  abs: { F: ['f32x4.abs'], I: ['i32x4.abs'] },
  floor: { F: ['f32x4.floor'] },
  round: { F: ['f32x4.nearest'] },
  sqrt: { F: ['f32x4.sqrt'] },
  min: { F: ['f32x4.pmin'], I: ['i32x4.min_s'], U: ['i32x4.min_u'] },
  max: { F: ['f32x4.pmax'], I: ['i32x4.max_s'], U: ['i32x4.max_u'] },
};

/** Conversions of four lanes: to, then from. */
export const CONVERSIONS: Readonly<
  Record<'F' | 'U' | 'I' | 'B', Readonly<Record<'F' | 'U' | 'I' | 'B', readonly Instruction[]>>>
> = {
  F: { F: [], U: ['f32x4.convert_i32x4_u'], I: ['f32x4.convert_i32x4_s'], B: [] },
  U: { F: ['i32x4.trunc_sat_f32x4_u'], U: [], I: [], B: [] },
  I: { F: ['i32x4.trunc_sat_f32x4_s'], U: [], I: [], B: [] },
  B: { F: [], U: [], I: [], B: [] },
};
