/**
 * Gradients of attention on a processor (Dao, FlashAttention-2, algorithm 2, with all of a head in one thread): the shares of
 * some queries by all keys are worked out anew from the scores and the queries' logarithms, and from them slope = share *
 * (g · v - delta), the gradient of the scores. Both serve all three gradients while they are in the caches. In: the gradients
 * by queries, by keys and by values, or some of them. Out: a kernel that stores no score.
 */
import { binary } from '../expression.ts';
import { minimum } from '../index-division.ts';
import { ZERO, constant, scaled, sum, type Index } from '../index-expression.ts';
import type { KernelShape, Workspace } from '../workspace.ts';
import { backwardOperands, type Gradient } from './attention-operands.ts';
import { tilesOf } from './attention-strip-pairs.ts';
import { byKeys, byQueries, clear, storeTotals } from './attention-strip-gradients.ts';
import { stripOf, type Strip } from './attention-strip-memory.ts';
import { packLines, packTurned } from './attention-strip-panels.ts';
import { sharesOf } from './attention-strip-slopes.ts';
import { COLUMNS, ROWS, bound, count, headOf, quadsOf, shapeOf, turns } from './attention-strips.ts';

export function lowerBackwardStrips(workspace: Workspace, nodes: readonly Gradient[]): KernelShape {
  const operands = backwardOperands(workspace, nodes[0] as Gradient, 'queries');
  const { pairs, leading } = operands;
  const head = headOf(workspace, leading);
  const strip = stripOf(head, nodes, operands);
  const { lines, rows } = strip;
  const tiles = tilesOf(pairs);
  packLines(head, lines.keys, strip.k, ZERO, count(tiles * COLUMNS), tiles * COLUMNS);
  packTurned(head, lines.turnedKeys, strip.k, count(tiles), tiles);
  packTurned(head, lines.turnedValues, strip.v, count(tiles), tiles);
  for (const totals of strip.totals.values()) clear(head, totals, tiles * COLUMNS);
  const blocks = Math.ceil(pairs.queries / rows);
  turns(head, 'block', [count(0), count(blocks)], blocks, (block) => lowerBlock(strip, scaled(block, rows)));
  for (const [part, totals] of strip.totals) storeTotals(strip, part, totals);
  return shapeOf(head, 1);
}

/** The queries from `from` on that are taken at a time. */
function lowerBlock(strip: Strip, from: Index): void {
  const { head, pairs, rows, lines, parts, q, k, g } = strip;
  packLines(head, lines.queries, q, from, count(rows), rows);
  packLines(head, lines.gradients, g, from, count(rows), rows);
  const all = Math.ceil(pairs.queries / ROWS);
  const most = rows / ROWS;
  const left = sum(constant(all), scaled(from, -1 / ROWS));
  const fours = bound(head, all % most === 0 ? constant(most) : minimum(left, constant(most)));
  const slopesAreWanted = parts.has('queries') || parts.has('keys');
  turns(head, 'four', [count(0), fours], most, (four) => {
    const row = sum(from, scaled(four, ROWS));
    sharesOf(strip, row, four, slopesAreWanted);
    if (parts.has('queries')) byQueries(strip, row);
  });
  const { emitter } = head.workspace;
  const end = emitter.bind('rows', emitter.depth, binary('mul', fours, count(ROWS)));
  if (parts.has('values')) byKeys(strip, 'values', from, end, lines.shares, lines.gradients, quadsOf(g));
  if (parts.has('keys')) byKeys(strip, 'keys', from, end, lines.slopes, lines.queries, quadsOf(k));
}
