/**
 * The body of a loop while it is elaborated. In: values of the graph around, as they are used. Out: ids that
 * tell the body's values from those around, and from those of loops that are closed.
 */
import type { ScanBuilder } from '../graph/scan-builder.ts';

/** More than a graph has nodes. */
const SPAN = 2 ** 32;

export class Turn {
  readonly scan: ScanBuilder;
  readonly turns: number;
  private readonly base: number;

  /** `number`: 1, 2 … of the loop in its graph. */
  constructor(scan: ScanBuilder, turns: number, number: number) {
    this.scan = scan;
    this.turns = turns;
    this.base = number * SPAN;
  }

  /** Whether a value belongs to this body. */
  holds(id: number): boolean {
    return id >= this.base && id < this.base + SPAN;
  }

  /** The node of a value in the body; a value from around is captured. */
  local(id: number): number {
    if (this.holds(id)) return id - this.base;
    if (id >= SPAN) throw new Error('internal: a value of a loop that is closed');
    return this.scan.constant(id);
  }

  /** The value that a node of the body stands for. */
  valueOf(node: number): number {
    return this.base + node;
  }

  carry(initial: number): number {
    return this.valueOf(this.scan.carry(initial));
  }

  /** One slice a turn along axis 0. */
  sequence(outer: number): number {
    return this.valueOf(this.scan.sequence(outer));
  }
}
