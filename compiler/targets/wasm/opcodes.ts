/**
 * Instructions of WebAssembly by name: those without operands in the code, and memory accesses. Source: the
 * WebAssembly specification, index of instructions (2.0), and the threads and relaxed SIMD proposals.
 */

/** Value types. */
export const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
export type WasmType = keyof typeof VALUE_TYPES;

const PLAIN = {
  drop: [0x1a],
  select: [0x1b],
  'i32.eqz': [0x45],
  'i32.eq': [0x46],
  'i32.ne': [0x47],
  'i32.lt_s': [0x48],
  'i32.lt_u': [0x49],
  'i32.gt_s': [0x4a],
  'i32.gt_u': [0x4b],
  'i32.le_s': [0x4c],
  'i32.le_u': [0x4d],
  'i32.ge_s': [0x4e],
  'i32.ge_u': [0x4f],
  'f32.eq': [0x5b],
  'f32.ne': [0x5c],
  'f32.lt': [0x5d],
  'f32.gt': [0x5e],
  'f32.le': [0x5f],
  'f32.ge': [0x60],
  'i32.add': [0x6a],
  'i32.sub': [0x6b],
  'i32.mul': [0x6c],
  'i32.div_s': [0x6d],
  'i32.div_u': [0x6e],
  'i32.rem_s': [0x6f],
  'i32.rem_u': [0x70],
  'i32.and': [0x71],
  'i32.or': [0x72],
  'i32.xor': [0x73],
  'i32.shl': [0x74],
  'i32.shr_s': [0x75],
  'i32.shr_u': [0x76],
  'f32.abs': [0x8b],
  'f32.neg': [0x8c],
  'f32.ceil': [0x8d],
  'f32.floor': [0x8e],
  'f32.nearest': [0x90],
  'f32.sqrt': [0x91],
  'f32.add': [0x92],
  'f32.sub': [0x93],
  'f32.mul': [0x94],
  'f32.div': [0x95],
  'f32.min': [0x96],
  'f32.max': [0x97],
  'f32.copysign': [0x98],
  'i32.reinterpret_f32': [0xbc],
  'f32.reinterpret_i32': [0xbe],
  'f32.convert_i32_s': [0xb2],
  'f32.convert_i32_u': [0xb3],
  'i32.trunc_sat_f32_s': [0xfc, 0],
  'i32.trunc_sat_f32_u': [0xfc, 1],
  'i32x4.splat': [0xfd, 0x11],
  'f32x4.splat': [0xfd, 0x13],
  'i32x4.eq': [0xfd, 0x37],
  'i32x4.ne': [0xfd, 0x38],
  'i32x4.lt_s': [0xfd, 0x39],
  'i32x4.lt_u': [0xfd, 0x3a],
  'i32x4.gt_s': [0xfd, 0x3b],
  'i32x4.gt_u': [0xfd, 0x3c],
  'i32x4.le_s': [0xfd, 0x3d],
  'i32x4.le_u': [0xfd, 0x3e],
  'i32x4.ge_s': [0xfd, 0x3f],
  'i32x4.ge_u': [0xfd, 0x40],
  'f32x4.eq': [0xfd, 0x41],
  'f32x4.ne': [0xfd, 0x42],
  'f32x4.lt': [0xfd, 0x43],
  'f32x4.gt': [0xfd, 0x44],
  'f32x4.le': [0xfd, 0x45],
  'f32x4.ge': [0xfd, 0x46],
  'v128.not': [0xfd, 0x4d],
  'v128.and': [0xfd, 0x4e],
  'v128.andnot': [0xfd, 0x4f],
  'v128.or': [0xfd, 0x50],
  'v128.xor': [0xfd, 0x51],
  'v128.bitselect': [0xfd, 0x52],
  'f32x4.ceil': [0xfd, 0x67],
  'f32x4.floor': [0xfd, 0x68],
  'f32x4.nearest': [0xfd, 0x6a],
  'i32x4.abs': [0xfd, 0xa0, 0x01],
  'i32x4.neg': [0xfd, 0xa1, 0x01],
  'i32x4.shl': [0xfd, 0xab, 0x01],
  'i32x4.shr_s': [0xfd, 0xac, 0x01],
  'i32x4.shr_u': [0xfd, 0xad, 0x01],
  'i32x4.add': [0xfd, 0xae, 0x01],
  'i32x4.sub': [0xfd, 0xb1, 0x01],
  'i32x4.mul': [0xfd, 0xb5, 0x01],
  'i32x4.min_s': [0xfd, 0xb6, 0x01],
  'i32x4.min_u': [0xfd, 0xb7, 0x01],
  'i32x4.max_s': [0xfd, 0xb8, 0x01],
  'i32x4.max_u': [0xfd, 0xb9, 0x01],
  'f32x4.abs': [0xfd, 0xe0, 0x01],
  'f32x4.neg': [0xfd, 0xe1, 0x01],
  'f32x4.sqrt': [0xfd, 0xe3, 0x01],
  'f32x4.add': [0xfd, 0xe4, 0x01],
  'f32x4.sub': [0xfd, 0xe5, 0x01],
  'f32x4.mul': [0xfd, 0xe6, 0x01],
  'f32x4.div': [0xfd, 0xe7, 0x01],
  'f32x4.min': [0xfd, 0xe8, 0x01],
  'f32x4.max': [0xfd, 0xe9, 0x01],
  'f32x4.pmin': [0xfd, 0xea, 0x01],
  'f32x4.pmax': [0xfd, 0xeb, 0x01],
  'i32x4.trunc_sat_f32x4_s': [0xfd, 0xf8, 0x01],
  'i32x4.trunc_sat_f32x4_u': [0xfd, 0xf9, 0x01],
  'f32x4.convert_i32x4_s': [0xfd, 0xfa, 0x01],
  'f32x4.convert_i32x4_u': [0xfd, 0xfb, 0x01],
  'f32x4.relaxed_madd': [0xfd, 0x85, 0x02],
} as const satisfies Record<string, readonly number[]>;

