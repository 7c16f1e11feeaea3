/**
 * A schedule: which graph nodes become one kernel, in which order. In: a graph without `gradient` and
 * `detach` nodes. Out: groups that lowering turns into kernels.
 *
 * Views, constants, iota, scalars and casts of leaves are never groups of their own: they are index
 * arithmetic inside the kernels that use them. A graph output that is such a node is copied by a group.
 */

export type GroupKind = 'elementwise' | 'reduce' | 'row' | 'matmul' | 'gather' | 'scatter';

export interface Group {
  readonly kind: GroupKind;
  /** Computed here, ascending; views used inside are not listed. */
  readonly nodes: readonly number[];
  /** Stored to memory: what later groups or the host read. */
  readonly stored: readonly number[];
  /** Values copied into named tensors: second names, and values that could not be written there at once. */
  readonly copies?: readonly Copy[];
  /** Nodes that lie in their own place although an output names a tensor for them; the same in all groups. */
  readonly spilled?: readonly number[];
  /** Of a concat with more inputs than a kernel has bindings: the inputs `from` to below `to`. */
  readonly part?: { readonly from: number; readonly to: number };
}

export interface Copy {
  readonly value: number;
  /** The named tensor that is overwritten. */
  readonly name: string;
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
