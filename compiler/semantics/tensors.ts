/**
 * Emits graph nodes for the elaborator and remembers, for every axis, where its size comes from. In: checked
 * operands (the callers report mistakes to the user). Out: node ids. Nothing is emitted where nothing is
 * needed: a reshape to the same shape is the value itself. Weights, states and raw fields always belong to the
 * graph around a loop (`nodes.ts`).
 */
import type { DType, StorageType } from '../../runtime/plan-format.ts';
import { addDimensions, equalDimensions, equalShapes, type Dimension } from '../graph/dimension.ts';
import type { AttentionAttributes, BinaryOp, ConvolutionAttributes, UnaryOp } from '../graph/ir.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { Nodes } from './nodes.ts';
import type { Axis } from './values.ts';

const ONE: Axis = { size: 1 };

/** NumPy's rule for two shapes. Undefined where they do not agree. */
export function broadcastAxes(a: readonly Axis[], b: readonly Axis[]): readonly Axis[] | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Axis[] = [];
  for (let axis = 0; axis < rank; axis += 1) {
    const x = a[axis - rank + a.length] ?? ONE;
    const y = b[axis - rank + b.length] ?? ONE;
    if (equalDimensions(x.size, y.size)) result.push(x.origin ? x : y);
    else if (equalDimensions(y.size, 1)) result.push(x);
    else if (equalDimensions(x.size, 1)) result.push(y);
    else return undefined;
  }
  return result;
}

export class Tensors extends Nodes {
  private readonly origins = new Map<number, readonly Axis[]>();

  rank(id: number): number {
    return this.shape(id).length;
  }

  axes(id: number): readonly Axis[] {
    return this.origins.get(id) ?? this.shape(id).map((size) => ({ size }));
  }

  /** Says where the sizes of a value come from, as seen from here on. */
  describe(id: number, axes: readonly Axis[]): void {
    this.origins.set(id, axes);
  }

  private keep(id: number, axes: readonly Axis[]): number {
    this.origins.set(id, axes);
    return id;
  }

  parameter(name: string, axes: readonly Axis[]): number {
    return this.outside(() => {
      const id = this.add('parameter', [], { name }, { shape: sizes(axes), dtype: 'f32' });
      return this.keep(id, axes);
    });
  }

  /** A layer state, or a statistic of the data, as it was before this graph. */
  state(name: string, axes: readonly Axis[]): number {
    return this.outside(() => {
      const id = this.add('state', [], { name }, { shape: sizes(axes), dtype: 'f32' });
      return this.keep(id, axes);
    });
  }

  input(name: string, storage: StorageType, dtype: DType, axes: readonly Axis[]): number {
    return this.keep(this.add('input', [], { name, storage }, { shape: sizes(axes), dtype }), axes);
  }

  constant(value: Dimension, dtype: DType): number {
    return this.add('constant', [], { value }, { dtype });
  }

  /** 0, 1, 2 … along one axis of its own. */
  iota(axis: Axis): number {
    return this.keep(this.add('iota', [], { axis: 0 }, { shape: [axis.size], dtype: 'u32' }), [axis]);
  }

  /** In a loop a new draw in every turn. */
  randomBits(stream: number, axes: readonly Axis[]): number {
    const { turn } = this;
    if (turn) {
      const ofAllTurns = this.around(() => this.randomBits(stream, [{ size: turn.turns }, ...axes]));
      return this.keep(turn.sequence(ofAllTurns), axes);
    }
    return this.keep(this.add('random_bits', [], { stream }, { shape: sizes(axes), dtype: 'u32' }), axes);
  }

  cast(id: number, dtype: DType): number {
    if (this.dtype(id) === dtype) return id;
    return this.keep(this.add('cast', [id], {}, { dtype }), this.axes(id));
  }

  unary(op: UnaryOp | 'detach', id: number): number {
    return this.keep(this.add(op, [id], {}), this.axes(id));
  }

  /** Operands of one dtype whose shapes broadcast. */
  binary(op: BinaryOp, a: number, b: number): number {
    const axes = this.together(a, b);
    const [x, y] = [this.broadcast(a, axes), this.broadcast(b, axes)];
    return this.keep(this.add(op, [x, y], {}), axes);
  }

