/**
 * Kernels with a thread per result element, or per four: element-wise chains, reductions, look-ups. In: a
 * group and how to use vec4. Out: threads, workgroup and, in the workspace, the body: all values first, the
 * stores last, so that a tensor may be overwritten at the place where it was read.
 */
import { addDimensions, elementsAt, equalShapes, type Dimension } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { LANE } from './emitter.ts';
import { LANES, laneOf, spread } from './expression.ts';
import { ZERO, constant, fromAtom, indexVariable, scaled, sum, type Index } from './index-expression.ts';
import type { Expression } from './ir.ts';
import { storageOf, vectorIndex, vectorStart } from './reader.ts';
import { countOf, flatten, sizesOf, unflatten } from './shapes.ts';
import { writesOf, writtenPosition, type KernelShape, type Workspace, type Write } from './workspace.ts';

export interface Variant {
  /** Four neighbouring result elements a thread. */
  readonly outerLanes: boolean;
  /** Sums run four elements at a time along the innermost reduced axis. */
  readonly innerLanes: boolean;
  /** How many vec4s may be put together from scalar loads before the next variant is tried. */
  readonly gathers: number;
}

/** Undefined where the variant does not fit the sizes. */
export function lowerGrid(workspace: Workspace, variant: Variant): KernelShape | undefined {
  const { graph, group, context, reader } = workspace;
  const writes = writesOf(graph, group);
  const node = commonShape(writes, (id) => reader.node(id));
  const { shape, start } = partOf(workspace, node);
  const extent = threadExtent(shape, variant.outerLanes ? 4 : 1);
  if (!extent) return undefined;

  const thread = indexVariable('x', countOf(sizesOf(extent, context.batch)));
  const position = variant.outerLanes ? sum(scaled(thread, 4), LANES_INDEX) : thread;
  const inPart = unflatten(position, sizesOf(shape, context.batch));
  const at = inPart.map((c, axis) => sum(c, start[axis] as Index));

  const target = group.part ? flatten(at, sizesOf(node.type.shape, context.batch)) : position;
  const targets = writes.map((write) => writtenPosition(write, target, workspace));
  if (variant.outerLanes && !targets.every(vectorStart)) return undefined;
  const values = writes.map((write) => ({ write, value: reader.read(write.value, at) }));
  const lanes = variant.outerLanes ? 4 : 1;
  values.forEach(({ write, value }, i) => {
    storeElement(workspace, { ...write, lanes }, value, targets[i] as Index);
  });
  return {
    threads: [extent, [1], [1]],
    workgroup: [workgroupSize(workspace, extent), 1, 1],
  };
}

const LANES_INDEX = fromAtom({ kind: 'variable', key: LANE, name: LANE, maximum: constant(3) });

function commonShape(writes: readonly Write[], nodeOf: (id: number) => Node): Node {
  const [first, ...others] = writes.map((write) => nodeOf(write.value));
  if (!first) throw new Error('internal: a group that stores nothing');
  if (others.some((other) => !equalShapes(other.type.shape, first.type.shape))) {
    throw new Error('internal: results of several shapes in one kernel');
  }
  return first;
}

/** The shape the threads run over and where it starts: the whole result, or a part of a concat. */
function partOf(workspace: Workspace, node: Node): { shape: readonly Dimension[]; start: Index[] } {
  const { shape } = node.type;
  const { part } = workspace.group;
  const start = shape.map(() => ZERO);
  if (!part || node.op !== 'concat') return { shape, start };
  const { axis } = node.attributes;
  let [before, size]: [Dimension, Dimension] = [0, 0];
  node.inputs.forEach((input, i) => {
    const width = workspace.reader.node(input).type.shape[axis] as Dimension;
    if (i < part.from) before = addDimensions(before, width);
    else if (i < part.to) size = addDimensions(size, width);
  });
  start[axis] = sizesOf([before], workspace.context.batch)[0] as Index;
  return { shape: shape.map((d, i) => (i === axis ? size : d)), start };
}

/** What a kernel stores to: a node's value in its home, one element or four neighbours at a time. */
export interface Target extends Write {
  readonly lanes: 1 | 4;
}

/** Stores a value at the element `target`, or at that of lane 0 and its three neighbours. */
export function storeElement(workspace: Workspace, write: Target, value: Expression, target: Index): void {
  const { bindings, emitter, reader } = workspace;
  const { home } = write;
  const vector = write.lanes === 4;
  const storage = storageOf(reader.node(write.value), home);
  const aligned = vector ? vectorIndex(target) : undefined;
  const at = aligned ? scaled(aligned, 4).key : target.key;
  const binding = bindings.use({ target: home, storage, kind: 'write', vector, at });
  if (!aligned) {
    emitter.push({ kind: 'store', binding, index: emitter.index(target), value });
    return;
  }
  const wide = spread(value, 4);
  if (bindings.width(home) === 4) {
    emitter.push({ kind: 'store', binding, index: emitter.index(aligned), value: wide });
    return;
  }
  for (const lane of LANES) {
    const index = emitter.index(sum(scaled(aligned, 4), constant(lane)));
    emitter.push({ kind: 'store', binding, index, value: laneOf(wide, lane) });
  }
}

/**
 * The sizes whose product is the number of threads: constants joined, each thread doing `each` elements.
 * Undefined where the number of elements is no multiple of it for every batch.
 */
export function threadExtent(shape: readonly Dimension[], each: number): Dimension[] | undefined {
  let product = 1;
  const symbolic: Exclude<Dimension, number>[] = [];
  for (const d of shape) {
    if (typeof d === 'number') product *= d;
    else if (d.plus === 0) {
      product *= d.times;
      symbolic.push({ times: 1, plus: 0 });
    } else symbolic.push(d);
  }
  if (product % each === 0) return join(symbolic, product / each);
  const divisible = symbolic.findIndex((d) => d.times % each === 0 && d.plus % each === 0);
  if (divisible < 0) return undefined;
  const divided = symbolic.map((d, i) =>
    i === divisible ? { times: d.times / each, plus: d.plus / each } : d,
  );
  return join(divided, product);
}

function join(symbolic: readonly Dimension[], product: number): Dimension[] {
  const [first, ...rest] = symbolic;
  if (first === undefined) return [product];
  if (product === 1) return [first, ...rest];
  return [...symbolic, product];
}

/** Small on a software device for loops of one thread; whole warps elsewhere. */
function workgroupSize(workspace: Workspace, extent: readonly Dimension[]): number {
  const { profile, batch } = workspace.context;
  const threads = elementsAt(extent, batch);
  if (profile.deviceClass === 'cpu') return 1;
  const software = profile.deviceClass === 'software';
  if (workspace.group.kind !== 'elementwise') return software ? 8 : 64;
  return threads >= 4096 ? Math.min(256, profile.workgroupInvocations) : 64;
}
