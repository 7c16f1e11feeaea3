/**
 * Shares and slopes of four queries, from scores that are worked out anew. In: a thread's memory with its packed operands. Out:
 * the shares and slopes in that memory.
 */
import { LANES, binary, cast, literal, select, spread, unary } from '../expression.ts';
import { minimum } from '../index-division.ts';
import { ZERO, constant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import type { Strip } from './attention-strip-memory.ts';
import { overKeys, seesKeys } from './attention-strip-pairs.ts';
import { keepTurned } from './attention-strip-panels.ts';
import { multiply } from './attention-strip-products.ts';
import {
  COLUMNS,
  ROWS,
  count,
  keep,
  kept,
  turns,
  type Head,
  type Lines,
  type Tile,
} from './attention-strips.ts';

/** Keeps the shares of four queries, and their slopes. */
export function sharesOf(strip: Strip, row: Index, four: Index, slopesAreWanted: boolean): void {
  const { head, pairs, scale, lines, parts, q, v } = strip;
  const { emitter } = head.workspace;
  const logarithms = ofQueries(strip, strip.sums, row, true);
  const deltas = ofQueries(strip, strip.delta, row, false);
  const spreadOut = (value: number): Expression => spread(literal(value, 'f32'), 4);
  const place = ({ stride }: Lines, r: number, tile: Index, quad: number): Index =>
    sum(scaled(four, ROWS * stride), constant(r * stride + quad), scaled(tile, 2));
  const product = (left: Lines, right: Lines, tile: Index, channels: number): Tile =>
    multiply(head, { lines: left, start: ZERO }, { lines: right, start: scaled(tile, 2 * channels) }, 2, [
      count(0),
      count(channels),
    ]);
  turnFour(head, lines.queries, lines.turnedQueries, four);
  if (slopesAreWanted) turnFour(head, lines.gradients, lines.turnedGradients, four);
  overKeys(head, pairs, row, (tile, isChecked) => {
    const scores = product(lines.turnedQueries, lines.turnedKeys, tile, q.channels);
    scores.forEach((values, r) =>
      values.forEach((value, quad) => {
        const below = binary('sub', binary('mul', value, spreadOut(scale)), logarithms[r] as Expression);
        const share = unary('exp', below);
        const query = sum(row, constant(r));
        const known = isChecked
          ? select(seesKeys(head, pairs, query, tile, quad), share, spreadOut(0))
          : share;
        keep(head, lines.shares, place(lines.shares, r, tile, quad), known);
      }),
    );
    if (!slopesAreWanted) return;
    const changes = product(lines.turnedGradients, lines.turnedValues, tile, v.channels);
    for (const quad of [0, 1]) {
      const slopes = changes.map((values, r) => {
        const at = place(lines.shares, r, tile, quad);
        const change = binary('sub', values[quad] as Expression, deltas[r] as Expression);
        const slope = binary('mul', binary('mul', kept(head, lines.shares, at), change), spreadOut(scale));
        return emitter.declare('let', 'slope', emitter.depth, slope);
      });
      if (parts.has('keys'))
        slopes.forEach((slope, r) => keep(head, lines.slopes, place(lines.slopes, r, tile, quad), slope));
      if (parts.has('queries'))
        keepTurned(head, lines.turnedSlopes, sum(scaled(tile, COLUMNS), constant(4 * quad)), slopes);
    }
  });
}

/** Four rows of what is kept, with rows and channels exchanged. */
function turnFour(head: Head, lines: Lines, turned: Lines, four: Index): void {
  const quads = lines.stride;
  turns(head, 'quad', [count(0), count(quads)], quads, (quad) => {
    const first = sum(scaled(four, ROWS * quads), quad);
    const rows = LANES.map((r) => kept(head, lines, sum(first, constant(r * quads))));
    keepTurned(head, turned, scaled(quad, 4), rows);
  });
}

/** A number a query, spread out. Rows behind the last have infinite logarithms: their shares are 0, however large a score. */
function ofQueries({ head, pairs }: Strip, id: number, row: Index, isLogarithm: boolean): Expression[] {
  const { reader, emitter } = head.workspace;
  const last = pairs.queries - 1;
  return LANES.map((r) => {
    const at = sum(row, constant(r));
    const value = cast(reader.read(id, [...head.at, minimum(at, constant(last))]), 'f32');
    const isThere = binary('le', emitter.index(at), count(last));
    const known =
      isLogarithm && pairs.queries % ROWS !== 0 ? select(isThere, value, literal(Infinity, 'f32')) : value;
    return emitter.declare('let', 'of_query', emitter.depth, spread(known, 4));
  });
}
