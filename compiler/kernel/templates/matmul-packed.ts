/**
 * The matrix product of the CPU target: a thread computes a block of the result from panels that it packs into
 * scratch memory, one tile of registers at a time. In: a matmul node whose operands are read through their views, so
 * that NN, NT, TN and whatever a view makes of them differ in the packing alone. Out: threads (column blocks, row
 * blocks, products), scratch arrays and the body.
 *
 * K runs in blocks whose panels fit the caches; the blocks' sums are added in order. Sizes that are no multiple of the
 * tile: a tile at the edge repeats the last row or column, in loads and stores alike, as in `matmul.ts`.
 */
import type { Dimension } from '../../graph/dimension.ts';
import { dimensionAt } from '../../graph/dimension.ts';
import { LANES, U32, binary, fma, laneOf, literal, spread, variable } from '../expression.ts';
import { constant, fromDimension, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression, ScratchArray } from '../ir.ts';
import { sizesOf, countOf, unflatten } from '../shapes.ts';
import type { KernelShape, Workspace } from '../workspace.ts';
import { productOf, storeTile } from './product-results.ts';
import { blockSide, chooseTiling, type BlockSide, type Tiling } from './matmul-tiling.ts';
import { contractedSizes } from './contraction.ts';
import { evenDepth, nestedDepth, type BlockOfK, type Depth } from './matmul-depth.ts';
import { chooseWay, packPanel, type Panel, type Way } from './matmul-panels.ts';

const VECTOR = { scalar: 'f32', lanes: 4 } as const;

/** Arrays of the kernel by their place. */
const ROWS = 0;
const COLUMNS = 1;
const TOTALS = 2;

/** How operands are packed, as an earlier lowering of the same kernel has found. */
export interface Packing {
  found?: { readonly depth: Depth; readonly ways: { readonly rows: Way; readonly columns: Way } };
}

