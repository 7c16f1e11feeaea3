/**
 * What a product's kernel reads and stores, whatever its tiles. In: sums of rows and columns. Out: operands as f32, and
 * the stores of all that the group makes of the sums, or of sums beside them.
 */
import type { NodeOf } from '../../graph/ir.ts';
import { sidesOf } from '../../schedule/legality.ts';
import { cast } from '../expression.ts';
import type { Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import type { Reader } from '../reader.ts';
import { flatten, reshaped } from '../shapes.ts';
import { store } from '../store.ts';
import { writesOf, type Workspace } from '../workspace.ts';

/** Neighbouring columns: each, and as one index with a lane where they are four at a multiple of four. */
export interface Columns {
  readonly at: readonly Index[];
  readonly lanes: Index | undefined;
}

/** An element of an operand as f32, in which products are added up: f16 is widened once where it is read. */
export function readWide(from: Reader, id: number, at: readonly Index[]): Expression {
  const value = from.read(id, at);
  if (value.type.scalar === 'f32') return value;
  const { emitter } = from;
  const key = `wide %${id}[${at.map((c) => c.key).join()}]`;
  const depth = emitter.depthOf(at);
  return emitter.recall(key) ?? emitter.remember(key, depth, emitter.bind('w', depth, cast(value, 'f32')));
}

/** The product of a group; what else is in it stands behind the product, or beside it. */
export function productOf({ group, reader }: Workspace): NodeOf<'matmul'> {
  for (const id of group.nodes) {
    const node = reader.node(id);
    if (node.op === 'matmul') return node;
  }
  throw new Error('internal: a matmul group without a product');
}

/** What a group stores that does not come from its product but from sums beside it. */
export const sidesIn = ({ graph, group }: Workspace, product: NodeOf<'matmul'>): Set<number> =>
  new Set(sidesOf(graph, new Set(group.nodes), group.stored, product));

/**
 * Stores what the group makes of a tile's values: all values first, then the stores, so that a row that the edge
 * repeats is worked out from the same memory. `totals`: a vec4 a row, or a scalar a column.
 */
export function storeTile(
  workspace: Workspace,
  totals: readonly (readonly Expression[])[],
  product: readonly Index[],
  rows: Pick<Columns, 'at'>,
  columns: Columns,
): void {
  const { graph, group, reader } = workspace;
  const node = productOf(workspace);
  const sides = sidesIn(workspace, node);
  const sizes = reader.sizes(node.id);
  const writes = writesOf(graph, group).filter((write) => !sides.has(write.value));
  const vector = columns.lanes !== undefined;
  const places = columns.lanes ? [columns.lanes] : columns.at;
  const stores = totals.flatMap((row, r) =>
    row.flatMap((total, c) => {
      const at = [...product, rows.at[r] as Index, places[c] as Index];
      reader.give(node.id, cast(total, node.type.dtype));
      return writes.map((write) => ({
        write,
        value: reader.read(write.value, reshaped(at, sizes, reader.sizes(write.value))),
        target: flatten(at, sizes),
      }));
    }),
  );
  for (const { write, value, target } of stores) store(workspace, write, value, target, vector);
}

/** Sums of as many results as there are columns, those of `columns`: works them out, and returns what stores each. */
export function valuesBeside(workspace: Workspace, columns: Columns, size: Index): (() => void)[] {
  const { graph, group, reader } = workspace;
  const sides = sidesIn(workspace, productOf(workspace));
  const writes = writesOf(graph, group).filter((write) => sides.has(write.value));
  const places = columns.lanes ? [columns.lanes] : columns.at;
  const vector = columns.lanes !== undefined;
  return places.flatMap((place) =>
    writes.map((write) => {
      const value = reader.read(write.value, reshaped([place], [size], reader.sizes(write.value)));
      return () => store(workspace, write, value, place, vector);
    }),
  );
}
