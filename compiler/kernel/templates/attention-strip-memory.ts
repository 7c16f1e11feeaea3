/**
 * What a thread keeps in its memory for the gradients of a head. In: the gradients wanted, operands and pairs. Out: lines for
 * packed operands, for shares and slopes of some queries, and for sums over several turns of queries.
 */
import type { BackwardOperands, Gradient } from './attention-operands.ts';
import { tilesOf } from './attention-strip-pairs.ts';
import { COLUMNS, ROWS, linesOf, quadsOf, type Head, type Lines } from './attention-strips.ts';

export type Part = Gradient['attributes']['by'];

/** Bytes of shares and slopes that a thread keeps, and how few and many queries it takes at a time. */
const BYTES = 256 * 1024;
const LEAST_QUERIES = 16;
const MOST_QUERIES = 64;

export interface Strip extends BackwardOperands {
  readonly head: Head;
  readonly parts: ReadonlySet<Part>;
  /** Queries at a time. */
  readonly rows: number;
  readonly lines: {
    readonly keys: Lines;
    readonly turnedKeys: Lines;
    readonly turnedValues: Lines;
    readonly queries: Lines;
    readonly gradients: Lines;
    readonly shares: Lines;
    readonly slopes: Lines;
    /** Of four queries, by channels and by keys. */
    readonly turnedQueries: Lines;
    readonly turnedGradients: Lines;
    readonly turnedSlopes: Lines;
  };
  /** Sums over the queries so far, where they are taken in several turns. */
  readonly totals: ReadonlyMap<Part, Lines>;
}

export function stripOf(head: Head, nodes: readonly Gradient[], given: BackwardOperands): Strip {
  const { q, k, v, g, pairs } = given;
  const tiles = tilesOf(pairs);
  const keys = tiles * COLUMNS;
  const fitting = Math.floor(BYTES / (2 * 4 * keys * ROWS)) * ROWS;
  const most = Math.max(LEAST_QUERIES, Math.min(MOST_QUERIES, fitting));
  const rows = Math.min(most, Math.ceil(pairs.queries / ROWS) * ROWS);
  const parts = new Set(nodes.map(({ attributes }) => attributes.by));
  const totals = new Map<Part, Lines>();
  if (rows < pairs.queries)
    for (const [part, { channels }] of [
      ['keys', k],
      ['values', v],
    ] as const)
      if (parts.has(part)) totals.set(part, linesOf(head, `sums_by_${part}`, keys, channels / 4));
  return {
    ...given,
    head,
    parts,
    rows,
    totals,
    lines: {
      keys: linesOf(head, 'keys', keys, quadsOf(k)),
      turnedKeys: linesOf(head, 'turned_keys', tiles * k.channels, 2),
      turnedValues: linesOf(head, 'turned_values', tiles * v.channels, 2),
      queries: linesOf(head, 'queries', rows, quadsOf(q)),
      gradients: linesOf(head, 'gradients', rows, quadsOf(g)),
      shares: linesOf(head, 'shares', rows, 2 * tiles),
      slopes: linesOf(head, 'slopes', rows, 2 * tiles),
      turnedQueries: linesOf(head, 'turned_queries', q.channels, 1),
      turnedGradients: linesOf(head, 'turned_gradients', g.channels, 1),
      turnedSlopes: linesOf(head, 'turned_slopes', keys, 1),
    },
  };
}
