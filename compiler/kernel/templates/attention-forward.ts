/**
 * Attention forward (Dao, FlashAttention-2, algorithm 1): a workgroup runs over the keys in tiles and keeps, for each of
 * its queries, the largest score so far, the sum of exponentials below it and the result so far, both put right
 * whenever a larger score comes. In: the result, its logarithms or both. Out: a kernel that stores no score.
 */
import {
  acrossLanes,
  binary,
  cast,
  fma,
  laneOf,
  literal,
  LANES,
  select,
  spread,
  unary,
  vectorOf,
} from '../expression.ts';
import type { Expression } from '../ir.ts';
import { writesOf, type KernelShape, type Workspace } from '../workspace.ts';
import { NOTHING, forwardOperands, type Forward } from './attention-operands.ts';
import { overTiles, visible } from './attention-pairs.ts';
import {
  accumulate,
  blockOf,
  contract,
  declareResults,
  declareSums,
  keepTile,
  shapeOf,
  type Block,
} from './attention-tiles.ts';
import { storeRow, storeRows } from './attention-results.ts';
import { fromThreads, sumOverThreads } from './attention-rows.ts';

export function lowerForward(workspace: Workspace, nodes: readonly Forward[]): KernelShape {
  const { graph, group, reader, emitter } = workspace;
  const { queries, keys, values, pairs, scale, leading } = forwardOperands(workspace, nodes);
  const { mask } = pairs;
  const block = blockOf(workspace, leading, queries.length);

  const results = values ? declareResults(block, values.channels) : [];
  const largest = emitter.declare('var', 'largest', emitter.depth, spread(literal(NOTHING, 'f32'), 4));
  const total = emitter.declare('var', 'total', emitter.depth, spread(literal(0, 'f32'), 4));
  overTiles(block, pairs, (from) => {
    const sums = declareSums(block);
    contract(block, queries, keys, from, sums);
    const seen = LANES.map((r) => visible(block, pairs, r, from));
    const scores = sums.map((value, r) => {
      const score = binary('mul', value, spread(literal(scale, 'f32'), 4));
      const condition = seen[r];
      const known = condition ? select(condition, score, spread(literal(NOTHING, 'f32'), 4)) : score;
      return emitter.declare('let', 'score', emitter.depth, known);
    });
    const next = nextLargest(block, scores, largest);
    const shrink = bind(block, unary('exp', binary('sub', largest, next)));
    const shares = scores.map((score, r) => {
      const share = unary('exp', binary('sub', score, spread(laneOf(next, LANES[r as 0]), 4)));
      const condition = seen[r];
      return bind(block, condition ? select(condition, share, spread(literal(0, 'f32'), 4)) : share);
    });
    const added = vectorOf((r) => acrossLanes(shares[r] as Expression, (a, b) => binary('add', a, b)));
    emitter.assign(total, fma(total, shrink, added));
    emitter.assign(largest, next);
    if (!values) return;
    keepTile(block, shares);
    for (const chunk of results)
      chunk.forEach((value, r) => {
        emitter.assign(value, binary('mul', value, spread(laneOf(shrink, LANES[r as 0]), 4)));
      });
    accumulate(block, values, from, results);
  });

  const sum = sumOverThreads(block, total);
  const isEmpty = binary('eq', sum, spread(literal(0, 'f32'), 4));
  const one = spread(literal(1, 'f32'), 4);
  const divisor = bind(block, mask === undefined ? sum : select(isEmpty, one, sum));
  const logarithm = binary('add', unary('log', divisor), largest);
  const zero = spread(literal(0, 'f32'), 4);
  const logarithms = bind(block, mask === undefined ? logarithm : select(isEmpty, zero, logarithm));
  for (const write of writesOf(graph, group)) {
    const node = reader.node(write.value);
    if (node.op === 'attention_lse') {
      storeRow(block, write, (r) => cast(laneOf(logarithms, r), node.type.dtype));
      continue;
    }
    storeRows(block, write, results, (value, r) => {
      return cast(binary('div', value, spread(laneOf(divisor, r), 4)), node.type.dtype);
    });
  }
  return shapeOf(block);
}

/** The largest score of each row, those of earlier tiles among them. */
function nextLargest(block: Block, scores: readonly Expression[], largest: Expression): Expression {
  const max = (a: Expression, b: Expression): Expression => binary('max', a, b);
  const own = vectorOf((r) => acrossLanes(scores[r] as Expression, max));
  return bind(block, fromThreads(block, own).reduce(max, largest));
}

function bind({ workspace: { emitter } }: Block, value: Expression): Expression {
  return emitter.declare('let', 'v', emitter.depth, value);
}
