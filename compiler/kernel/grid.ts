/**
 * Kernels with a thread per result element, or per four: element-wise chains, reductions, look-ups. In: a
 * group and how to use vec4. Out: threads, workgroup and, in the workspace, the body: all values first, the
 * stores last, so that a tensor may be overwritten at the place where it was read.
 */
import { addDimensions, elementsAt, type Dimension } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { LANE_INDEX } from './emitter.ts';
import { axesOf, isReduction } from '../schedule/spaces.ts';
import {
  ZERO,
  fromDimension,
  indexVariable,
  isMultiple,
  scaled,
  sum,
  type Index,
} from './index-expression.ts';
import { vectorStart } from './elements.ts';
import { countOf, flatten, reshaped, sizesOf, unflatten } from './shapes.ts';
import { storeElement } from './store.ts';
import { writesOf, writtenPosition, type KernelShape, type Workspace } from './workspace.ts';

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
  const [first] = writes;
  if (!first) throw new Error('internal: a group that stores nothing');
  const node = reader.node(first.value);
  const { shape, start } = partOf(workspace, node);
  const extent = threadExtent(shape, variant.outerLanes ? 4 : 1);
  if (!extent || (variant.innerLanes && !runsInFours(workspace))) return undefined;

  const thread = indexVariable('x', countOf(sizesOf(extent, context.batch)));
  const position = variant.outerLanes ? sum(scaled(thread, 4), LANE_INDEX) : thread;
  const inPart = unflatten(position, sizesOf(shape, context.batch));
  const at = inPart.map((c, axis) => sum(c, start[axis] as Index));

  const sizes = sizesOf(node.type.shape, context.batch);
  const target = group.part ? flatten(at, sizes) : position;
  const targets = writes.map((write) => writtenPosition(write, target, workspace));
  if (variant.outerLanes && !targets.every(vectorStart)) return undefined;
  // Results of other shapes have their elements in the same order.
  const values = writes.map((write) => ({
    write,
    value: reader.read(write.value, reshaped(at, sizes, reader.sizes(write.value))),
  }));
  const lanes = variant.outerLanes ? 4 : 1;
  values.forEach(({ write, value }, i) => {
    storeElement(workspace, { ...write, lanes }, value, targets[i] as Index);
  });
  return {
    threads: [extent, [1], [1]],
    workgroup: [threadWorkgroup(workspace, extent), 1, 1],
  };
}

/** Whether a reduction of the group can run along its innermost axis four elements at a time. */
function runsInFours({ group, reader, context }: Workspace): boolean {
  return group.nodes.some((id) => {
    const node = reader.node(id);
    if (!isReduction(node) || node.op === 'argmax' || node.op === 'argmin') return false;
    const { shape } = reader.node(node.inputs[0] as number).type;
    const innermost = shape[axesOf(node).at(-1) as number];
    return innermost !== undefined && isMultiple(fromDimension(innermost, context.batch), 4);
  });
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
export function threadWorkgroup(workspace: Workspace, extent: readonly Dimension[]): number {
  const { profile, batch } = workspace.context;
  const threads = elementsAt(extent, batch);
  if (profile.deviceClass === 'cpu') return 1;
  const software = profile.deviceClass === 'software';
  if (workspace.group.kind !== 'elementwise' && workspace.group.kind !== 'gather') return software ? 8 : 64;
  return threads >= 4096 ? Math.min(256, profile.workgroupInvocations) : 64;
}
