/**
 * A reduction of many elements to few results leaves a parallel machine idle: one thread a result. It becomes two,
 * [n] -> [length, parts] -> [parts] -> [], where neighbouring threads of the first read neighbouring elements; or, where a
 * team of threads takes each part, [n] -> [parts, length] -> [parts] -> [], from a greater length on. Sums get shorter
 * chains of roundings by it, too. Sizes with the batch in them stay as they are.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { castTo, reshapeTo } from '../graph/convenience.ts';
import { elementsAt, type Dimension } from '../graph/dimension.ts';
import type { DType, Node } from '../graph/ir.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { isFloat } from '../graph/op-row.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';

interface Limits {
  /** Reductions of fewer elements stay. */
  readonly long: number;
  /** Reductions with as many results have threads enough. */
  readonly few: number;
  /** Parts of neighbouring elements, for devices on which several threads share a result. */
  readonly together: boolean;
}

const LIMITS: { readonly [C in DeviceClass]: Limits } = {
  cpu: { long: 2048, few: 256, together: false },
  software: { long: 2048, few: 256, together: false },
  small: { long: 32_768, few: 32, together: true },
  large: { long: 65_536, few: 128, together: true },
};

type ReduceOp = 'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod';

export const splitLongReductions = (deviceClass: DeviceClass): Pass => ({
  name: 'split long reductions',
  run: (graph) =>
    rewriteGraph(graph, (b, node, inputs) =>
      isReduce(node) ? split(b, node, inputs[0] as number, LIMITS[deviceClass]) : undefined,
    ),
});

type ReduceNode = Extract<Node, { op: ReduceOp }>;

const isReduce = (node: Node): node is ReduceNode =>
  node.op === 'reduce_sum' ||
  node.op === 'reduce_max' ||
  node.op === 'reduce_min' ||
  node.op === 'reduce_prod';

/** Partial sums of f16 are f32; only the whole is rounded. */
function split(b: GraphBuilder, node: ReduceNode, x: number, limits: Limits): number | undefined {
  const found = reduce(b, node.op, x, node.attributes.axes, limits);
  return found === undefined ? undefined : castTo(b, found, node.type.dtype);
}

/** One step; sums and products of f16 are f32 from here on. */
function step(b: GraphBuilder, op: ReduceOp, x: number, axes: readonly number[]): number {
  const adds = op === 'reduce_sum' || op === 'reduce_prod';
  const wide = adds && b.type(x).dtype === 'f16' ? ({ dtype: 'f32' } as const) : {};
  return b.add(op, [x], { axes }, wide);
}

/** The reduction in two steps or more; undefined where one will do. */
function reduce(
  b: GraphBuilder,
  op: ReduceOp,
  x: number,
  axes: readonly number[],
  limits: Limits,
): number | undefined {
  const { shape, dtype } = b.type(x);
  if (shape.some((d) => typeof d !== 'number')) return undefined;
  const sizeOf = (which: readonly number[]) =>
    elementsAt(
      which.map((axis) => shape[axis] as Dimension),
      1,
    );
  const count = sizeOf(axes);
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  if (count < limits.long || sizeOf(kept) >= limits.few) return undefined;

  const first = axes[0] as number;
  const last = axes.at(-1) as number;
  if (last - first + 1 !== axes.length) return reduceApart(b, op, x, axes, limits);

  const before = shape.slice(0, first);
  const after = shape.slice(last + 1);
  const [length, parts] = divide(count);
  const rest = length * parts - count;
  const filled =
    rest === 0
      ? x
      : padTo(b, reshapeTo(b, x, [...before, count, ...after]), first, rest, identity(op, dtype));
  const sides = limits.together ? [parts, length] : [length, parts];
  const table = reshapeTo(b, filled, [...before, ...sides, ...after]);
  const partial = step(b, op, table, [limits.together ? first + 1 : first]);
  return reduce(b, op, partial, [first], limits) ?? step(b, op, partial, [first]);
}

/** Axes that are not neighbours: the last run of neighbours first, then the others. */
function reduceApart(
  b: GraphBuilder,
  op: ReduceOp,
  x: number,
  axes: readonly number[],
  limits: Limits,
): number {
  let begin = axes.length - 1;
  while (begin > 0 && (axes[begin - 1] as number) + 1 === axes[begin]) begin--;
  const [others, run] = [axes.slice(0, begin), axes.slice(begin)];
  const partial = reduce(b, op, x, run, limits) ?? step(b, op, x, run);
  return reduce(b, op, partial, others, limits) ?? step(b, op, partial, others);
}

/** length * parts >= count, both near the root; without a rest where a divisor is near enough. */
function divide(count: number): [length: number, parts: number] {
  const root = Math.round(Math.sqrt(count));
  for (let distance = 0; distance <= root / 2; distance++) {
    for (const length of [root - distance, root + distance]) {
      if (count % length === 0) return [length, count / length];
    }
  }
  return [root, Math.ceil(count / root)];
}

function padTo(b: GraphBuilder, x: number, axis: number, more: number, value: number): number {
  const { dtype, shape } = b.type(x);
  const none = shape.map(() => 0);
  const after = shape.map((_, i) => (i === axis ? more : 0));
  const filler = b.add('constant', [], { value }, { dtype });
  return b.add('pad', [x, filler], { before: none, after, interior: none });
}

/** What changes nothing when reduced along. */
function identity(op: ReduceOp, dtype: DType): number {
  switch (op) {
    case 'reduce_sum':
      return 0;
    case 'reduce_prod':
      return 1;
    case 'reduce_max':
      return isFloat(dtype) ? -Infinity : dtype === 'i32' ? -(2 ** 31) : 0;
    case 'reduce_min':
      return isFloat(dtype) ? Infinity : dtype === 'i32' ? 2 ** 31 - 1 : 2 ** 32 - 1;
    default:
      return op satisfies never;
  }
}
