/**
 * Gradients of attention by its operands, from the shares and slopes of some queries. In: a thread's memory with them. Out:
 * stores, or sums over several turns of queries and their stores at the end.
 */
import { LANES, binary, literal, spread } from '../expression.ts';
import { ZERO, constant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { writesOf } from '../workspace.ts';
import type { Pairs } from './attention-operands.ts';
import type { Part, Strip } from './attention-strip-memory.ts';
import { tilesBefore } from './attention-strip-pairs.ts';
import { multiply, type Factor } from './attention-strip-products.ts';
import {
  COLUMNS,
  ROWS,
  bound,
  count,
  keep,
  kept,
  quadsOf,
  storeTile,
  turns,
  widthOf,
  type Head,
  type Lines,
  type Tile,
} from './attention-strips.ts';

/** Begins the sums over the queries. */
export function clear(head: Head, lines: Lines, rows: number): void {
  const vectors = rows * lines.stride;
  turns(head, 'vector', [count(0), count(vectors)], vectors, (at) =>
    keep(head, lines, at, spread(literal(0, 'f32'), 4)),
  );
}

/** slopes · keys, of four queries. */
export function byQueries({ head, pairs, lines, k }: Strip, row: Index): void {
  const quads = quadsOf(k);
  const width = widthOf(quads);
  const seen = bound(head, scaled(tilesBefore(pairs, sum(row, constant(ROWS))), COLUMNS));
  turns(head, 'channel', [count(0), count(quads / width)], quads / width, (at) => {
    const left: Factor = { lines: lines.turnedSlopes, start: ZERO };
    const quad = scaled(at, width);
    const right: Factor = { lines: lines.keys, start: quad };
    storePart(head, 'queries', multiply(head, left, right, width, [count(0), seen]), row, quad);
  });
}

/** Shares or slopes, across the queries, times the gradient of the result or the queries: four keys at a time. */
export function byKeys(
  { head, pairs, totals }: Strip,
  part: 'keys' | 'values',
  from: Index,
  end: Expression,
  left: Lines,
  right: Lines,
  quads: number,
): void {
  const { emitter } = head.workspace;
  const width = widthOf(quads);
  const sums = totals.get(part);
  overTiles(head, pairs, quads, width, (four, quad) => {
    // The queries before the first of these keys do not see them.
    const first = binary('max', emitter.index(scaled(four, ROWS)), emitter.index(from));
    const start = pairs.causal ? binary('sub', first, emitter.index(from)) : count(0);
    const tile = multiply(head, { lines: left, start: four }, { lines: right, start: quad }, width, [
      emitter.bind('first', emitter.depth, start),
      end,
    ]);
    if (!sums) {
      storePart(head, part, tile, scaled(four, ROWS), quad);
      return;
    }
    tile.forEach((values, r) =>
      values.forEach((value, i) => {
        const at = totalAt(sums, four, r, quad, i);
        keep(head, sums, at, binary('add', kept(head, sums, at), value));
      }),
    );
  });
}

const totalAt = ({ stride }: Lines, four: Index, r: number, quad: Index, i: number): Index =>
  sum(scaled(four, ROWS * stride), constant(r * stride + i), quad);

/** Runs over four keys and some quads of channels at a time. */
function overTiles(
  head: Head,
  { keys }: Pairs,
  quads: number,
  width: number,
  build: (four: Index, quad: Index) => void,
): void {
  const fours = Math.ceil(keys / ROWS);
  turns(head, 'channel', [count(0), count(quads / width)], quads / width, (at) =>
    turns(head, 'four', [count(0), count(fours)], fours, (four) => build(four, scaled(at, width))),
  );
}

export function storeTotals({ head, pairs }: Strip, part: Part, totals: Lines): void {
  const width = widthOf(totals.stride);
  overTiles(head, pairs, totals.stride, width, (four, quad) => {
    const tile = LANES.map((r) =>
      Array.from({ length: width }, (_, i) => kept(head, totals, totalAt(totals, four, r, quad, i))),
    );
    storePart(head, part, tile, scaled(four, ROWS), quad);
  });
}

/** Stores four rows of the gradient by one of the operands. */
function storePart(head: Head, part: Part, tile: Tile, row: Index, quad: Index): void {
  const { graph, group, reader } = head.workspace;
  for (const write of writesOf(graph, group)) {
    const node = reader.node(write.value);
    if (node.op === 'attention_gradient' && node.attributes.by === part)
      storeTile(head, write, tile, row, quad);
  }
}
