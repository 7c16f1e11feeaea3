/**
 * What a sample of a primitive is: a small graph around it, values for its leaves, and hand-picked results
 * where they are known. The tests of the interpreter, of the derivatives and of every target iterate the
 * same table (`samples.ts`).
 */
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { elementCount, hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { DType, Graph } from '../../compiler/graph/ir.ts';

export interface OpSample {
  readonly name: string;
  /** One output, `result`. May hold `gradient` and `detach` nodes: run expandGradients first. */
  readonly graph: Graph;
  /** `inputs` by name; elements are f32 numbers (u32, i32 where the tensor says so). */
  readonly environment: Environment;
  /** The result's elements as computed by hand. */
  readonly expected?: readonly number[];
  /** Inputs by which the result can be differentiated; their values lie away from kinks. */
  readonly variables: readonly string[];
  /** Terms that are summed for one element of the result: for the tolerance of f32 targets. */
  readonly terms: number;
  /** NaN or infinities go in or come out. */
  readonly special: boolean;
}

export interface SampleOptions {
  readonly expected?: readonly number[];
  readonly variables?: readonly string[];
  readonly terms?: number;
  readonly environment?: Partial<Environment>;
}

/** A graph of input nodes and what `build` makes of them. Variables are all f32 inputs by default. */
export function sample(
  name: string,
  tensors: Readonly<Record<string, HostTensor>>,
  build: (b: GraphBuilder, ...inputs: number[]) => number,
  options: SampleOptions = {},
): OpSample {
  const b = new GraphBuilder(name.replaceAll(' ', '_'));
  const inputs = Object.entries(tensors).map(([key, { dtype, shape }]) => {
    const storage = dtype === 'bool' || dtype === 'f16' ? 'u32' : dtype;
    return b.add('input', [], { name: key, storage }, { shape, dtype });
  });
  b.output('result', build(b, ...inputs), 'result');
  const floats = Object.entries(tensors).filter(([, tensor]) => tensor.dtype === 'f32');
  const values = [...Object.values(tensors).flatMap(({ data }) => [...data]), ...(options.expected ?? [])];
  return {
    name,
    graph: b.finish(),
    environment: environment({ inputs: new Map(Object.entries(tensors)), ...options.environment }),
    ...(options.expected ? { expected: options.expected } : {}),
    variables: options.variables ?? floats.map(([key]) => key),
    terms: options.terms ?? 1,
    special: values.some((value) => !Number.isFinite(value)),
  };
}

/** Odd sizes and ranks 0 to 4. */
export const SHAPES: readonly (readonly number[])[] = [[], [1], [3], [127], [3, 5], [5, 1, 3], [1, 3, 5, 1]];

/** Uniform numbers in [0, 1), always the same for a seed (mulberry32). */
export function uniforms(count: number, seed: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  });
}

/** A tensor of `shape` whose elements are f(u), u uniform in [0, 1), rounded to f32. */
export function tensorOf(
  shape: readonly number[],
  seed: number,
  f: (u: number) => number = (u) => 4 * u - 2,
  dtype: DType = 'f32',
): HostTensor {
  const data = uniforms(elementCount(shape), seed).map(f);
  return hostTensor(shape, dtype === 'f32' ? data.map(Math.fround) : data, dtype);
}

/** A list of numbers as a tensor of rank 1. */
export function vector(data: readonly number[], dtype: DType = 'f32'): HostTensor {
  return hostTensor([data.length], data, dtype);
}

/** A truth value for each number above zero: how bool operands come into a graph. */
export function positive(b: GraphBuilder, x: number): number {
  const zero = b.add('constant', [], { value: 0 });
  const { shape } = b.type(x);
  const flat = b.add('reshape', [zero], {}, { shape: shape.map(() => 1) });
  return b.add('gt', [x, b.add('broadcast', [flat], {}, { shape })], {});
}

/** Distinct f32 numbers in random order, `gap` apart, around 0. */
export function distinct(shape: readonly number[], seed: number, gap = 0.1): HostTensor {
  const count = elementCount(shape);
  const order = uniforms(count, seed)
    .map((key, i) => ({ key, i }))
    .sort((a, b) => a.key - b.key);
  return hostTensor(
    shape,
    order.map(({ i }) => Math.fround((i - count / 2 + 0.25) * gap)),
  );
}
