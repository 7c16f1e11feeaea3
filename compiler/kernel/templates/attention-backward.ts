/**
 * Gradients of attention (Dao, FlashAttention-2, algorithm 2), without atomics: a workgroup owns queries and runs over
 * the keys, or owns keys and runs over the queries. The shares of a tile are worked out anew from the scores and the
 * queries' logarithms; slope = share * (g · v - delta) is the gradient of the scores, with delta = g · result of the query,
 * which the kernel of the queries may work out for itself and for that of the keys. In: the gradient by the queries,
 * or those by keys and by values. Out: a kernel that stores no score.
 */
import { LANES, binary, cast, laneOf, literal, select, spread, unary } from '../expression.ts';
import type { Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { writesOf, type KernelShape, type Workspace } from '../workspace.ts';
import {
  backwardOperands,
  operandOf,
  type BackwardOperands,
  type Gradient,
  type Pairs,
} from './attention-operands.ts';
import { overTiles, visible } from './attention-pairs.ts';
import { storeRow, storeRows } from './attention-results.ts';
import { sumOfRows } from './attention-rows.ts';
import {
  accumulate,
  blockOf,
  contract,
  declareResults,
  declareSums,
  keepTile,
  keptColumns,
  keptRow,
  shapeOf,
  type Block,
} from './attention-tiles.ts';

interface Backward extends BackwardOperands {
  readonly block: Block;
  /** The rows' deltas, where the kernel works them out itself. */
  readonly deltas: Expression | undefined;
}

export function lowerBackward(workspace: Workspace, nodes: readonly Gradient[]): KernelShape {
  const { graph, group, reader } = workspace;
  const [first] = nodes as [Gradient];
  const rows = first.attributes.by === 'queries' ? 'queries' : 'keys';
  const operands = backwardOperands(workspace, first, rows);
  const { pairs, delta, leading } = operands;
  const block = blockOf(workspace, leading, pairs[rows]);
  const all: Backward = { ...operands, block, deltas: ownDeltas(block, delta) };
  const results = new Map(
    nodes.map((node) => [node.attributes.by, declareResults(block, operandOf(workspace, node.id).channels)]),
  );
  overTiles(block, pairs, (from) => {
    const shares = sharesOf(all, from);
    const byValues = results.get('values');
    if (byValues) {
      keepTile(block, shares);
      accumulate(block, all.g, from, byValues);
    }
    const byQueries = results.get('queries');
    const others = byQueries ?? results.get('keys');
    if (!others) return;
    keepTile(block, slopesOf(all, from, shares));
    accumulate(block, byQueries ? all.k : all.q, from, others);
  });
  for (const write of writesOf(graph, group)) {
    const { deltas } = all;
    if (deltas && write.value === delta) {
      storeRow(block, write, (r) => laneOf(deltas, r));
      continue;
    }
    const node = reader.node(write.value);
    const found = node.op === 'attention_gradient' ? results.get(node.attributes.by) : undefined;
    if (!found) throw new Error('internal: a gradient of attention that is not computed');
    storeRows(block, write, found, (value) => cast(value, node.type.dtype));
  }
  return shapeOf(block);
}

/** g · result of the thread's rows, a lane each, if that sum is a part of the kernel. */
function ownDeltas(block: Block, delta: number): Expression | undefined {
  const { group, reader } = block.workspace;
  const node = reader.node(delta);
  return node.op === 'reduce_sum' && group.nodes.includes(delta) ? sumOfRows(block, node) : undefined;
}

/** The shares of the thread's rows and columns; 0 where they do not see each other. */
function sharesOf({ block, pairs, scale, q, k, sums }: Backward, from: Index): Expression[] {
  const { emitter } = block.workspace;
  const scores = declareSums(block);
  if (pairs.rows === 'queries') contract(block, q, k, from, scores);
  else contract(block, k, q, from, scores);
  return scores.map((score, r) => {
    const scaled = binary('mul', score, spread(literal(scale, 'f32'), 4));
    const share = unary('exp', binary('sub', scaled, ofQuery(block, pairs, sums, r, from)));
    const seen = visible(block, pairs, r, from);
    const value = seen ? select(seen, share, spread(literal(0, 'f32'), 4)) : share;
    return emitter.declare('let', 'share', emitter.depth, value);
  });
}

/** scale * share * (g · v - delta) */
function slopesOf(all: Backward, from: Index, shares: readonly Expression[]): Expression[] {
  const { block, pairs, scale, v, g, delta, deltas } = all;
  const { emitter } = block.workspace;
  const changes = declareSums(block);
  if (pairs.rows === 'queries') contract(block, g, v, from, changes);
  else contract(block, v, g, from, changes);
  return shares.map((share, r) => {
    const own = deltas && spread(laneOf(deltas, LANES[r as 0]), 4);
    const change = binary('sub', changes[r] as Expression, own ?? ofQuery(block, pairs, delta, r, from));
    const slope = binary('mul', binary('mul', share, change), spread(literal(scale, 'f32'), 4));
    return emitter.declare('let', 'slope', emitter.depth, slope);
  });
}

/** A number a query: that of row `r` in all lanes, or those of the four columns. */
function ofQuery(block: Block, pairs: Pairs, id: number, r: number, from: Index): Expression {
  const at = pairs.rows === 'queries' ? keptRow(block, r) : keptColumns(block, from, pairs.queries);
  return spread(cast(block.workspace.reader.read(id, [...block.product, at]), 'f32'), 4);
}
