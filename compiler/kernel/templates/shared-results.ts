/**
 * What a workgroup does with the sums of its tile of a product. In: the thread's place in the tile and its sums. Out: the
 * stores of what the group makes of them, and of sums beside the product.
 */
import { LANE_INDEX } from '../emitter.ts';
import { LANES, U32, binary, laneOf, literal, variable } from '../expression.ts';
import { minimum } from '../index-division.ts';
import {
  constant,
  dividedExactly,
  indexVariable,
  isMultiple,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression, ScratchArray } from '../ir.ts';
import { Team } from '../team.ts';
import type { Workspace } from '../workspace.ts';
import { productOf, sidesIn, storeTile, valuesBeside, type Columns } from './product-results.ts';
import { lastOf, type Panel } from './shared-panels.ts';

/** What one thread computes: quads of rows and of columns, numbered within the tile, and which slice it is. */
export interface Thread {
  readonly rowQuads: readonly Index[];
  readonly columnQuads: readonly Index[];
  readonly slice: Index;
  /** Its number in its slice. */
  readonly inSlice: Index;
}

/** Sums of a thread: a vec4 each row and quad of columns. */
export type Sums = readonly (readonly Expression[])[];

export interface Finished {
  readonly thread: Thread;
  readonly rows: Panel;
  readonly columns: Panel;
  readonly product: readonly Index[];
  readonly sums: Sums;
}

/**
 * Stores what the group makes of the sums: four rows by four columns at a time, or less at an edge that is no multiple of
 * four.
 */
export function storeAll(workspace: Workspace, { thread, rows, columns, product, sums }: Finished): void {
  thread.columnQuads.forEach((columnQuad, c) =>
    inPieces(workspace, columns, columnQuad, 'column', (columnAt, firstColumn) =>
      thread.rowQuads.forEach((rowQuad, r) =>
        inPieces(workspace, rows, rowQuad, 'row', (rowAt, firstRow) => {
          const values = rowAt.at.map((_, i) => {
            const value = sums[4 * r + firstRow + i]?.[c] as Expression;
            return columnAt.lanes ? [value] : [laneOf(value, LANES[firstColumn as 0])];
          });
          storeTile(workspace, values, product, rowAt, columnAt);
        }),
      ),
    ),
  );
}

/** Four rows or columns as far as there are any: all of them or none, or each for itself. */
function inPieces(
  { emitter }: Workspace,
  { size, start, tile }: Panel,
  quad: Index,
  name: string,
  build: (at: Columns, first: number) => void,
): void {
  const number = sum(dividedExactly(start, 4), quad);
  const named = (at: Index, count: Index): Index => {
    const variable = emitter.declare('let', name, emitter.depth, emitter.index(at));
    if (variable.kind !== 'variable') throw new Error('internal: a declared value is a variable');
    return indexVariable(variable.name, count);
  };
  const below = (at: Index, count: Index): Expression =>
    binary('lt', emitter.index(at), emitter.index(count));
  if (isMultiple(size, 4)) {
    const count = dividedExactly(size, 4);
    const four = (): void => {
      const first = scaled(named(number, count), 4);
      build({ at: LANES.map((i) => sum(first, constant(i))), lanes: sum(first, LANE_INDEX) }, 0);
    };
    if (isMultiple(size, tile)) four();
    else emitter.when(below(number, count), four);
    return;
  }
  for (const i of LANES) {
    const at = sum(scaled(number, 4), constant(i));
    emitter.when(below(at, size), () => build({ at: [named(at, size)], lanes: undefined }, i));
  }
}

/**
 * Sums beside the product, of its columns: the workgroups of the first rows take those of their columns, all threads of
 * a workgroup together. Teams behind the last column work out that of the last one, and do not store it.
 */
export function storeSums(
  workspace: Workspace,
  { size, start, tile }: Panel,
  tiles: ScratchArray,
  threads: number,
): ScratchArray[] {
  const { emitter, reader } = workspace;
  if (sidesIn(workspace, productOf(workspace)).size === 0) return [tiles];
  const teams = tile / 4;
  const team = new Team({ size: threads / teams, teams, adjacent: false }, [tiles]);
  const number = sum(dividedExactly(start, 4), team.team);
  const put = (columns: Columns, at: Index, count: Index): void => {
    const stores = valuesBeside(workspace, columns, size);
    const below = binary('lt', emitter.index(at), emitter.index(count));
    const isFirst = binary('eq', emitter.index(team.member), literal(0, 'u32'));
    emitter.when(binary('and', isFirst, below), () => stores.forEach((each) => each()));
  };
  emitter.when(binary('eq', variable('group_y', U32), literal(0, 'u32')), () => {
    emitter.barrier();
    reader.team = team;
    if (isMultiple(size, 4)) {
      const count = dividedExactly(size, 4);
      const first = scaled(minimum(number, lastOf(count)), 4);
      put({ at: LANES.map((i) => sum(first, constant(i))), lanes: sum(first, LANE_INDEX) }, number, count);
    } else
      for (const i of LANES) {
        const at = sum(scaled(number, 4), constant(i));
        put({ at: [minimum(at, lastOf(size))], lanes: undefined }, at, size);
      }
    reader.team = undefined;
  });
  return team.scratch;
}
