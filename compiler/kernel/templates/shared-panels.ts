/**
 * Tiles of a product's operands in workgroup memory. In: how an operand is read. Out: statements with which the threads
 * of a workgroup bring a tile in together, and where a thread finds what it multiplies.
 *
 * A tile lies `across`: vec4s of four neighbours along the side (rows of A, columns of B), one place of K after the
 * other; or, where the operand's neighbours lie along K and the side is that of rows, `along`: vec4s of four neighbours
 * along K, one row after the other. Columns whose neighbours lie along K are turned in registers, four by four.
 */
import { BindingTable } from '../bindings.ts';
import { dealOut } from '../deal-out.ts';
import { Emitter, LANE_INDEX } from '../emitter.ts';
import { LANES, binary, laneOf, literal, select, spread, vectorOf } from '../expression.ts';
import { minimum, quotient, remainder } from '../index-division.ts';
import {
  constant,
  dividedExactly,
  indexVariable,
  isMultiple,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { Reader } from '../reader.ts';
import { LOCAL_ID } from '../thread-ids.ts';
import type { Workspace } from '../workspace.ts';

/** One operand: its value at an index along the side and one along K, as f32. */
export type Operand = (from: Reader, outer: Index, inner: Index) => Expression;

export interface PanelSide {
  readonly of: 'rows' | 'columns';
  /** Of the whole product along the side. */
  readonly size: Index;
  /** Rows or columns of the workgroup's tile, and the first of them. */
  readonly tile: number;
  readonly start: Index;
  readonly read: Operand;
}

export interface Panel extends PanelSide {
  readonly way: Way;
  /** Where the tile begins in the scratch array, in vec4s. */
  readonly base: number;
  /** vec4s from one place of K to the next, or from one row to the next where it lies along K. */
  readonly stride: number;
  readonly length: number;
}

/**
 * `across`, `along`: aligned vec4s of the operand. `turned`: those along K, turned. `neighbours`, `apart`: vec4s put together
 * from scalars, the threads next to each other along the side or along K, where the operand's elements lie.
 */
type Way = 'across' | 'along' | 'turned' | 'neighbours' | 'apart';

const ARRAY = 0;

export interface DepthOfPanels {
  /** The whole K. */
  readonly size: Index;
  /** Places of K in a tile. */
  readonly tile: number;
  readonly threads: number;
}

export function planPanel(workspace: Workspace, side: PanelSide, depth: DepthOfPanels, base: number): Panel {
  const way = chooseWay(workspace, side, depth);
  const quads = side.tile / 4;
  // One vec4 more a row keeps threads that store a column out of each other's memory banks.
  const stride = way === 'along' ? depth.tile / 4 : quads + (way === 'across' ? 0 : 1);
  const length = way === 'along' ? side.tile * stride : depth.tile * stride;
  return { ...side, way, base, stride, length };
}

/** The vec4 of four neighbours along the side at a place of K, both within the tile. */
export const acrossAt = (panel: Panel, quad: Index, place: Index): Index =>
  sum(constant(panel.base), scaled(place, panel.stride), quad);

/** The vec4 of four places of K, of a row within the tile. */
export const alongAt = (panel: Panel, row: Index, quad: Index): Index =>
  sum(constant(panel.base), scaled(row, panel.stride), quad);

/** Brings in the tile whose first place of K is `start`, a multiple of the tile's depth. */
export function fillPanel(workspace: Workspace, panel: Panel, depth: DepthOfPanels, start: Index): void {
  const { emitter, reader } = workspace;
  const quads = panel.tile / 4;
  const deep = depth.tile / 4;
  const put = (at: Index, value: Expression): void =>
    emitter.push({ kind: 'scratch_store', array: ARRAY, index: emitter.index(at), value: spread(value, 4) });
  const outer = outerOf(panel);
  const whole = isMultiple(depth.size, depth.tile);

  /** A value at a place of K, 0 behind the last. */
  const atPlace = (place: Index, read: (k: Index) => Expression): Expression => {
    if (whole) return read(place);
    return within(place, depth.size, read(minimum(place, lastOf(depth.size))));
  };
  /** Four places of K from a multiple of four on. */
  const atQuad = (quad: Index, read: (k: Index) => Expression): Expression => {
    const number = sum(dividedExactly(start, 4), quad);
    const lanes = (from: Index): Index => sum(scaled(from, 4), LANE_INDEX);
    if (whole) return read(lanes(number));
    const count = dividedExactly(depth.size, 4);
    return within(number, count, read(lanes(minimum(number, lastOf(count)))));
  };
  const within = (place: Index, size: Index, value: Expression): Expression => {
    const inside = binary('lt', emitter.index(place), emitter.index(size));
    const wide = spread(value, 4);
    return select(spread(inside, 4), wide, spread(literal(0, 'f32'), 4));
  };
  const single = (quad: Index, place: Index): Expression =>
    atPlace(sum(start, place), (k) => {
      const values = LANES.map((lane) => panel.read(reader, outer.single(scaled(quad, 4), lane), k));
      return vectorOf((lane) => values[lane] as Expression);
    });

  switch (panel.way) {
    case 'across':
      forEach(workspace, depth, quads, deep * 4, (quad, place) => {
        const value = atPlace(sum(start, place), (k) => panel.read(reader, outer.lanes(quad), k));
        put(acrossAt(panel, quad, place), value);
      });
      return;
    case 'neighbours':
      forEach(workspace, depth, quads, deep * 4, (quad, place) =>
        put(acrossAt(panel, quad, place), single(quad, place)),
      );
      return;
    case 'apart':
      forEach(workspace, depth, deep * 4, quads, (place, quad) =>
        put(acrossAt(panel, quad, place), single(quad, place)),
      );
      return;
    case 'along':
      forEach(workspace, depth, deep, panel.tile, (quad, row) => {
        const value = atQuad(quad, (k) => panel.read(reader, outer.single(row, 0), k));
        put(alongAt(panel, row, quad), value);
      });
      return;
    case 'turned':
      forEach(workspace, depth, deep, quads, (inner, quad) => {
        const each = LANES.map((lane) => {
          const value = atQuad(inner, (k) => panel.read(reader, outer.single(scaled(quad, 4), lane), k));
          return emitter.bind('v', emitter.depth, spread(value, 4));
        });
        for (const place of LANES)
          put(
            acrossAt(panel, quad, sum(scaled(inner, 4), constant(place))),
            vectorOf((lane) => laneOf(each[lane] as Expression, place)),
          );
      });
      return;
    default:
      panel.way satisfies never;
  }
}

export const lastOf = (count: Index): Index => sum(count, constant(-1));

/** Indices along the side; behind its end the last one, or the last four, again. */
function outerOf({ size, start, tile }: PanelSide): {
  lanes(quad: Index): Index;
  single(first: Index, further: number): Index;
} {
  const exact = isMultiple(size, tile);
  return {
    lanes(quad) {
      const number = sum(dividedExactly(start, 4), quad);
      const kept = exact ? number : minimum(number, lastOf(dividedExactly(size, 4)));
      return sum(scaled(kept, 4), LANE_INDEX);
    },
    single(first, further) {
      const at = sum(start, first, constant(further));
      return exact ? at : minimum(at, lastOf(size));
    },
  };
}

/** Deals `fast` times `slow` pieces out to the threads, neighbouring ones along `fast`. */
const forEach = (
  { emitter }: Workspace,
  { threads }: DepthOfPanels,
  fast: number,
  slow: number,
  build: (fast: Index, slow: Index) => void,
): void =>
  dealOut(emitter, threads, fast * slow, (piece) =>
    build(remainder(piece, constant(fast)), quotient(piece, constant(fast))),
  );

/** Along which of its axes four neighbours of the operand are one aligned vec4, or at least side by side. */
function chooseWay(workspace: Workspace, side: PanelSide, depth: DepthOfPanels): Way {
  const quad = indexVariable(LOCAL_ID, constant(side.tile / 4));
  const lanesOfSide = isMultiple(side.size, 4) ? outerOf(side).lanes(quad) : undefined;
  if (lanesOfSide && probe(workspace, side, depth, lanesOfSide, 'place').gathers === 0) return 'across';
  const row = outerOf(side).single(scaled(quad, 4), 0);
  if (isMultiple(depth.size, 4) && probe(workspace, side, depth, row, 'quad').gathers === 0)
    return side.of === 'rows' ? 'along' : 'turned';
  const outer = sum(side.start, scaled(quad, 4), LANE_INDEX);
  const scattered = probe(workspace, side, depth, outer, 'place').scattered;
  return scattered > probe(workspace, side, depth, row, 'four').scattered ? 'apart' : 'neighbours';
}

/** What reading the operand at these places takes: vec4s put together, and those of elements that lie apart. */
function probe(
  { reader }: Workspace,
  side: PanelSide,
  { size }: DepthOfPanels,
  outer: Index,
  along: 'place' | 'quad' | 'four',
): { gathers: number; scattered: number } {
  /** One place of K, an aligned four of them, or any four neighbours. */
  const inner = (name: string): Index => {
    if (along === 'quad') return sum(scaled(indexVariable(name, dividedExactly(size, 4)), 4), LANE_INDEX);
    const place = indexVariable(name, size);
    return along === 'place' ? place : sum(place, LANE_INDEX);
  };
  const { bindings } = BindingTable.fill((table) => {
    const emitter = new Emitter();
    const from = new Reader(reader.options, emitter, table);
    const name = emitter.fresh('k');
    emitter.loop(name, literal(0, 'u32'), literal(0, 'u32'), 1, () => {
      side.read(from, outer, inner(name));
    });
  });
  return { gathers: bindings.gathers, scattered: bindings.scattered };
}
