/**
 * A schedule: which graph nodes become one kernel, in which order. In: a graph without `gradient` and
 * `detach` nodes. Out: groups that lowering turns into kernels.
 *
 * Views, constants, iota, scalars and casts of leaves are never groups of their own: they are index
 * arithmetic inside the kernels that use them. A graph output that is such a node is copied by a group.
 */

import type { Loop } from '../graph/ir.ts';
import type { ScheduledGraph } from './scheduled-graph.ts';

/** `rows`: reductions with what is before, between and behind them; `row`: one primitive that runs along an axis. */
export type GroupKind =
  'elementwise' | 'reduce' | 'rows' | 'row' | 'matmul' | 'attention' | 'gather' | 'scatter';

export interface Group {
  readonly kind: GroupKind;
  /** Computed here, ascending; views used inside are not listed. */
  readonly nodes: readonly number[];
  /** Stored to memory: what later groups or the host read. */
  readonly stored: readonly number[];
  /** Values copied: second names, values that could not be written there at once, and what enters a stack
   * without being computed in its loop. */
  readonly copies?: readonly Copy[];
  /** Nodes that lie in their own place although an output names a tensor for them; the same in all groups. */
  readonly spilled?: readonly number[];
  /** All turns of this loop are run in the kernel, each thread through those of its elements. */
  readonly through?: Loop;
  /** Of a concat with more inputs than a kernel has bindings: the inputs `from` to below `to`. */
  readonly part?: { readonly from: number; readonly to: number };
}

export interface Copy {
  readonly value: number;
  readonly to: CopyTarget;
}

/** A named tensor that is overwritten; the initial slot of a carry's stack; a stack's slot of this turn. */
export type CopyTarget =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'initial' | 'turn'; readonly stack: number };

export interface FusionDecision {
  readonly producer: number;
  readonly consumer: number;
  readonly fused: boolean;
  readonly reason: string;
}

/** The groups `first` to `last` are run `turns` times. */
export interface GroupLoop {
  readonly turns: number;
  readonly first: number;
  readonly last: number;
}

export interface Schedule {
  /** The graph that was cut, with what lowering asks of it. */
  readonly graph: ScheduledGraph;
  readonly groups: readonly Group[];
  /** Ascending, apart or one inside the other, the outer one first. */
  readonly loops: readonly GroupLoop[];
  readonly decisions: readonly FusionDecision[];
}
