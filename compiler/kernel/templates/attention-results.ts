/** What the kernels of attention store: results row by row, none behind the last. */
import { LANE_INDEX } from '../emitter.ts';
import { LANES, binary, literal, type Lane } from '../expression.ts';
import { constant, isConstant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { flatten } from '../shapes.ts';
import { storeElement } from '../store.ts';
import { writtenPosition, type Write } from '../workspace.ts';
import { WIDTH, rowAt, type Block } from './attention-tiles.ts';

/** What `build` does where an index is below a bound: always, if it says so itself. */
function below(
  { workspace: { emitter } }: Block,
  index: Index,
  bound: number,
  always: boolean,
  build: () => void,
): void {
  if (always) build();
  else emitter.when(binary('lt', emitter.index(index), literal(bound, 'u32')), build);
}

/** Stores four rows of each 32 channels. `finish` makes a row's value of what was summed up. */
export function storeRows(
  block: Block,
  write: Write,
  results: readonly (readonly Expression[])[],
  finish: (value: Expression, r: Lane) => Expression,
): void {
  const { workspace, product, length, rows, columnQuad } = block;
  const sizes = workspace.reader.sizes(write.value);
  const channels = sizes.at(-1) as Index;
  if (!isConstant(channels)) throw new Error('internal: heads as wide as the batch');
  const quads = channels.constant / 4;
  for (const r of LANES) {
    const row = rowAt(block, r);
    below(block, row, length, length % rows === 0, () =>
      results.forEach((sums, chunk) => {
        const quad = sum(columnQuad, constant((chunk * WIDTH) / 4));
        below(block, quad, quads, (chunk + 1) * WIDTH <= channels.constant, () => {
          const at = flatten([...product, row, sum(scaled(quad, 4), LANE_INDEX)], sizes);
          const target = writtenPosition(write, at, workspace);
          storeElement(workspace, { ...write, lanes: 4 }, finish(sums[r] as Expression, r), target);
        });
      }),
    );
  }
}

/** Stores a number a row, by the first of the threads that have it. */
export function storeRow(block: Block, write: Write, valueOf: (r: Lane) => Expression): void {
  const { workspace, product, length, rows, columnQuad } = block;
  const sizes = workspace.reader.sizes(write.value);
  below(block, columnQuad, 1, false, () => {
    for (const r of LANES) {
      const row = rowAt(block, r);
      below(block, row, length, length % rows === 0, () => {
        const target = writtenPosition(write, flatten([...product, row], sizes), workspace);
        storeElement(workspace, { ...write, lanes: 1 }, valueOf(r), target);
      });
    }
  });
}
