/**
 * Panels of an operand in scratch memory, in the order in which a tile reads them: along K, and at each place of K the
 * rows or columns of one tile. In: how the operand is read. Out: the loops that pack it, four elements at a time where
 * four neighbours of the operand lie side by side, along the panel or along K.
 */
import { BindingTable } from '../bindings.ts';
import { Emitter, LANE } from '../emitter.ts';
import { LANES, U32, binary, laneOf, literal, spread, variable, vectorOf } from '../expression.ts';
import { constant, fromAtom, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { Reader } from '../reader.ts';
import type { Workspace } from '../workspace.ts';
import type { BlockSide } from './matmul-tiling.ts';

export interface Panel {
  readonly array: number;
  readonly side: BlockSide;
  /** Places of K that a panel has room for. */
  readonly depth: number;
  /** The first place of K, and how many there are. */
  readonly start: Index;
  readonly turns: Expression;
  /** The operand at an index along the side and one along K. */
  readonly read: (from: Reader, at: Index, k: Index) => Expression;
  /** K is a multiple of four. */
  readonly inFours: boolean;
  readonly limit: number;
}

const LANE_INDEX = fromAtom({ kind: 'variable', key: LANE, name: LANE, maximum: constant(3) });
const count = (value: number): Expression => literal(value, 'u32');

/**
 * Loops over the tiles of a panel and over K, one place or four at a time. `build` gets the place of K, and where the
 * vec4s of a further place belong in the array.
 */
function forPlaces(
  { emitter }: Workspace,
  panel: Panel,
  step: 1 | 4,
  build: (tile: Index, k: Index, at: (place: number, offset: number) => Expression) => void,
): void {
  const [t, k] = [emitter.fresh('tile'), emitter.fresh('k')];
  const each = panel.side.tile / 4;
  const turns = step === 1 ? panel.turns : binary('div', panel.turns, count(step));
  emitter.loop(t, count(0), panel.side.tilesHere, 1, () => {
    const base = binary('mul', variable(t, U32), count(panel.depth * each));
    const start = emitter.declare('let', 'panel', emitter.depth, base);
    emitter.loop(k, count(0), turns, 1, () => {
      const place = binary('add', start, binary('mul', variable(k, U32), count(step * each)));
      const here = emitter.declare('let', 'place', emitter.depth, place);
      const at = (further: number, offset: number): Expression =>
        binary('add', here, count(further * each + offset));
      const number = scaled(indexVariable(k, constant(Math.ceil(panel.depth / step))), step);
      build(indexVariable(t, constant(panel.side.tiles)), sum(panel.start, number), at);
    });
  });
}

/** vec4s, `tile / 4` at each place of K. `ways`: those found so far in lowering this kernel, by array. */
export function packPanel(workspace: Workspace, panel: Panel, ways: Map<number, Way>): void {
  const { emitter, reader } = workspace;
  const quads = panel.side.tile / 4;
  const store = (index: Expression, value: Expression): void =>
    emitter.push({ kind: 'scratch_store', array: panel.array, index, value: spread(value, 4) });
  const along = ways.get(panel.array) ?? chooseWay(workspace, panel);
  ways.set(panel.array, along);
  if (along === 'depth') {
    forPlaces(workspace, panel, 4, (tile, k, at) => {
      for (let quad = 0; quad < quads; quad++) {
        const each = panel.side
          .quad(tile, quad)
          .at.map((column) =>
            emitter.bind('v', emitter.depth, spread(panel.read(reader, column, sum(k, LANE_INDEX)), 4)),
          );
        for (const place of LANES)
          store(
            at(place, quad),
            vectorOf((lane) => laneOf(each[lane]!, place)),
          );
      }
    });
    return;
  }
  forPlaces(workspace, panel, 1, (tile, k, at) => {
    for (let quad = 0; quad < quads; quad++) {
      const { lanes } = panel.side.quad(tile, quad);
      if (along === 'side' && lanes) store(at(0, quad), panel.read(reader, lanes, k));
      else {
        const each = panel.side.quad(tile, quad).at;
        store(
          at(0, quad),
          vectorOf((lane) => panel.read(reader, each[lane]!, k)),
        );
      }
    }
  });
}

export type Way = 'side' | 'depth' | 'single';

/** Along which of its axes four neighbours of the operand are one aligned vec4. */
function chooseWay(workspace: Workspace, panel: Panel): Way {
  const tile = constant(0);
  const { lanes } = panel.side.quad(tile, 0);
  const [first] = panel.side.at(tile);
  if (lanes && panel.side.wide && loadsVectors(workspace, panel, (from, k) => panel.read(from, lanes, k)))
    return 'side';
  const inner = (k: Index): Index => sum(scaled(k, 4), LANE_INDEX);
  if (
    panel.inFours &&
    first &&
    loadsVectors(workspace, panel, (from, k) => panel.read(from, first, inner(k)))
  )
    return 'depth';
  return 'single';
}

/** Whether a value with a lane is read without putting vec4s together from scalars. */
function loadsVectors(
  { reader }: Workspace,
  { depth }: Panel,
  read: (from: Reader, k: Index) => Expression,
): boolean {
  let widths: ReadonlyMap<string, 1 | 4> | undefined;
  for (const last of [false, true]) {
    const bindings = new BindingTable(widths);
    const emitter = new Emitter();
    const from = new Reader(reader.options, emitter, bindings);
    const name = emitter.fresh('k');
    emitter.loop(name, count(0), count(0), 1, () => void read(from, indexVariable(name, constant(depth))));
    if (last || !bindings.hasVectors) return bindings.gathers === 0;
    widths = bindings.suitableWidths();
  }
  return false;
}
