/**
 * Which queries see which keys, in a tile of scores: inside of the sequences, not later than the query where attention
 * is causal, and as the mask has it. In: a node's attributes and mask. Out: the tiles that a workgroup runs over, and the
 * condition of a pair; undefined where every pair of the tiles sees each other.
 */

import { mentionsLane } from '../emitter.ts';
import { binary, spread } from '../expression.ts';
import { minimum, quotient } from '../index-division.ts';
import { ZERO, constant, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import type { Workspace } from '../workspace.ts';
import type { Pairs } from './attention-operands.ts';
import { WIDTH, columnsAt, keptColumns, keptRow, type Block } from './attention-tiles.ts';

const columnsOf = ({ rows, queries, keys }: Pairs): number => (rows === 'queries' ? keys : queries);

/** Runs over the tiles of columns in which a row of the block sees anything. */
export function overTiles(block: Block, pairs: Pairs, build: (from: Index) => void): void {
  const { emitter } = block.workspace;
  const tiles = Math.ceil(columnsOf(pairs) / WIDTH);
  if (tiles === 1) {
    build(ZERO);
    return;
  }
  const name = emitter.fresh('tile');
  const tile = indexVariable(name, constant(tiles));
  const width = constant(WIDTH);
  // The last query of the block sees keys up to its own place; the first key is seen from its own place on.
  const isLeft = pairs.causal && pairs.rows === 'queries';
  const behind = sum(quotient(sum(block.from, constant(block.rows - 1)), width), constant(1));
  const end = isLeft ? minimum(behind, constant(tiles)) : constant(tiles);
  const start = pairs.causal && pairs.rows === 'keys' ? quotient(block.from, width) : ZERO;
  emitter.loop(name, emitter.index(start), emitter.index(end), 1, () => build(scaled(tile, WIDTH)));
}

/** Whether the thread's row `r` and its four columns see each other, lane by lane. */
export function visible(block: Block, pairs: Pairs, r: number, from: Index): Expression | undefined {
  const columns = columnsAt(block, from);
  const conditions: Expression[] = [];
  const length = columnsOf(pairs);
  if (length % WIDTH !== 0)
    conditions.push(binary('lt', lanes(block, columns), lanes(block, constant(length))));
  const row = keptRow(block, r);
  const [query, key] = pairs.rows === 'queries' ? [row, columns] : [columns, row];
  if (pairs.causal) conditions.push(binary('le', lanes(block, key), lanes(block, query)));
  if (pairs.mask !== undefined) {
    const inside = keptColumns(block, from, length);
    const pair = pairs.rows === 'queries' ? [row, inside] : [inside, row];
    conditions.push(allowedBy(block.workspace, pairs.mask, [...block.product, ...pair]));
  }
  const [first, ...others] = conditions;
  return first && others.reduce((a, b) => binary('and', a, b), first);
}

/** What a mask says at the coordinates of scores, in four lanes: its axes are the last of theirs, or one long. */
export function allowedBy({ reader }: Workspace, mask: number, scores: readonly Index[]): Expression {
  const sizes = reader.sizes(mask);
  const at = scores.slice(-sizes.length);
  const one = constant(1).key;
  return spread(
    reader.read(
      mask,
      at.map((index, axis) => (sizes[axis]?.key === one ? ZERO : index)),
    ),
    4,
  );
}

/** An index in each of four lanes. */
function lanes({ workspace: { emitter } }: Block, index: Index): Expression {
  return mentionsLane([index]) ? emitter.lanes(index) : spread(emitter.index(index), 4);
}
