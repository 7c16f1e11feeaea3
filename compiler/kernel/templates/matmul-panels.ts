/**
 * Panels of an operand in scratch memory, in the order in which a tile reads them: along K, and at each place of K the
 * rows or columns of one tile. In: how the operand is read. Out: the loops that pack it, four elements at a time where
 * four neighbours of the operand lie side by side, along the panel or along K.
 */
import { BindingTable } from '../bindings.ts';
import { Emitter, LANE_INDEX } from '../emitter.ts';
import { LANES, U32, binary, laneOf, literal, spread, variable, vectorOf } from '../expression.ts';
import { constant, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { Reader } from '../reader.ts';
import type { Workspace } from '../workspace.ts';
import type { BlockOfK, LoopOfK } from './matmul-depth.ts';
import type { BlockSide } from './matmul-tiling.ts';

export interface Panel {
  readonly array: number;
  readonly side: BlockSide;
  /** Places of K that a panel has room for. */
  readonly depth: number;
  readonly block: BlockOfK;
  /** The operand at an index along the side and one along K. */
  readonly read: (from: Reader, at: Index, k: Index) => Expression;
}

const count = (value: number): Expression => literal(value, 'u32');

/** A step of 4 is only asked for where the innermost loop is a multiple of it. */
type Build = (tile: Index, k: Index, at: (place: number, offset: number) => Expression) => void;

/**
 * Loops over the tiles of a panel and over the block of K, one place or four at a time. `build` gets the place of K, and
 * where the vec4s of a further place belong in the array.
 */
function forPlaces({ emitter }: Workspace, panel: Panel, step: 1 | 4, build: Build): void {
  const { side, depth, block } = panel;
  const t = emitter.fresh('tile');
  const each = side.tile / 4;
  const last = block.loops.length - 1;
  const nest = (level: number, outer: readonly Index[], from: Expression): void => {
    const turns = block.loops[level] as LoopOfK;
    const k = emitter.fresh('k');
    const by = level === last ? step : 1;
    const end = by === 1 ? turns.turns : binary('div', turns.turns, count(by));
    const places = product(block.loops.slice(level + 1)) * by * each;
    emitter.loop(k, count(0), end, 1, () => {
      const place = binary('add', from, binary('mul', variable(k, U32), count(places)));
      const here = emitter.declare('let', 'place', emitter.depth, place);
      const number = scaled(indexVariable(k, constant(Math.ceil(turns.most / by))), by);
      if (level < last) return nest(level + 1, [...outer, number], here);
      const at = (further: number, offset: number): Expression =>
        binary('add', here, count(further * each + offset));
      build(indexVariable(t, constant(side.tiles)), block.at([...outer, number]), at);
    });
  };
  emitter.loop(t, count(0), side.tilesHere, 1, () => {
    const base = binary('mul', variable(t, U32), count(depth * each));
    nest(0, [], emitter.declare('let', 'panel', emitter.depth, base));
  });
}

const product = (loops: readonly LoopOfK[]): number => loops.reduce((n, { most }) => n * most, 1);

/** vec4s, `tile / 4` at each place of K. */
export function packPanel(workspace: Workspace, panel: Panel, along: Way): void {
  const { emitter, reader } = workspace;
  const quads = panel.side.tile / 4;
  const store = (index: Expression, value: Expression): void =>
    emitter.push({ kind: 'scratch_store', array: panel.array, index, value: spread(value, 4) });
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
export function chooseWay(workspace: Workspace, panel: Panel): Way {
  const tile = constant(0);
  const { lanes } = panel.side.quad(tile, 0);
  const [first] = panel.side.at(tile);
  if (lanes && panel.side.wide && loadsVectors(workspace, panel, 1, (from, k) => panel.read(from, lanes, k)))
    return 'side';
  const isInFours = panel.block.loops.at(-1)?.inFours === true;
  const inner = (k: Index): Index => sum(k, LANE_INDEX);
  if (isInFours && first && loadsVectors(workspace, panel, 4, (from, k) => panel.read(from, first, inner(k))))
    return 'depth';
  return 'single';
}

/** Whether a value with a lane is read without putting vec4s together from scalars. */
function loadsVectors(
  { reader }: Workspace,
  { block }: Panel,
  step: 1 | 4,
  read: (from: Reader, k: Index) => Expression,
): boolean {
  const { bindings } = BindingTable.fill((table) => {
    const emitter = new Emitter();
    const from = new Reader(reader.options, emitter, table);
    const nest = (outer: readonly Index[]): void => {
      const turns = block.loops[outer.length];
      if (!turns) return void read(from, block.at(outer));
      const name = emitter.fresh('k');
      const by = outer.length === block.loops.length - 1 ? step : 1;
      const number = scaled(indexVariable(name, constant(Math.ceil(turns.most / by))), by);
      emitter.loop(name, count(0), count(0), 1, () => nest([...outer, number]));
    };
    nest([]);
  });
  return bindings.gathers === 0;
}
