/** What one lowering works with: a collector of statements, one of bindings, and a reader over both. */
import type { Node } from '../graph/ir.ts';
import type { Home } from '../schedule/homes.ts';
import type { Group } from '../schedule/schedule.ts';
import { writtenHome, type ScheduledGraph } from '../schedule/scheduled-graph.ts';
import type { BindingTable } from './bindings.ts';
import { Emitter } from './emitter.ts';
import type { Kernel } from './ir.ts';
import type { TargetProfile } from './profile.ts';
import { product, sum, type Index } from './index-expression.ts';
import { Reader } from './reader.ts';
import { countOf } from './shapes.ts';
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
}

/** What a group writes: each stored node to its home, then the copies. */
export function writesOf(graph: ScheduledGraph, group: Group): Write[] {
  const stored = group.stored.map((value): Write => ({
    value,
    home: writtenHome(graph, value, group.spilled),
    slot: slotOf(graph, graph.nodes[value] as Node),
  }));
  const copies = (group.copies ?? []).map(({ value, to }): Write => {
    if (to.kind === 'named') return { value, home: { kind: 'named', name: to.name }, slot: undefined };
    const slot = to.kind === 'initial' ? undefined : slotOfTurn(graph, to.stack);
    return { value, home: { kind: 'value', value: to.stack }, slot };
  });
  return [...stored, ...copies];
}

/** The position of an element in the tensor that is written, from its position in the value. */
export function writtenPosition({ value, slot }: Write, position: Index, workspace: Workspace): Index {
  const { reader } = workspace;
  return slot ? sum(product(slot.index, countOf(reader.sizes(value))), position) : position;
}
