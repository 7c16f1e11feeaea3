/**
 * The sum of slices (or elements) at the places an index names. In: a scatter_add. Out: a kernel in which a
 * thread owns a strip of the result: some neighbouring places along the axis, one element (or vec4) of the other
 * axes. It copies what is added to, then goes through the index in order and adds what falls into its strip, so
 * the sum is the same in every run and no two threads touch one element.
 *
 * Work: the result once, the source once, and the index once a strip. So strips are long where the other axes
 * give threads enough, and short where they do not.
 */
import { dimensionAt, elementsAt, type Dimension } from '../../graph/dimension.ts';
import type { NodeOf } from '../../graph/ir.ts';
import { isByElement } from '../../graph/ops-look-ups.ts';
import { LANE_INDEX } from '../emitter.ts';
import { binary, literal, spread, vectorOf } from '../expression.ts';
import { threadExtent } from '../thread-extent.ts';
import { storeElement, type Target } from '../store.ts';
import { minimum } from '../index-division.ts';
import {
  ZERO,
  constant,
  dividedExactly,
  indexVariable,
  isConstant,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import type { DeviceClass } from '../profile.ts';
import { storageOf } from '../elements.ts';
import { countOf, flatten, sizesOf, unflatten } from '../shapes.ts';
import { writesOf, writtenPosition, type KernelShape, type Workspace } from '../workspace.ts';

/** Threads that keep a device busy; more make the index be read more often for nothing. */
const THREADS: { readonly [C in DeviceClass]: number } = {
  cpu: 16,
  software: 16,
  small: 4096,
  large: 32_768,
};

export function lowerScatter(workspace: Workspace): KernelShape {
  const { graph, group, context, reader } = workspace;
  const [write] = writesOf(graph, group);
  const node = write && reader.node(write.value);
  if (!write || node?.op !== 'scatter_add')
    throw new Error('internal: a scatter group stores one scatter_add');
  const { axis } = node.attributes;
  const { shape } = node.type;
  const others = shape.with(axis, 1);
  const lanes = lanesOf(workspace, node, others);
  const extent = threadExtent(others, lanes);
  if (!extent) throw new Error('internal: lanes that do not divide the elements');

  const length = shape[axis] as Dimension;
  const longest = dimensionAt(length, context.batch);
  const across = elementsAt(extent, context.batch);
  const wanted = Math.ceil(THREADS[context.profile.deviceClass] / Math.max(1, across));
  const strip = Math.max(1, Math.ceil(longest / Math.min(longest, wanted)));
  const strips = Math.max(1, Math.ceil(longest / strip));

  const thread = indexVariable('x', countOf(sizesOf(extent, context.batch)));
  const position = lanes === 4 ? sum(scaled(thread, 4), LANE_INDEX) : thread;
  const at = unflatten(position, sizesOf(others, context.batch));
  const y = indexVariable('y', constant(strips));
  const size = sizesOf([length], context.batch)[0] as Index;
  // Strips past the end of a small batch are empty: they end where they start.
  const start = isConstant(size) ? scaled(y, strip) : minimum(scaled(y, strip), size);
  const end = strips === 1 ? size : minimum(sum(start, constant(strip)), size);
  addInStrip(workspace, node, { at, start, end, size, target: { ...write, lanes } });
  return {
    threads: [extent, [strips], [1]],
    workgroup: [context.profile.deviceClass === 'software' ? 8 : 64, 1, 1],
  };
}

interface Strip {
  /** Coordinates of the thread's elements; that along the axis is filled in. */
  readonly at: readonly Index[];
  readonly start: Index;
  readonly end: Index;
  /** Of the whole axis. */
  readonly size: Index;
  readonly target: Target;
}

function addInStrip(workspace: Workspace, node: NodeOf<'scatter_add'>, strip: Strip): void {
  const { reader, emitter, bindings } = workspace;
  const { at, start, end, size, target } = strip;
  const [x, index, source] = node.inputs as [number, number, number];
  const { axis } = node.attributes;
  const sizes = reader.sizes(node.id);
  const along = (place: Index): Index[] => at.with(axis, place);
  const element = (place: Index): Index => writtenPosition(target, flatten(along(place), sizes), workspace);

  const row = emitter.fresh('p');
  const place = indexVariable(row, size);
  emitter.loop(row, emitter.index(start), emitter.index(end), 1, () => {
    storeElement(workspace, target, reader.read(x, along(place)), element(place));
  });

  const count = reader.sizes(source)[axis] as Index;
  const only = isConstant(count) && count.constant === 1;
  const name = emitter.fresh('t');
  const turn = only ? ZERO : indexVariable(name, count);
  emitter.loop(name, literal(0, 'u32'), emitter.index(count), 1, () => {
    const byElement = isByElement(reader.node(index).type.shape);
    const wanted = emitter.declare(
      'let',
      'at',
      emitter.depth,
      reader.read(index, byElement ? along(turn) : [turn]),
    );
    if (wanted.kind !== 'variable') throw new Error('internal: a declared value is a variable');
    // Below the strip the difference wraps round to a large number: one comparison covers both ends.
    const first = emitter.index(start);
    const inside = binary('lt', binary('sub', wanted, first), binary('sub', emitter.index(end), first));
    emitter.when(inside, () => {
      const to = element(indexVariable(wanted.name, size));
      const added = spread(reader.read(source, along(turn)), target.lanes);
      storeElement(workspace, target, binary('add', loadElement(to), added), to);
    });
  });

  /** What the thread itself has stored before. */
  function loadElement(to: Index): Expression {
    const { home, lanes } = target;
    const storage = storageOf(node, home);
    const index = lanes === 4 ? laneless(to) : to;
    const binding = bindings.use({
      target: home,
      storage,
      kind: 'accumulate',
      vector: lanes === 4,
      at: index.key,
    });
    const type = { scalar: node.type.dtype, lanes } as const;
    if (lanes === 1) return { kind: 'load', type, binding, index: emitter.index(index) };
    if (bindings.width(home) === 4)
      return { kind: 'load', type, binding, index: emitter.index(dividedExactly(index, 4)) };
    return vectorOf((lane) => ({
      kind: 'load',
      type: { ...type, lanes: 1 },
      binding,
      index: emitter.index(sum(index, constant(lane))),
    }));
  }
}

/** The position of lane 0. */
const laneless = (position: Index): Index => sum(position, scaled(LANE_INDEX, -1));

/** Four neighbours a thread where slices are added and the innermost axis is theirs. */
function lanesOf({ reader }: Workspace, node: NodeOf<'scatter_add'>, others: readonly Dimension[]): 1 | 4 {
  const { axis } = node.attributes;
  const innermost = node.type.shape.at(-1);
  const byElement = isByElement(reader.node(node.inputs[1] as number).type.shape);
  const whole = typeof innermost === 'number' && innermost % 4 === 0 && threadExtent(others, 4) !== undefined;
  return !byElement && axis !== node.type.shape.length - 1 && whole ? 4 : 1;
}
