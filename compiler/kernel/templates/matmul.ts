/**
 * The matrix product with a tile in registers: a thread computes 4 rows by 4 columns of one product, without
 * workgroup memory. In: a matmul node whose operands are read through their views, so that NN, NT, TN and TT
 * are one template. Out: threads (columns / 4, rows / 4, products) and the body.
 *
 * The loop over K nests where an operand merges several axes into it (`contraction.ts`).
 *
 * Along each operand the template finds the axis on which four neighbours are one aligned vec4: the outer
 * one (rows of A, columns of B) or the inner one, K, which is then run through in steps of four. Sizes that
 * are no multiple of four: a tile at the edge repeats its last row or column, in loads and stores alike, so
 * that the same value is written twice and nothing needs a guard.
 */
import type { Dimension } from '../../graph/dimension.ts';
import { dimensionAt } from '../../graph/dimension.ts';
import { BindingTable } from '../bindings.ts';
import { Emitter, LANE_INDEX } from '../emitter.ts';
import { U32, binary, fma, laneOf, literal, spread, variable, vectorOf, type Lane } from '../expression.ts';
import { minimum } from '../index-division.ts';
import {
  constant,
  fromDimension,
  indexVariable,
  isMultiple,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { Reader } from '../reader.ts';
import { countOf, sizesOf, unflatten } from '../shapes.ts';
import { contractedSizes, overDepth } from './contraction.ts';
import type { KernelShape, Workspace } from '../workspace.ts';
import { productOf, readWide, sidesIn, storeTile, valuesBeside } from './product-results.ts';

const TILE = 4;

/** Which axis of an operand is read four elements at a time. */
type Mode = 'outer' | 'inner' | 'scalar';

/** One operand: its value at an index along the outer axis and one along K. */
type Operand = (outer: Index, inner: Index) => Expression;

interface Side {
  readonly size: Index;
  /** Tiles along the axis. */
  readonly tiles: Dimension;
  /** True where there may be more threads than tiles: the batch is smaller than the largest. */
  readonly guarded: boolean;
  /** Indices of the tile's rows or columns. */
  readonly at: readonly Index[];
  /** The same as one index with a lane; undefined where the last tile is not full. */
  readonly lanes: Index | undefined;
  readonly thread: Index;
}

export function lowerMatmul(workspace: Workspace): KernelShape {
  const { graph, group, context, emitter, reader } = workspace;
  const node = productOf(workspace);
  const { shape } = node.type;
  const [a, b] = node.inputs as [number, number];
  const leading = shape.slice(0, -2);
  const rows = side('y', shape.at(-2) as Dimension, context.batch);
  const columns = side('x', shape.at(-1) as Dimension, context.batch);
  const sizes = contractedSizes(graph, group, reader.node(a).type.shape.at(-1) as Dimension, [
    { id: a, axis: shape.length - 1 },
    { id: b, axis: shape.length - 2 },
  ]);
  const depth = sizesOf(sizes, context.batch);

  const leadingSizes = sizesOf(leading, context.batch);
  const product = unflatten(indexVariable('z', countOf(leadingSizes)), leadingSizes);
  const operands = (from: Reader): { left: Operand; right: Operand } => ({
    left: (m, k) => readWide(from, a, [...product, m, k]),
    right: (n, k) => readWide(from, b, [...product, k, n]),
  });
  const modes = chooseModes(workspace, operands, rows, columns, depth);
  const { left, right } = operands(reader);

  const sides = sidesIn(workspace, node);
  const build = (): void => {
    const totals = multiply(emitter, { left, right, modes, rows, columns, depth });
    storeTile(workspace, totals, product, rows, columns);
    if (sides.size > 0)
      emitter.when(binary('eq', variable('y', U32), literal(0, 'u32')), () =>
        valuesBeside(workspace, columns, columns.size).forEach((each) => each()),
      );
  };
  guarded(emitter, [rows, columns], build);
  const threads: [Dimension[], Dimension[], Dimension[]] = [
    [columns.tiles],
    [rows.tiles],
    leading.length > 0 ? [...leading] : [1],
  ];
  const single = context.profile.deviceClass === 'cpu';
  return { threads, workgroup: single ? [1, 1, 1] : workgroup(columns, rows, context.batch) };
}

function side(name: string, d: Dimension, limit: number): Side {
  const size = fromDimension(d, limit);
  const whole = isMultiple(size, TILE);
  const tiles = whole ? quarter(d) : Math.ceil(dimensionAt(d, limit) / TILE);
  const thread = indexVariable(name, fromDimension(tiles, limit));
  const start = scaled(thread, TILE);
  const last = sum(size, constant(-1));
  const count = typeof d === 'number' ? Math.min(TILE, d) : TILE;
  const at = Array.from({ length: count }, (_, i) => minimum(sum(start, constant(i)), last));
  return {
    size,
    tiles,
    guarded: !whole && typeof d !== 'number',
    at,
    lanes: whole ? sum(start, LANE_INDEX) : undefined,
    thread,
  };
}

const quarter = (d: Dimension): Dimension =>
  typeof d === 'number' ? d / TILE : { times: d.times / TILE, plus: d.plus / TILE };

function guarded(emitter: Emitter, sides: readonly Side[], build: () => void): void {
  const conditions = sides
    .filter((s) => s.guarded)
    .map((s) => binary('lt', emitter.index(scaled(s.thread, TILE)), emitter.index(s.size)));
  const [first, ...others] = conditions;
  if (!first) build();
  else
    emitter.when(
      others.reduce((x, y) => binary('and', x, y), first),
      build,
    );
}

/** Probes each operand: K in steps of four pays only if the other operand comes in vec4s as well. */
function chooseModes(
  workspace: Workspace,
  operands: (from: Reader) => { left: Operand; right: Operand },
  rows: Side,
  columns: Side,
  depth: readonly Index[],
): { left: Mode; right: Mode } {
  const mode = (which: 'left' | 'right', outer: Side): Mode => {
    const [first] = outer.at;
    const { lanes } = outer;
    if (lanes && loadsVectors(workspace, depth, 1, (reader, k) => operands(reader)[which](lanes, k)))
      return 'outer';
    const quads = isMultiple(depth.at(-1) as Index, TILE);
    if (
      quads &&
      first &&
      loadsVectors(workspace, depth, TILE, (reader, k) => operands(reader)[which](first, inner(k)))
    ) {
      return 'inner';
    }
    return 'scalar';
  };
  const left = mode('left', rows);
  const right = mode('right', columns);
  if (left === 'inner' && right === 'scalar') return { left: 'scalar', right };
  if (right === 'inner' && left === 'scalar') return { left, right: 'scalar' };
  return { left, right };
}

/** The four neighbours along K from `start` on. */
const inner = (start: Index): Index => sum(start, LANE_INDEX);

/** Whether a value with a lane is read without putting vec4s together from scalars. */
function loadsVectors(
  workspace: Workspace,
  depth: readonly Index[],
  step: number,
  read: (reader: Reader, start: Index) => Expression,
): boolean {
  const { bindings } = BindingTable.fill((table) => {
    const emitter = new Emitter();
    const reader = new Reader(workspace.reader.options, emitter, table);
    overDepth(emitter, depth, step, (start) => void read(reader, start));
  });
  return bindings.gathers === 0;
}

interface Product {
  readonly left: Operand;
  readonly right: Operand;
  readonly modes: { readonly left: Mode; readonly right: Mode };
  readonly rows: Side;
  readonly columns: Side;
  /** Sizes of the loops over K. */
  readonly depth: readonly Index[];
}

/** The loop over K. Returns each row's total: one vec4, or a scalar a column. */
function multiply(emitter: Emitter, p: Product): Expression[][] {
  const { rows, columns, modes, depth } = p;
  const wide = columns.lanes !== undefined;
  const names = rows.at.map(() =>
    (wide ? [0] : columns.at).map(() => {
      const zero = spread(literal(0, 'f32'), wide ? 4 : 1);
      return emitter.declare('var', 'sum', emitter.depth, zero);
    }),
  );
  const step = modes.left === 'inner' || modes.right === 'inner' ? TILE : 1;
  overDepth(emitter, depth, step, (start) => {
    const leftAt = elements(emitter, p.left, modes.left, rows, start);
    const rightAt = elements(emitter, p.right, modes.right, columns, start);
    for (let k = 0; k < step; k++) {
      names.forEach((row, r) =>
        row.forEach((total, c) => {
          const left = spread(leftAt.scalar(r, k), wide ? 4 : 1);
          const right = wide ? rightAt.vector(k) : rightAt.scalar(c, k);
          emitter.assign(total, fma(left, right, total));
        }),
      );
    }
  });
  return names;
}

interface Elements {
  /** Element of the tile's row or column `i` at offset `k` of this turn. */
  scalar(i: number, k: number): Expression;
  /** The tile's four rows or columns at offset `k`. */
  vector(k: number): Expression;
}

/** The operand's elements of one turn of the loop. */
function elements(emitter: Emitter, operand: Operand, mode: Mode, outer: Side, start: Index): Elements {
  const depthAt = (k: number): Index => sum(start, constant(k));
  const at = (i: number): Index => outer.at[i] as Index;
  if (mode === 'outer') {
    const lanes = outer.lanes as Index;
    const vector = (k: number) => spread(operand(lanes, depthAt(k)), 4);
    return { vector, scalar: (i, k) => laneOf(vector(k), i as Lane) };
  }
  const scalar = (i: number, k: number): Expression =>
    mode === 'inner'
      ? laneOf(spread(operand(at(i), inner(start)), 4), k as Lane)
      : operand(at(i), depthAt(k));
  const vectors = new Map<number, Expression>();
  const vector = (k: number): Expression => {
    const made =
      vectors.get(k) ??
      emitter.bind(
        'across',
        emitter.depth,
        vectorOf((lane) => scalar(lane, k)),
      );
    vectors.set(k, made);
    return made;
  };
  return { scalar, vector };
}

/** 64 threads, fewer columns or rows of them where there are not so many tiles. */
function workgroup(columns: Side, rows: Side, limit: number): [number, number, number] {
  const fitting = (tiles: number, most: number): number => {
    let size = 1;
    while (size < tiles && size < most) size *= 2;
    return size;
  };
  const x = fitting(dimensionAt(columns.tiles, limit), 8);
  return [x, fitting(dimensionAt(rows.tiles, limit), 64 / x), 1];
}
