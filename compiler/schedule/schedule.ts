/**
 * A schedule: which graph nodes become one kernel, in which order. In: a graph without `gradient` and
 * `detach` nodes. Out: groups that lowering turns into kernels.
 *
 * Views, constants, iota, scalars and casts of leaves are never groups of their own: they are index
 * arithmetic inside the kernels that use them. A graph output that is such a node is copied by a group.
 */

export type GroupKind = 'elementwise' | 'reduce' | 'matmul' | 'gather' | 'scatter';

export interface Group {
  readonly kind: GroupKind;
  /** Computed here, ascending; views used inside are not listed. */
  readonly nodes: readonly number[];
  /** Stored to memory: what later groups or the host read. */
  readonly stored: readonly number[];
}

export interface FusionDecision {
  readonly producer: number;
  readonly consumer: number;
  readonly fused: boolean;
  readonly reason: string;
}

export interface Schedule {
  readonly groups: readonly Group[];
  readonly decisions: readonly FusionDecision[];
}
