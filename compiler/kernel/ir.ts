/**
 * Kernel IR: loop nests over scalar and vec4 expressions, typed. In: a scheduled group of graph nodes.
 * Out: what each target prints. A kernel is a grid of threads, each running `body`. They are independent, unless the
 * kernel has scratch arrays and barriers: then the threads of a workgroup share those.
 *
 * Index arithmetic is u32. `batch` stands for the number of records at hand, from the uniform block.
 */
import type { DType, Span, StorageType } from '../../runtime/plan-format.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { Phase } from '../graph/ir.ts';

/** Types of values in a kernel; `bool` is a value here and a u32 in memory. */
export type ScalarType = DType;

export interface ValueType {
  readonly scalar: ScalarType;
  readonly lanes: 1 | 4;
}

/** A tensor a kernel touches. `width` 4: the binding is an array of vec4, indices count vec4s. */
export interface KernelBinding {
  /** The graph value (`v12`), or the named tensor it stands for (see `BindingTarget`). */
  readonly tensor: BindingTarget;
  readonly storage: StorageType | 'f16' | 'bool';
  readonly width: 1 | 4;
  readonly reads: boolean;
  readonly writes: boolean;
  /** A part of a tensor that is larger than one binding, in bytes; indices count from its start. */
  readonly window?: { readonly from: number; readonly bytes: number };
  /** Each element belongs to one thread, which may load what it has stored there itself. */
  readonly accumulates?: true;
}

/**
 * Memory of one workgroup, which its threads share: tiles and partial results. It starts with whatever was there,
 * and outlives nothing. `width` 4: an array of vec4, indices count vec4s. On a target whose workgroups are single
 * threads it is that thread's own.
 */
export interface ScratchArray {
  readonly name: string;
  readonly scalar: 'f32' | 'u32' | 'i32';
  readonly width: 1 | 4;
  /** Elements, or vec4s. */
  readonly length: number;
}

/** Where a binding lives: an intermediate of the routine, or a tensor with a name and a place of its own. */
export type BindingTarget =
  | { readonly kind: 'value'; readonly value: number; readonly part?: number }
  | { readonly kind: 'named'; readonly name: string };

export type UnaryFunction =
  | 'neg' | 'not' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'sin' | 'cos' | 'tan'
  | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'erf' | 'is_nan' | 'is_inf'; // prettier-ignore

export type BinaryFunction =
  | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow' | 'min' | 'max' | 'and' | 'or'
  | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'; // prettier-ignore

export type Expression =
  /** Any f64 value; the target prints infinities and NaN in a form it accepts. bool: 0 or 1. */
  | { readonly kind: 'literal'; readonly type: ValueType; readonly value: number }
  | { readonly kind: 'variable'; readonly type: ValueType; readonly name: string }
  /** Records at hand, u32. */
  | { readonly kind: 'batch'; readonly type: ValueType }
  /** The number of the turn in a loop of dispatches, u32; `depth` loops are around that. */
  | { readonly kind: 'turn'; readonly type: ValueType; readonly depth: number }
  /** A scalar of the uniform block, f32. */
  | { readonly kind: 'scalar'; readonly type: ValueType; readonly name: string }
  /** Element (or vec4, by the binding's width) `index` of a binding. */
  | { readonly kind: 'load'; readonly type: ValueType; readonly binding: number; readonly index: Expression }
  /** Element (or vec4, by the array's width) `index` of a scratch array of the kernel. */
  | {
      readonly kind: 'scratch_load';
      readonly type: ValueType;
      readonly array: number;
      readonly index: Expression;
    }
  | {
      readonly kind: 'unary';
      readonly type: ValueType;
      readonly function: UnaryFunction;
      readonly operand: Expression;
    }
  | {
      readonly kind: 'binary';
      readonly type: ValueType;
      readonly function: BinaryFunction;
      readonly left: Expression;
      readonly right: Expression;
    }
  /** a * b + c, in one rounding where the target has it. */
  | {
      readonly kind: 'fma';
      readonly type: ValueType;
      readonly a: Expression;
      readonly b: Expression;
      readonly c: Expression;
    }
  | {
      readonly kind: 'select';
      readonly type: ValueType;
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  | { readonly kind: 'cast'; readonly type: ValueType; readonly operand: Expression }
  /** One scalar in all lanes. */
  | { readonly kind: 'splat'; readonly type: ValueType; readonly operand: Expression }
  | {
      readonly kind: 'vector';
      readonly type: ValueType;
      readonly lanes: readonly [Expression, Expression, Expression, Expression];
    }
  | {
      readonly kind: 'lane';
      readonly type: ValueType;
      readonly operand: Expression;
      readonly lane: 0 | 1 | 2 | 3;
    }
  /** threefry2x32-20, first word; key (seed, draw) of the uniform block, counter (stream, element). u32. */
  | {
      readonly kind: 'random_bits';
      readonly type: ValueType;
      readonly stream: number;
      readonly element: Expression;
    };

export type Statement =
  | { readonly kind: 'let'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'var'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expression }
  /** variable from `from` (inclusive) to `to` (exclusive) by `step`; u32. */
  | {
      readonly kind: 'for';
      readonly variable: string;
      readonly from: Expression;
      readonly to: Expression;
      readonly step: number;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly else?: readonly Statement[];
    }
  | {
      readonly kind: 'store';
      readonly binding: number;
      readonly index: Expression;
      readonly value: Expression;
    }
  | {
      readonly kind: 'scratch_store';
      readonly array: number;
      readonly index: Expression;
      readonly value: Expression;
    }
  /**
   * All threads of the workgroup come here before any goes on, and see what the others stored to scratch arrays. It
   * stands where all of them come or none (`uniformity.ts`). Storage is not ordered by it.
   */
  | { readonly kind: 'barrier' };

export type KernelKind =
  | 'elementwise' | 'reduce' | 'row' | 'matmul' | 'conv' | 'attention' | 'pool' | 'gather' | 'scatter' | 'update'; // prettier-ignore

export interface Kernel {
  /** Operators joined: `dense_relu`; the id comes with the plan. */
  readonly name: string;
  readonly kind: KernelKind;
  readonly phase: Phase;
  /** Graph operators computed here, in order. */
  readonly ops: readonly string[];
  readonly source: readonly Span[];
  readonly bindings: readonly KernelBinding[];
  /** Arrays of each workgroup; absent: none. */
  readonly scratch?: readonly ScratchArray[];
  /**
   * Threads wanted along x, y, z; thread ids are the u32 variables `x`, `y`, `z` of the body, `group_x`, `group_y`,
   * `group_z` those of its workgroup, and `local` is the number of the thread in its workgroup, x fastest. The target
   * rounds up to whole workgroups and guards, and folds more than 65,535 workgroups of x into y. With barriers the
   * threads are whole workgroups along every axis, so that nothing has to be guarded but whole workgroups.
   */
  readonly threads: readonly [Dimension[], Dimension[], Dimension[]];
  readonly workgroup: readonly [number, number, number];
  readonly body: readonly Statement[];
  /** Floating-point operations at the largest batch. */
  readonly flops: number;
  readonly vectorWidth: 1 | 4;
}
