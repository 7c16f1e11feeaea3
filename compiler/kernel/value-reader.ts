/** What the rules for views, reductions and look-ups need of the reader that calls them. */
import type { ScheduledGraph } from '../schedule/scheduled-graph.ts';
import type { Emitter } from './emitter.ts';
import type { Index } from './index-expression.ts';
import type { Expression } from './ir.ts';
import type { Team } from './team.ts';

export interface ValueReader {
  readonly graph: ScheduledGraph;
  readonly emitter: Emitter;
  /** The largest batch. */
  readonly limit: number;
  /** The value of node `id` at the coordinates: a vec4 if they mention the lane, else a scalar. */
  read(id: number, coordinates: readonly Index[]): Expression;
  /** The same in a loop along a row, for the element that the loop is at. */
  readElement(id: number, coordinates: readonly Index[]): Expression;
  /** Sizes of a node's axes. */
  sizes(id: number): Index[];
  /** Whether sums run over the innermost reduced axis four elements at a time. */
  readonly innerLanes: boolean;
  /** The innermost loops of a reduction are written out where they have no more turns together. */
  readonly writtenOut: number;
  /** Threads that share the reductions; undefined where a thread has its own. */
  readonly team: Team | undefined;
  /** Notes a value that had to be worked out lane by lane. */
  noteGather(): void;
}

/** Takes values into memory while a kernel first runs along a row (`kept-values.ts`). */
export interface ValueKeeper {
  /** Whether a finished loop has stored the value: from here on it is loaded. */
  isStored(id: number): boolean;
  /** A loop along the row begins. */
  enter(): void;
  leave(): void;
  /** The element that the loop is at: only values worked out for just this one are met once each. */
  element(position: Index): void;
  /** A value that has just been worked out. */
  offer(id: number, at: readonly Index[], value: Expression): void;
}