  select(condition: number, a: number, b: number): number {
    const axes = broadcastAxes(this.axes(condition), this.together(a, b));
    if (!axes) throw new Error('internal: select of shapes that do not agree');
    const inputs = [condition, a, b].map((id) => this.broadcast(id, axes));
    return this.keep(this.add('select', inputs, {}), axes);
  }

  private together(a: number, b: number): readonly Axis[] {
    const axes = broadcastAxes(this.axes(a), this.axes(b));
    if (!axes) throw new Error('internal: shapes that do not agree');
    return axes;
  }

  reshape(id: number, axes: readonly Axis[]): number {
    if (equalShapes(this.shape(id), sizes(axes))) return id;
    return this.keep(this.add('reshape', [id], {}, { shape: sizes(axes) }), axes);
  }

  /** NumPy's broadcast: new axes in front, those of size 1 repeated. */
  broadcast(id: number, axes: readonly Axis[]): number {
    if (equalShapes(this.shape(id), sizes(axes))) return id;
    const added = axes.slice(0, axes.length - this.rank(id)).map(() => ONE);
    const aligned = this.reshape(id, [...added, ...this.axes(id)]);
    if (equalShapes(this.shape(aligned), sizes(axes))) return aligned;
    return this.keep(this.add('broadcast', [aligned], {}, { shape: sizes(axes) }), axes);
  }

  transpose(id: number, permutation: readonly number[]): number {
    if (permutation.every((axis, i) => axis === i)) return id;
    const from = this.axes(id);
    const node = this.add('transpose', [id], { permutation });
    return this.keep(
      node,
      permutation.map((axis) => from[axis] ?? ONE),
    );
  }

  slice(
    id: number,
    starts: readonly Dimension[],
    limits: readonly Dimension[],
    steps: readonly number[],
  ): number {
    const from = this.axes(id);
    const node = this.add('slice', [id], { starts, limits, steps });
    return this.keep(node, this.inherit(node, from));
  }

  /** Two axes of one size as one, at the place of the first. */
  diagonal(id: number, first: number, second: number): number {
    const from = this.axes(id);
    return this.keep(this.add('diagonal', [id], { first, second }), from.toSpliced(second, 1));
  }

  reverse(id: number, axes: readonly number[]): number {
    return this.keep(this.add('reverse', [id], { axes }), this.axes(id));
  }

  /** `value` has shape [] and the dtype of `id`. */
  pad(id: number, value: number, before: readonly number[], after: readonly number[]): number {
    const node = this.add('pad', [id, value], { before, after, interior: before.map(() => 0) });
    return this.keep(node, this.inherit(node, this.axes(id)));
  }

  concat(ids: readonly number[], axis: number): number {
    const [first] = ids;
    if (first !== undefined && ids.length === 1) return first;
    const node = this.add('concat', ids, { axis });
    return this.keep(node, this.inherit(node, first === undefined ? [] : this.axes(first)));
  }

  reduce(
    op: 'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod',
    id: number,
    axes: readonly number[],
    keep: boolean,
  ): number {
    if (axes.length === 0) return id;
    const from = this.axes(id);
    const node = this.add(op, [id], { axes });
    this.keep(
      node,
      from.filter((_, axis) => !axes.includes(axis)),
    );
    return keep ? this.restore(node, from, axes) : node;
  }

  argument(op: 'argmax' | 'argmin', id: number, axis: number, keep: boolean): number {
    const from = this.axes(id);
    const node = this.add(op, [id], { axis });
    this.keep(
      node,
      from.filter((_, i) => i !== axis),
    );
    return keep ? this.restore(node, from, [axis]) : node;
  }

  private restore(id: number, from: readonly Axis[], axes: readonly number[]): number {
    return this.reshape(
      id,
      from.map((axis, i) => (axes.includes(i) ? ONE : axis)),
    );
  }

  /** Operands of rank two or more with equal batch axes. */
  matmul(a: number, b: number): number {
    const node = this.add('matmul', [a, b], {});
    return this.keep(node, [...this.axes(a).slice(0, -1), this.axes(b).at(-1) ?? ONE]);
  }