export function lowerPackedMatmul(workspace: Workspace, packing: Packing): KernelShape {
  const { graph, group, context, emitter, reader } = workspace;
  const node = productOf(workspace);
  const { shape } = node.type;
  const [left, right] = node.inputs as [number, number];
  const leading = shape.slice(0, -2);
  const [m, n] = shape.slice(-2) as [Dimension, Dimension];
  const inner = reader.node(left).type.shape.at(-1) as Dimension;
  const size = (d: Dimension): number => dimensionAt(d, context.batch);
  const products = leading.reduce<number>((count, d) => count * size(d), 1);
  const tiling = chooseTiling(size(m), size(n), size(inner), products);
  const leadingSizes = sizesOf(leading, context.batch);
  const product = unflatten(indexVariable('z', countOf(leadingSizes)), leadingSizes);

  const rows = blockSide(emitter, 'y', m, tiling.rows, tiling.rowTiles, context.batch);
  const columns = blockSide(emitter, 'x', n, tiling.columns, tiling.columnTiles, context.batch);
  const panel = (of: 'rows' | 'columns', depth: Depth, block: BlockOfK): Panel => ({
    array: of === 'rows' ? ROWS : COLUMNS,
    side: of === 'rows' ? rows : columns,
    depth: depth.depth,
    block,
    read:
      of === 'rows'
        ? (from, at, k) => from.read(left, [...product, at, k])
        : (from, at, k) => from.read(right, [...product, k, at]),
  });
  packing.found ??= choosePacking(
    evenDepth(fromDimension(inner, context.batch), tiling.depth, size(inner)),
    () => {
      const operands = [
        { id: left, axis: shape.length - 1 },
        { id: right, axis: shape.length - 2 },
      ];
      const sizes = contractedSizes(graph, group, inner, operands);
      return nestedDepth(sizesOf(sizes, context.batch), mostNested(tiling));
    },
    (of, depth) => chooseWay(workspace, panel(of, depth, depth.block(emitter, undefined))),
  );
  const { depth, ways } = packing.found;
  const totals = tiling.rowTiles * tiling.columnTiles * tiling.rows * (tiling.columns / 4);
  const four = { scalar: 'f32', width: 4 } as const;
  const scratch: ScratchArray[] = [
    { name: 'rows', ...four, length: (tiling.rowTiles * tiling.rows * depth.depth) / 4 },
    { name: 'columns', ...four, length: (tiling.columnTiles * tiling.columns * depth.depth) / 4 },
    ...(!depth.isWhole ? [{ name: 'totals', ...four, length: totals }] : []),
  ];

  /** One block of K: packs both operands, then runs through the tiles. */
  const block = (here: BlockOfK, finish: Finish): void => {
    packPanel(workspace, panel('columns', depth, here), ways.columns);
    packPanel(workspace, panel('rows', depth, here), ways.rows);
    forTiles(workspace, rows, columns, (r, c) =>
      finish(r, c, multiplyTile(workspace, tiling, depth.depth, here.turns, r, c)),
    );
  };
  const store = (r: Index, c: Index, tile: Tile): void => {
    const rowsAt = rows.at(r);
    for (let quad = 0; quad < tiling.columns / 4; quad++) {
      const at = columns.quad(c, quad);
      const values = tile.map((row) => {
        const value = row[quad] as Expression;
        return at.lanes ? [value] : at.at.map((_, lane) => laneOf(value, LANES[lane as 0]));
      });
      storeTile(workspace, values, product, { at: rowsAt }, at);
    }
  };

  const build = (): void => {
    if (depth.isWhole) return block(depth.block(emitter, undefined), store);
    const name = emitter.fresh('block');
    emitter.loop(name, literal(0, 'u32'), depth.count(emitter), 1, () => {
      const first = binary('eq', variable(name, U32), literal(0, 'u32'));
      block(depth.block(emitter, name), (r, c, tile) => addTotals(workspace, tiling, first, r, c, tile));
    });
    forTiles(workspace, rows, columns, (r, c) => store(r, c, readTotals(workspace, tiling, r, c)));
  };
  const guards = [rows, columns].flatMap(({ guard }) => (guard ? [guard] : []));
  if (guards.length > 0)
    emitter.when(
      guards.reduce((a, b) => binary('and', a, b)),
      build,
    );
  else build();
  const blocks = (side: typeof rows): Dimension[] => [side.blocks];
  return {
    threads: [blocks(columns), blocks(rows), leading.length > 0 ? [...leading] : [1]],
    workgroup: [1, 1, 1],
    scratch,
  };
}

/** Bytes of the panels of a block whose loops nest. */
const NESTED_BYTES = 256 * 1024;

const mostNested = ({ rows, rowTiles, columns, columnTiles }: Tiling): number =>
  Math.floor(NESTED_BYTES / 4 / (rows * rowTiles + columns * columnTiles));

/** Even blocks, unless an operand is packed element by element and its view has axes to nest the loops by. */
function choosePacking(
  even: Depth,
  nested: () => Depth | undefined,
  wayOf: (of: 'rows' | 'columns', depth: Depth) => Way,
): NonNullable<Packing['found']> {
  const chosen = (depth: Depth) => ({
    depth,
    ways: { rows: wayOf('rows', depth), columns: wayOf('columns', depth) },
  });
  const first = chosen(even);
  if (first.ways.rows !== 'single' && first.ways.columns !== 'single') return first;
  const other = nested();
  return other ? chosen(other) : first;
}

/** Sums of a tile: a row of vec4s each. */
type Tile = readonly (readonly Expression[])[];
type Finish = (rowTile: Index, columnTile: Index, tile: Tile) => void;

/** Columns outside, so that a panel of them stays in the nearest cache while the rows pass by. */
function forTiles(
  { emitter }: Workspace,
  rows: BlockSide,
  columns: BlockSide,
  build: (rowTile: Index, columnTile: Index) => void,
): void {
  const [c, r] = [emitter.fresh('column'), emitter.fresh('row')];
  emitter.loop(c, literal(0, 'u32'), columns.tilesHere, 1, () =>
    emitter.loop(r, literal(0, 'u32'), rows.tilesHere, 1, () =>
      build(indexVariable(r, constant(rows.tiles)), indexVariable(c, constant(columns.tiles))),
    ),
  );
}

