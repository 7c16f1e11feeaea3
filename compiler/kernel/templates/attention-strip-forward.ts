/**
 * Attention forward on a processor: a thread takes 64 queries of a head, four at a time. The scores of four queries by all
 * keys that they see become shares, and these the result, before the next four. In: the result, its logarithms or both. Out:
 * a kernel that stores no score.
 */
import { LANES, acrossLanes, binary, cast, literal, select, spread, unary } from '../expression.ts';
import { minimum } from '../index-division.ts';
import { ZERO, constant, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { flatten } from '../shapes.ts';
import { storeElement } from '../store.ts';
import { writesOf, writtenPosition, type KernelShape, type Workspace, type Write } from '../workspace.ts';
import { NOTHING, forwardOperands, type Forward, type Operand, type Pairs } from './attention-operands.ts';
import { overKeys, seesKeys, tilesBefore, tilesOf } from './attention-strip-pairs.ts';
import { keepTurned, packFour, packLines, packTurned } from './attention-strip-panels.ts';
import { multiply } from './attention-strip-products.ts';
import {
  COLUMNS,
  ROWS,
  bound,
  count,
  headOf,
  ifThere,
  keep,
  kept,
  linesOf,
  quadsOf,
  shapeOf,
  storeTile,
  turns,
  widthOf,
  type Head,
  type Lines,
} from './attention-strips.ts';

/** Queries of a thread: so often are keys and values packed. */
const QUERIES = 64;

interface Strip {
  readonly head: Head;
  readonly pairs: Pairs;
  readonly scale: number;
  readonly queries: Operand;
  readonly values: Operand | undefined;
  readonly rows: Lines;
  readonly turned: Lines;
  readonly lines: Lines | undefined;
  /** Of four queries, by quads of keys. */
  readonly scores: Lines;
  /** By keys. */
  readonly shares: Lines;
}

/** The largest score and the sum of exponentials below it, of each row. */
interface Sums {
  readonly largest: readonly Expression[];
  readonly totals: readonly Expression[];
}

export function lowerForwardStrips(workspace: Workspace, nodes: readonly Forward[]): KernelShape {
  const { emitter } = workspace;
  const { queries, keys, values, pairs, scale, leading } = forwardOperands(workspace, nodes);
  const tiles = tilesOf(pairs);
  const head = headOf(workspace, leading);
  const strip: Strip = {
    head,
    pairs,
    scale,
    queries,
    values,
    rows: linesOf(head, 'queries', queries.channels, 1),
    turned: linesOf(head, 'keys', tiles * queries.channels, 2),
    lines: values && linesOf(head, 'values', tiles * COLUMNS, quadsOf(values)),
    scores: linesOf(head, 'scores', ROWS, tiles * 2),
    shares: linesOf(head, 'shares', tiles * COLUMNS, 1),
  };

  const strips = Math.ceil(queries.length / QUERIES);
  const from = scaled(indexVariable('x', constant(strips)), QUERIES);
  const seen = bound(head, tilesBefore(pairs, sum(from, constant(QUERIES))));
  packTurned(head, strip.turned, keys, seen, tiles);
  if (values && strip.lines) {
    const rows = emitter.bind('rows', emitter.depth, binary('mul', seen, count(COLUMNS)));
    packLines(head, strip.lines, values, ZERO, rows, tiles * COLUMNS);
  }
  const fours = sum(constant(Math.ceil(queries.length / ROWS)), scaled(from, -1 / ROWS));
  const most = Math.min(QUERIES / ROWS, Math.ceil(queries.length / ROWS));
  const here = strips === 1 ? constant(most) : minimum(fours, constant(most));
  turns(head, 'four', [count(0), bound(head, here)], most, (four) =>
    lowerRows(strip, sum(from, scaled(four, ROWS))),
  );
  return shapeOf(head, strips);
}

/** Four queries from `row` on. */
function lowerRows(strip: Strip, row: Index): void {
  const { head, pairs, values, lines, shares, queries, rows } = strip;
  const { workspace } = head;
  packFour(head, rows, queries, row);
  const sums = sharesOf(strip, row);
  const seen = bound(head, scaled(tilesBefore(pairs, sum(row, constant(ROWS))), COLUMNS));
  const writes = writesOf(workspace.graph, workspace.group);
  for (const write of writes.filter(({ value }) => isLogarithm(workspace, value)))
    storeLogarithms(strip, write, row, sums);
  if (!values || !lines) return;
  const quads = quadsOf(values);
  const width = widthOf(quads);
  turns(head, 'channel', [count(0), count(quads / width)], quads / width, (at) => {
    const quad = scaled(at, width);
    const tile = multiply(head, { lines: shares, start: ZERO }, { lines, start: quad }, width, [
      count(0),
      seen,
    ]);
    const results = tile.map((values, r) =>
      values.map((value) => binary('div', value, spread(sums.totals[r] as Expression, 4))),
    );
    for (const write of writes)
      if (!isLogarithm(workspace, write.value)) storeTile(head, write, results, row, quad);
  });
}

const isLogarithm = ({ reader }: Workspace, value: number): boolean =>
  reader.node(value).op === 'attention_lse';

/** Leaves exp(score - the largest) in `shares`. */
function sharesOf({ head, pairs, scale, queries, rows, turned, scores, shares }: Strip, row: Index): Sums {
  const { emitter } = head.workspace;
  const four = (value: number): Expression => spread(literal(value, 'f32'), 4);
  const largest = LANES.map(() => emitter.declare('var', 'largest', emitter.depth, four(NOTHING)));
  overKeys(head, pairs, row, (tile, isChecked) => {
    const start = scaled(tile, 2 * queries.channels);
    const found = multiply(head, { lines: rows, start: ZERO }, { lines: turned, start }, 2, [
      count(0),
      count(queries.channels),
    ]);
    found.forEach((values, r) =>
      values.forEach((value, quad) => {
        const score = binary('mul', value, four(scale));
        const query = sum(row, constant(r));
        const known = isChecked
          ? select(seesKeys(head, pairs, query, tile, quad), score, four(NOTHING))
          : score;
        const bind = emitter.declare('let', 'score', emitter.depth, known);
        keep(head, scores, sum(constant(r * scores.stride + quad), scaled(tile, 2)), bind);
        const most = largest[r] as Expression;
        // NaN is no larger: it comes into the sums.
        emitter.assign(most, select(binary('lt', most, bind), bind, most));
      }),
    );
  });
  const max = (a: Expression, b: Expression): Expression => binary('max', a, b);
  const most = largest.map((value) => emitter.declare('let', 'most', emitter.depth, acrossLanes(value, max)));
  const added = LANES.map(() => emitter.declare('var', 'total', emitter.depth, four(0)));
  const seen = bound(head, scaled(tilesBefore(pairs, sum(row, constant(ROWS))), 2));
  turns(head, 'quad', [count(0), seen], scores.stride, (quad) => {
    const found = LANES.map((r) => {
      const score = kept(head, scores, sum(constant(r * scores.stride), quad));
      const below = binary('sub', score, spread(most[r] as Expression, 4));
      const share = emitter.declare('let', 'share', emitter.depth, unary('exp', below));
      emitter.assign(added[r] as Expression, binary('add', added[r] as Expression, share));
      return share;
    });
    keepTurned(head, shares, scaled(quad, 4), found);
  });
  const add = (a: Expression, b: Expression): Expression => binary('add', a, b);
  const totals = added.map((value, r) => {
    const total = acrossLanes(value, add);
    // A row that sees nothing has shares of 1 of everything: divided by infinity they are none.
    const known =
      pairs.mask === undefined
        ? total
        : select(isEmpty(most[r] as Expression), literal(Infinity, 'f32'), total);
    return emitter.declare('let', 'total', emitter.depth, known);
  });
  return { largest: most, totals };
}

const isEmpty = (largest: Expression): Expression => binary('eq', largest, literal(NOTHING, 'f32'));

function storeLogarithms({ head, pairs }: Strip, write: Write, row: Index, { largest, totals }: Sums): void {
  const { workspace, at } = head;
  const { reader } = workspace;
  const sizes = reader.sizes(write.value);
  const { dtype } = reader.node(write.value).type;
  largest.forEach((most, r) => {
    const here = sum(row, constant(r));
    const logarithm = binary('add', unary('log', totals[r] as Expression), most);
    const value = pairs.mask === undefined ? logarithm : select(isEmpty(most), literal(0, 'f32'), logarithm);
    ifThere(head, here, pairs.queries, () => {
      const target = writtenPosition(write, flatten([...at, here], sizes), workspace);
      storeElement(workspace, { ...write, lanes: 1 }, cast(value, dtype), target);
    });
  });
}
