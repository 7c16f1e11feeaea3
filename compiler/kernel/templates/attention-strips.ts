/**
 * What the kernels of attention on a processor share: a thread computes strips of four rows of one head's scores and keeps
 * them in memory of its own, which stays in the caches: lines of vectors. In: a workspace. Out: the head at hand, its lines,
 * loops, and stores of four rows.
 */
import type { Dimension } from '../../graph/dimension.ts';
import { LANE_INDEX } from '../emitter.ts';
import { binary, cast, literal } from '../expression.ts';
import { constant, indexVariable, isConstant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression, ScratchArray } from '../ir.ts';
import { countOf, flatten, sizesOf, unflatten } from '../shapes.ts';
import { storeElement } from '../store.ts';
import { writtenPosition, type KernelShape, type Workspace, type Write } from '../workspace.ts';
import type { Operand } from './attention-operands.ts';

/** Rows of a tile in registers, and columns of a tile of scores. */
export const ROWS = 4;
export const COLUMNS = 8;

const VECTOR = { scalar: 'f32', lanes: 4 } as const;

/** One product: a head of a record. */
export interface Head {
  readonly workspace: Workspace;
  readonly leading: readonly Dimension[];
  /** Coordinates in front of the last two. */
  readonly at: readonly Index[];
  readonly arrays: ScratchArray[];
}

export function headOf(workspace: Workspace, leading: readonly Dimension[]): Head {
  const sizes = sizesOf(leading, workspace.context.batch);
  return {
    workspace,
    leading,
    at: unflatten(indexVariable('z', countOf(sizes)), sizes),
    arrays: [],
  };
}

/** `strips`: threads a head. */
export function shapeOf({ leading, arrays }: Head, strips: number): KernelShape {
  return {
    threads: [[strips], [1], leading.length > 0 ? [...leading] : [1]],
    workgroup: [1, 1, 1],
    scratch: arrays,
  };
}

/** Vectors of four in memory of the thread, by rows of `stride` vectors. */
export interface Lines {
  readonly array: number;
  readonly stride: number;
}

export function linesOf({ arrays }: Head, name: string, rows: number, stride: number): Lines {
  arrays.push({ name, scalar: 'f32', width: 4, length: rows * stride });
  return { array: arrays.length - 1, stride };
}

/** The quads of an operand's channels. */
export const quadsOf = ({ channels }: Operand): number => channels / 4;

/** Quads of channels that a tile takes at a time. */
export const widthOf = (quads: number): 1 | 2 => (quads % 2 === 0 ? 2 : 1);

export const count = (value: number): Expression => literal(value, 'u32');

/** A loop over a number that is below `most`. */
export function turns(
  { workspace: { emitter } }: Head,
  name: string,
  [from, to]: readonly [Expression, Expression],
  most: number,
  build: (at: Index) => void,
): void {
  const own = emitter.fresh(name);
  emitter.loop(own, from, to, 1, () => build(indexVariable(own, constant(most))));
}

/** Where an index leads, as a number of its own in the scope at hand. */
export const bound = ({ workspace: { emitter } }: Head, index: Index): Expression =>
  emitter.bind('at', emitter.depth, emitter.index(index));

export function keep({ workspace: { emitter } }: Head, lines: Lines, at: Index, value: Expression): void {
  emitter.push({ kind: 'scratch_store', array: lines.array, index: emitter.index(at), value });
}

/** What lies there now. */
export function kept({ workspace: { emitter } }: Head, lines: Lines, at: Index): Expression {
  const value = fromLines(lines, emitter.index(at));
  return emitter.declare('let', 'kept', emitter.depth, value);
}

export const fromLines = ({ array }: Lines, index: Expression): Expression => ({
  kind: 'scratch_load',
  type: VECTOR,
  array,
  index,
});

/** Sums of four rows, some vectors each. */
export type Tile = readonly (readonly Expression[])[];

/** What `build` does where an index is below a bound: always, if rows come in fours. */
export function ifThere(head: Head, index: Index, length: number, build: () => void): void {
  const { emitter } = head.workspace;
  if (length % ROWS === 0) build();
  else emitter.when(binary('lt', emitter.index(index), count(length)), build);
}

/** Stores four rows from `row` on of some quads of channels, none behind the last. */
export function storeTile(head: Head, write: Write, tile: Tile, row: Index, quad: Index): void {
  const { workspace, at } = head;
  const { reader } = workspace;
  const sizes = reader.sizes(write.value);
  const length = sizes.at(-2) as Index;
  if (!isConstant(length)) throw new Error('internal: a sequence as long as the batch');
  const { dtype } = reader.node(write.value).type;
  tile.forEach((values, r) => {
    const here = sum(row, constant(r));
    ifThere(head, here, length.constant, () =>
      values.forEach((value, i) => {
        const channel = sum(scaled(sum(quad, constant(i)), 4), LANE_INDEX);
        const target = writtenPosition(write, flatten([...at, here, channel], sizes), workspace);
        storeElement(workspace, { ...write, lanes: 4 }, cast(value, dtype), target);
      }),
    );
  });
}
