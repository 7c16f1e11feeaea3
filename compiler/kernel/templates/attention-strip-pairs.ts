/**
 * Which keys a strip of four queries sees, in tiles of eight keys: those before the last tile are whole where nothing but
 * places decides. In: a node's attributes and mask. Out: the tiles to run over, and the condition of a pair.
 */
import { LANE_INDEX } from '../emitter.ts';
import { LANES, binary, literal, spread, vectorOf } from '../expression.ts';
import { minimum, quotient } from '../index-division.ts';
import { constant, isConstant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import type { Pairs } from './attention-operands.ts';
import { allowedBy } from './attention-pairs.ts';
import { COLUMNS, ROWS, bound, count, turns, type Head } from './attention-strips.ts';

export const tilesOf = ({ keys }: Pairs): number => Math.ceil(keys / COLUMNS);

/** Tiles of keys that the rows before `end` see. */
export function tilesBefore(pairs: Pairs, end: Index): Index {
  const tiles = constant(tilesOf(pairs));
  return pairs.causal ? minimum(quotient(sum(end, constant(COLUMNS - 1)), constant(COLUMNS)), tiles) : tiles;
}

/** Runs over the tiles that four rows from `row` on see; `isChecked`: whether a pair of the tile may not. */
export function overKeys(
  head: Head,
  pairs: Pairs,
  row: Index,
  build: (tile: Index, isChecked: boolean) => void,
): void {
  const tiles = tilesOf(pairs);
  const seen = tilesBefore(pairs, sum(row, constant(ROWS)));
  const range = (from: Index, to: Index, isChecked: boolean): void => {
    if (isConstant(from) && isConstant(to) && from.constant >= to.constant) return;
    turns(head, 'keys', [bound(head, from), bound(head, to)], tiles, (tile) => build(tile, isChecked));
  };
  const hasTail = pairs.keys % COLUMNS !== 0;
  if (pairs.mask !== undefined) range(constant(0), seen, true);
  else if (!pairs.causal && !hasTail) range(constant(0), seen, false);
  else {
    // The last tile alone holds keys behind a query or behind the end: rows come in fours, tiles are of eight.
    const last = sum(seen, constant(-1));
    range(constant(0), last, false);
    range(last, seen, true);
  }
}

/** Whether row `row` and the four keys of a quad of the tile see each other, lane by lane. */
export function seesKeys(head: Head, pairs: Pairs, row: Index, tile: Index, quad: number): Expression {
  const { emitter } = head.workspace;
  const first = sum(scaled(tile, COLUMNS), constant(4 * quad));
  const all = vectorOf((lane) => literal(LANES[lane], 'u32'));
  const keys = binary('add', spread(bound(head, first), 4), all);
  const conditions: Expression[] = [];
  if (pairs.keys % COLUMNS !== 0) conditions.push(binary('lt', keys, spread(count(pairs.keys), 4)));
  if (pairs.causal) conditions.push(binary('le', keys, spread(emitter.index(row), 4)));
  const inside = minimum(sum(first, LANE_INDEX), constant(pairs.keys - 1));
  const query = minimum(row, constant(pairs.queries - 1));
  if (pairs.mask !== undefined)
    conditions.push(allowedBy(head.workspace, pairs.mask, [...head.at, query, inside]));
  const [one, ...others] = conditions;
  if (!one) throw new Error('internal: pairs that always see each other');
  return others.reduce((a, b) => binary('and', a, b), one);
}
