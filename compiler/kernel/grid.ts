/**
 * Kernels with a thread per result element, or per four: element-wise chains, reductions, look-ups. In: a
 * group and how to use vec4. Out: threads, workgroup and, in the workspace, the body: all values first, the
 * stores last, so that a tensor may be overwritten at the place where it was read.
 */
import { addDimensions, type Dimension } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { loopsOfGroup } from '../schedule/loops.ts';
import { axesOf, isReduction } from '../schedule/spaces.ts';
import { turnName } from './emitter.ts';
import { literal } from './expression.ts';
import { ZERO, fromDimension, isMultiple, sum, type Index } from './index-expression.ts';
import { vectorStart } from './elements.ts';
import { resultThreads } from './result-threads.ts';
import type { Variant } from './thread-extent.ts';
import { flatten, reshaped, sizesOf, unflatten } from './shapes.ts';
import { storeElement } from './store.ts';
import { writesOf, writtenPosition, type KernelShape, type Workspace } from './workspace.ts';

/** Undefined where the variant does not fit the sizes. */
export function lowerGrid(workspace: Workspace, variant: Variant): KernelShape | undefined {
  const { graph, group, context, reader } = workspace;
  const writes = writesOf(graph, group);
  const [first] = writes;
  if (!first) throw new Error('internal: a group that stores nothing');
  const node = reader.node(first.value);
  const { shape, start } = partOf(workspace, node);
  if (variant.innerLanes && !runsInFours(workspace)) return undefined;
  const reduction = group.nodes.map((id) => reader.node(id)).find(isReduction);
  const threads = resultThreads(workspace, shape, reduction, variant);
  if (!threads) return undefined;
  const { position } = threads;
  reader.team = threads.team;
  const inPart = unflatten(position, sizesOf(shape, context.batch));
  const at = inPart.map((c, axis) => sum(c, start[axis] as Index));

  const sizes = sizesOf(node.type.shape, context.batch);
  const target = group.part ? flatten(at, sizes) : position;
  const targets = writes.map((write) => writtenPosition(write, target, workspace));
  if (variant.outerLanes && !targets.every(vectorStart)) return undefined;
  const lanes = variant.outerLanes ? 4 : 1;
  throughTurns(workspace, () => {
    // Results of other shapes have their elements in the same order.
    const values = writes.map((write) => ({
      write,
      value: reader.read(write.value, reshaped(at, sizes, reader.sizes(write.value))),
    }));
    threads.once(() =>
      values.forEach(({ write, value }, i) => {
        storeElement(workspace, { ...write, lanes }, value, targets[i] as Index);
      }),
    );
  });
  return threads.shape();
}

/** Once, or in every turn of the loop over time that the kernel runs through. */
function throughTurns({ graph, group, emitter, reader }: Workspace, build: () => void): void {
  if (!group.through) return build();
  const name = turnName(loopsOfGroup(graph, group).length - 1);
  emitter.loop(name, literal(0, 'u32'), literal(group.through.turns, 'u32'), 1, () => {
    reader.turnDepth = emitter.depth;
    build();
  });
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
