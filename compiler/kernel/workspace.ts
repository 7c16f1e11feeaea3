/** What one lowering works with: a collector of statements, one of bindings, and a reader over both. */
import type { Graph } from '../graph/ir.ts';
import { writtenHome, type Home } from '../schedule/homes.ts';
import type { Group } from '../schedule/schedule.ts';
import { BindingTable, type Widths } from './bindings.ts';
import { Emitter } from './emitter.ts';
import type { Kernel } from './ir.ts';
import type { TargetProfile } from './profile.ts';
import { Reader } from './reader.ts';

export interface LoweringContext {
  readonly profile: TargetProfile;
  /** The largest batch. */
  readonly batch: number;
}

export interface Workspace {
  readonly graph: Graph;
  readonly group: Group;
  readonly context: LoweringContext;
  readonly emitter: Emitter;
  readonly bindings: BindingTable;
  readonly reader: Reader;
}

/** The part of a kernel that a template decides. */
export type KernelShape = Pick<Kernel, 'threads' | 'workgroup' | 'scratch'>;

export function prepare(
  graph: Graph,
  group: Group,
  context: LoweringContext,
  innerLanes: boolean,
  widths?: Widths,
): Workspace {
  const emitter = new Emitter();
  const bindings = new BindingTable(widths);
  const reader = new Reader({ graph, group, limit: context.batch, innerLanes }, emitter, bindings);
  return { graph, group, context, emitter, bindings, reader };
}

export interface Write {
  /** The node whose value is written. */
  readonly value: number;
  readonly home: Home;
}

/** What a group writes: each stored node to its home, then the copies. */
export function writesOf(graph: Graph, group: Group): Write[] {
  const stored = group.stored.map((value) => ({ value, home: writtenHome(graph, value, group.spilled) }));
  const copies = (group.copies ?? []).map(({ value, name }): Write => ({
    value,
    home: { kind: 'named', name },
  }));
  return [...stored, ...copies];
}
