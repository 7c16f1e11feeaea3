/**
 * The body of a loop while it is elaborated. In: values from around (of the graph, of the loops that hold this one), as
 * they are used. Out: ids that tell the body's values from those around, and from those of loops that are closed.
 */
import type { ScanBuilder } from '../graph/scan-builder.ts';

/** More than a graph has nodes. */
const SPAN = 2 ** 32;

export class Turn {
  readonly scan: ScanBuilder;
  readonly turns: number;
  /** The loop in whose body this one stands. */
  readonly parent: Turn | undefined;
  /** States that were read in this body: the leaf that holds one when a turn begins, and what it was before the loop. */
  readonly states = new Map<string, { readonly leaf: number; readonly before: number }>();
  private readonly base: number;

  /** `number`: 1, 2 … of the loop in its graph. */
  constructor(scan: ScanBuilder, turns: number, number: number, parent: Turn | undefined) {
    this.scan = scan;
    this.turns = turns;
    this.parent = parent;
    this.base = number * SPAN;
  }

  /** Whether a value belongs to this body. */
  holds(id: number): boolean {
    return id >= this.base && id < this.base + SPAN;
  }

  /** The open loop whose body a value belongs to: this one or one around it. */
  ownerOf(id: number): Turn | undefined {
    return this.holds(id) ? this : this.parent?.ownerOf(id);
  }

  /** The node of a value in the body; a value from around is captured. */
  local(id: number): number {
    return this.holds(id) ? id - this.base : this.scan.constant(this.around(id));
  }

  /** The node of a value in the graph or body around. */
  private around(id: number): number {
    if (this.parent) return this.parent.local(id);
    if (id >= SPAN) throw new Error('internal: a value of a loop that is closed');
    return id;
  }

  /** The value that a node of the body stands for. */
  valueOf(node: number): number {
    return this.base + node;
  }

  carry(initial: number): number {
    return this.valueOf(this.scan.carry(this.around(initial)));
  }

  /** One slice a turn along axis 0. */
  sequence(outer: number): number {
    return this.valueOf(this.scan.sequence(this.around(outer)));
  }
}
