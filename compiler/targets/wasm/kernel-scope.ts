/**
 * What the writing of one kernel keeps at hand. In: the kernel, where the uniform block lies, the module's helpers.
 * Out: locals of variables, addresses of elements. The function's parameters are FROM, TO, SCRATCH, then one base
 * address a binding, then the number of the turn of each loop that the kernel asks for.
 */
import type { Expression, Kernel, KernelBinding, ScratchArray, ValueType } from '../../kernel/ir.ts';
import type { FunctionBuilder } from './function-builder.ts';
import type { Helpers } from './helpers.ts';
import type { WasmType } from './opcodes.ts';

/** Parameters of a kernel's function: its threads from (inclusive) to (exclusive), its scratch memory, the bindings. */
export const FROM = 0;
export const TO = 1;
export const SCRATCH = 2;
export const FIRST_BINDING = 3;

/** Offsets of the uniform block, see `UniformSpec`. */
const SEED = 0;
const DRAW = 4;
const BATCH = 8;
const SCALARS = 16;

export interface UniformPlace {
  readonly address: number;
  /** Names of the f32 scalars, in order. */
  readonly scalars: readonly string[];
}

export const seedAddress = ({ address }: UniformPlace): number => address + SEED;
export const drawAddress = ({ address }: UniformPlace): number => address + DRAW;
export const batchAddress = ({ address }: UniformPlace): number => address + BATCH;

export function scalarAddress({ address, scalars }: UniformPlace, name: string): number {
  const index = scalars.indexOf(name);
  if (index < 0) throw new Error(`internal: scalar ${name} is not in the uniform block`);
  return address + SCALARS + 4 * index;
}

/** How a value lies on the stack: truth values are 0 or 1 alone, all bits or none in a lane of four. */
export const wasmTypeOf = ({ scalar, lanes }: ValueType): WasmType =>
  lanes === 4 ? 'v128' : scalar === 'f32' ? 'f32' : 'i32';

export interface KernelScope {
  readonly f: FunctionBuilder;
  readonly kernel: Kernel;
  readonly uniform: UniformPlace;
  readonly helpers: Helpers;
  /** Multiply and add in one rounding, where the engine has it. */
  readonly relaxed: boolean;
  /** The loops whose turn's number the kernel asks for. */
  readonly turns: readonly number[];
  readonly variables: Map<string, number>;
  /** Puts the value of an expression on the stack. */
  emit(expression: Expression): void;
}

export function variableLocal(scope: KernelScope, name: string): number {
  const local = scope.variables.get(name);
  if (local === undefined) throw new Error(`internal: ${scope.kernel.name} has no variable ${name}`);
  return local;
}

/** The parameter that holds the turn of a loop. */
export function turnParameter({ kernel, turns }: KernelScope, depth: number): number {
  return FIRST_BINDING + kernel.bindings.length + turns.indexOf(depth);
}

export function bindingOf({ kernel }: KernelScope, index: number): KernelBinding {
  const binding = kernel.bindings[index];
  if (!binding) throw new Error(`internal: ${kernel.name} has no binding ${index}`);
  return binding;
}

const bytesOf = ({ width, length }: ScratchArray): number => 4 * width * length;
const SCRATCH_ALIGNMENT = 64;

/** Where a scratch array starts in the thread's memory. */
export function scratchOffset({ kernel }: KernelScope, array: number): number {
  let offset = 0;
  for (const earlier of (kernel.scratch ?? []).slice(0, array))
    offset += Math.ceil(bytesOf(earlier) / SCRATCH_ALIGNMENT) * SCRATCH_ALIGNMENT;
  return offset;
}

/** Scratch memory a thread needs for the kernel. */
export const scratchBytes = (kernel: Kernel): number =>
  (kernel.scratch ?? []).reduce(
    (sum, array) => sum + Math.ceil(bytesOf(array) / SCRATCH_ALIGNMENT) * SCRATCH_ALIGNMENT,
    0,
  );