/** The loop over a block of K with the tile's sums in variables. */
function multiplyTile(
  { emitter }: Workspace,
  tiling: Tiling,
  depth: number,
  turns: Expression,
  rowTile: Index,
  columnTile: Index,
): Tile {
  const quads = tiling.columns / 4;
  const count = (value: number): Expression => literal(value, 'u32');
  const start = (index: Index, each: number): Expression =>
    emitter.bind('start', emitter.depth, emitter.index(scaled(index, each)));
  const left = start(rowTile, (depth * tiling.rows) / 4);
  const right = start(columnTile, depth * quads);
  const sums = Array.from({ length: tiling.rows }, () =>
    Array.from({ length: quads }, () =>
      emitter.declare('var', 'sum', emitter.depth, spread(literal(0, 'f32'), 4)),
    ),
  );
  const name = emitter.fresh('k');
  emitter.loop(name, count(0), turns, 1, () => {
    const k = variable(name, U32);
    const place = (base: Expression, each: number): Expression =>
      emitter.declare('let', 'at', emitter.depth, binary('add', base, binary('mul', k, count(each))));
    const [leftAt, rightAt] = [place(left, tiling.rows / 4), place(right, quads)];
    const fours = (array: number, at: Expression, quad: number): Expression => ({
      kind: 'scratch_load',
      type: VECTOR,
      array,
      index: within(at, quad),
    });
    const values = Array.from({ length: quads }, (_, quad) =>
      emitter.declare('let', 'b', emitter.depth, fours(COLUMNS, rightAt, quad)),
    );
    sums.forEach((row, i) => {
      const one = laneOf(fours(ROWS, leftAt, Math.floor(i / 4)), LANES[(i % 4) as 0]);
      const spreadOut = emitter.declare('let', 'a', emitter.depth, spread(one, 4));
      row.forEach((total, quad) => {
        emitter.assign(total, fma(spreadOut, values[quad] as Expression, total));
      });
    });
  });
  return sums;
}

/** Where the sums of a tile are kept between blocks of K. */
function totalsAt({ emitter }: Workspace, tiling: Tiling, rowTile: Index, columnTile: Index): Expression {
  const each = tiling.rows * (tiling.columns / 4);
  const tile = sum(scaled(columnTile, tiling.rowTiles), rowTile);
  return emitter.bind('total', emitter.depth, emitter.index(scaled(tile, each)));
}

const within = (base: Expression, place: number): Expression => binary('add', base, literal(place, 'u32'));

function readTotals(workspace: Workspace, tiling: Tiling, rowTile: Index, columnTile: Index): Tile {
  const base = totalsAt(workspace, tiling, rowTile, columnTile);
  const quads = tiling.columns / 4;
  return Array.from({ length: tiling.rows }, (_, i) =>
    Array.from({ length: quads }, (_unused, quad): Expression => {
      const index = within(base, i * quads + quad);
      return { kind: 'scratch_load', type: VECTOR, array: TOTALS, index };
    }),
  );
}

/** Adds a block's sums to those before it, or begins with them. */
function addTotals(
  workspace: Workspace,
  tiling: Tiling,
  first: Expression,
  rowTile: Index,
  columnTile: Index,
  tile: Tile,
): void {
  const { emitter } = workspace;
  const base = totalsAt(workspace, tiling, rowTile, columnTile);
  const quads = tiling.columns / 4;
  const earlier = readTotals(workspace, tiling, rowTile, columnTile);
  const write = (value: (i: number, quad: number) => Expression): void => {
    for (let i = 0; i < tiling.rows; i++)
      for (let quad = 0; quad < quads; quad++)
        emitter.push({ kind: 'scratch_store', array: TOTALS, index: within(base, i * quads + quad), value: value(i, quad) }); // prettier-ignore
  };
  emitter.when(first, () => write((i, quad) => tile[i]![quad]!));
  emitter.when({ kind: 'unary', type: first.type, function: 'not', operand: first }, () =>
    write((i, quad) => binary('add', earlier[i]![quad]!, tile[i]![quad]!)),
  );
}
