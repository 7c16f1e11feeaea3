/**
 * What a row of the operator table says about a primitive: how many inputs it takes, the type of its
 * result, and its value in double precision. The table itself is `ops.ts`.
 */
import type { Dimension } from './dimension.ts';
import type { HostTensor } from './host-tensor.ts';
import type { DType, OpAttributes, OpName, TensorType } from './ir.ts';

/** The parts of a result's type that inputs and attributes do not tell. */
export interface GivenType {
  readonly shape?: readonly Dimension[];
  readonly dtype?: DType;
}

/** What leaves read when a graph is run. */
export interface Environment {
  /** Records at hand: the value of the symbol B. */
  readonly batch: number;
  /** u32. */
  readonly seed: number;
  /** u32, the number of this batch in the run. */
  readonly draw: number;
  readonly parameters: ReadonlyMap<string, HostTensor>;
  readonly states: ReadonlyMap<string, HostTensor>;
  readonly inputs: ReadonlyMap<string, HostTensor>;
  readonly scalars: ReadonlyMap<string, number>;
  /** In the body of a scan: the scan's inputs, of sequences this turn's slice. */
  readonly arguments?: readonly HostTensor[];
  /** f16 values are not rounded: for derivatives by differences. */
  readonly exact?: boolean;
}

/**
 * leaf: no inputs. view: a rearrangement of elements, index arithmetic in kernels. loop: only in graphs whose
 * scans are laid out, on the way to kernels.
 */
export type OpKind =
  | 'leaf'
  | 'elementwise'
  | 'view'
  | 'reduce'
  | 'row'
  | 'matmul'
  | 'conv'
  | 'attention'
  | 'gather'
  | 'scatter'
  | 'gradient'
  | 'scan'
  | 'loop';

export interface Evaluation<P extends OpName> {
  readonly inputs: readonly HostTensor[];
  readonly attributes: OpAttributes[P];
  /** The result's, with the batch put in. */
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly environment: Environment;
}

export interface OpRow<P extends OpName> {
  readonly kind: OpKind;
  /** Number of inputs; 'several' is one or more. */
  readonly arity: number | 'several';
  /** The result's type. Throws a plain Error where inputs, attributes or `given` do not fit. */
  infer(inputs: readonly TensorType[], attributes: OpAttributes[P], given: GivenType): TensorType;
  /** The result's elements in row-major order. */
  evaluate(evaluation: Evaluation<P>): Float64Array;
}

/** Stops at a broken rule; always a bug of a stage, never of the user's program. */
export function broken(message: string): never {
  throw new Error(`internal: ${message}`);
}

/** The input at a place that the arity promises. */
export function nth<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) broken(`input ${index} is missing`);
  return item;
}

/** The result's dtype of what is added up in f32 also where it is f16: it may stay f32. */
export const accumulated = (dtype: DType, given: GivenType): DType =>
  dtype === 'f16' && given.dtype === 'f32' ? 'f32' : dtype;

export const isFloat = (dtype: DType): boolean => dtype === 'f32' || dtype === 'f16';
export const isInteger = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u32';