  /** q, k, v of one batch, and perhaps a mask. */
  attention(inputs: readonly number[], attributes: AttentionAttributes): number {
    const node = this.add('attention', inputs, attributes);
    const [q, , v] = inputs as [number, number, number];
    return this.keep(node, [...this.axes(q).slice(0, -1), this.axes(v).at(-1) ?? ONE]);
  }

  /** x[N, groups, in, size…] by w[groups, out, in, kernel…]. */
  convolution(x: number, w: number, attributes: ConvolutionAttributes): number {
    const node = this.add('conv', [x, w], attributes);
    const [from, kernel] = [this.axes(x), this.axes(w)];
    const leading = [from[0] ?? ONE, from[1] ?? ONE, kernel[1] ?? ONE];
    return this.keep(node, this.inherit(node, [...leading, ...from.slice(3)]));
  }

  /** The maximum over axes whose gradient goes to the first of equals. */
  firstMaximum(id: number, axes: readonly number[]): number {
    const from = this.axes(id);
    return this.keep(
      this.add('reduce_max', [id], { axes, ties: 'first' }),
      from.filter((_, axis) => !axes.includes(axis)),
    );
  }

  /** What `build` emits of a value by the graph's own compositions; `leading` axes come out as they were. */
  built(of: number, build: (builder: GraphBuilder, id: number) => number, leading: readonly Axis[]): number {
    const id = this.compose(of, build);
    return this.keep(id, this.inherit(id, leading));
  }

  take(id: number, index: number, axis: number): number {
    const node = this.add('take', [id, index], { axis });
    const from = this.axes(id);
    return this.keep(node, [...from.slice(0, axis), ...this.axes(index), ...from.slice(axis + 1)]);
  }

  /** Axes but `axis` have equal sizes in the value and the index. */
  gather(id: number, index: number, axis: number): number {
    return this.keep(this.add('gather', [id, index], { axis }), this.axes(index));
  }

  cumsum(id: number, axis: number): number {
    return this.keep(this.add('cumsum', [id], { axis, reverse: false }), this.axes(id));
  }

  topK(id: number, axis: number, k: number): number {
    const axes = this.axes(id).map((old, i): Axis => (i === axis ? { size: k } : old));
    return this.keep(this.add('top_k', [id], { axis, k }), axes);
  }

  scatterAdd(id: number, index: number, source: number, axis: number): number {
    // f16 is added up in f32.
    const dtype = this.dtype(id);
    const wide = dtype === 'f16' ? 'f32' : dtype;
    const inputs = [this.cast(id, wide), index, this.cast(source, wide)];
    return this.cast(this.keep(this.add('scatter_add', inputs, { axis }), this.axes(id)), dtype);
  }

  gradient(of: number, by: number): number {
    return this.keep(this.add('gradient', [of, by], {}), this.axes(by));
  }

  /** Axes of a result: those of `from` where the size stayed. */
  private inherit(id: number, from: readonly Axis[]): readonly Axis[] {
    return this.shape(id).map((size, i) => {
      const before = from[i];
      return before && equalDimensions(before.size, size) ? before : { size };
    });
  }
}

export const sizes = (axes: readonly Axis[]): Dimension[] => axes.map((axis) => axis.size);

/** The sum of sizes, for concatenation. */
export const totalSize = (axes: readonly Axis[]): Dimension =>
  axes.reduce<Dimension>((sum, axis) => addDimensions(sum, axis.size), 0);

/** `[B, 784]`: sizes by symbol where the program has one. */
export function printAxes(axes: readonly Axis[]): string {
  return `[${axes.map(printAxis).join(', ')}]`;
}

export function printAxis(axis: Axis): string {
  if (axis.origin?.symbol !== undefined) return axis.origin.symbol;
  if (typeof axis.size === 'number') return String(axis.size);
  const { times, plus } = axis.size;
  const head = times === 1 ? 'B' : `${times} * B`;
  return plus === 0 ? head : plus > 0 ? `${head} + ${plus}` : `${head} - ${-plus}`;
}
