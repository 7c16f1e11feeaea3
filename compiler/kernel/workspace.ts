/** What one lowering works with: a collector of statements, one of bindings, and a reader over both. */
import type { Node } from '../graph/ir.ts';
import type { Home } from '../schedule/homes.ts';
import { piecesOf } from '../schedule/pieces.ts';
import type { Group } from '../schedule/schedule.ts';
import { writtenHome, type ScheduledGraph } from '../schedule/scheduled-graph.ts';
import type { BindingTable } from './bindings.ts';
import { Emitter } from './emitter.ts';
import type { Kernel } from './ir.ts';
import type { TargetProfile } from './profile.ts';
import { product, scaled, sum, type Index } from './index-expression.ts';
import { Reader } from './reader.ts';
import { countOf, flatten, unflatten } from './shapes.ts';
import { slotOf, slotOfTurn, type Slot } from './turns.ts';

export interface LoweringContext {
  readonly profile: TargetProfile;
  /** The largest batch. */
  readonly batch: number;
}

export interface Workspace {
  readonly graph: ScheduledGraph;
  readonly group: Group;
  readonly context: LoweringContext;
  readonly emitter: Emitter;
  readonly bindings: BindingTable;
  readonly reader: Reader;
}

/** The part of a kernel that a template decides. */
export type KernelShape = Pick<Kernel, 'threads' | 'workgroup' | 'scratch'>;

export function prepare(
  graph: ScheduledGraph,
  group: Group,
  context: LoweringContext,
  innerLanes: boolean,
  bindings: BindingTable,
): Workspace {
  // WebAssembly engines unroll nothing and move nothing out of loops. What a row kernel keeps is stored in the loop that
  // first works it out.
  const isCpu = context.profile.deviceClass === 'cpu';
  const emitter = new Emitter(isCpu);
  const writtenOut = isCpu && group.kind !== 'rows' ? 16 : 1;
  const options = { graph, group, limit: context.batch, innerLanes, writtenOut };
  const reader = new Reader(options, emitter, bindings);
  return { graph, group, context, emitter, bindings, reader };
}

export interface Write {
  /** The node whose value is written. */
  readonly value: number;
  readonly home: Home;
  /** In a loop: the slot of the stack at home that is written. */
  readonly slot: Slot | undefined;
  /** Where the value is a piece of what is written: the whole, and which piece along an axis. */
  readonly piece?: { readonly whole: number; readonly axis: number; readonly index: number };
}

/** What a group writes: each stored node to its home, then the copies. */
export function writesOf(graph: ScheduledGraph, group: Group): Write[] {
  const pieces = piecesOf(graph, group);
  const stored = group.stored.flatMap((whole): Write[] => {
    const place = {
      home: writtenHome(graph, whole, group.spilled),
      slot: slotOf(graph, graph.nodes[whole] as Node),
    };
    const concat = pieces.get(whole);
    if (!concat) return [{ value: whole, ...place }];
    const { axis } = concat.attributes;
    return concat.inputs.map((value, index) => ({ value, ...place, piece: { whole, axis, index } }));
  });
  const copies = (group.copies ?? []).map(({ value, to }): Write => {
    if (to.kind === 'named') return { value, home: { kind: 'named', name: to.name }, slot: undefined };
    const slot = to.kind === 'initial' ? undefined : slotOfTurn(graph, to.stack);
    return { value, home: { kind: 'value', value: to.stack }, slot };
  });
  return [...stored, ...copies];
}

/** The position of an element in the tensor that is written, from its position in the value. */
export function writtenPosition(write: Write, position: Index, { reader }: Workspace): Index {
  const { value, slot, piece } = write;
  const placed = piece ? inWhole(piece, position, reader.sizes(value), reader.sizes(piece.whole)) : position;
  return slot ? sum(product(slot.index, countOf(reader.sizes(piece?.whole ?? value))), placed) : placed;
}

function inWhole(
  { axis, index }: NonNullable<Write['piece']>,
  position: Index,
  sizes: readonly Index[],
  whole: readonly Index[],
): Index {
  const at = unflatten(position, sizes);
  at[axis] = sum(at[axis] as Index, scaled(sizes[axis] as Index, index));
  return flatten(at, whole);
}