export type Instruction = keyof typeof PLAIN;

export const encodingOf = (instruction: Instruction): readonly number[] => PLAIN[instruction];

/** Accesses with an immediate offset; `align` is the exponent of two that is promised. */
const ACCESSES = {
  'i32.load': { code: [0x28], align: 2 },
  'f32.load': { code: [0x2a], align: 2 },
  'i32.load8_u': { code: [0x2d], align: 0 },
  'i32.store': { code: [0x36], align: 2 },
  'f32.store': { code: [0x38], align: 2 },
  'v128.load': { code: [0xfd, 0x00], align: 4 },
  'v128.load32_splat': { code: [0xfd, 0x09], align: 2 },
  'v128.store': { code: [0xfd, 0x0b], align: 4 },
  'memory.atomic.notify': { code: [0xfe, 0x00], align: 2 },
  'memory.atomic.wait32': { code: [0xfe, 0x01], align: 2 },
  'i32.atomic.load': { code: [0xfe, 0x10], align: 2 },
  'i32.atomic.store': { code: [0xfe, 0x17], align: 2 },
  'i32.atomic.rmw.add': { code: [0xfe, 0x1e], align: 2 },
} as const satisfies Record<string, { code: readonly number[]; align: number }>;

export type AccessInstruction = keyof typeof ACCESSES;

export const accessOf = (instruction: AccessInstruction): { code: readonly number[]; align: number } =>
  ACCESSES[instruction];

/** Instructions with a lane number. */
const LANES = {
  'i32x4.extract_lane': [0xfd, 0x1b],
  'i32x4.replace_lane': [0xfd, 0x1c],
  'f32x4.extract_lane': [0xfd, 0x1f],
  'f32x4.replace_lane': [0xfd, 0x20],
} as const satisfies Record<string, readonly number[]>;

export type LaneInstruction = keyof typeof LANES;

export const laneEncodingOf = (instruction: LaneInstruction): readonly number[] => LANES[instruction];
