/**
 * Products of packed operands: a tile of four rows in registers, one factor of each row spread over the lanes, as in
 * `matmul-packed.ts`. In: where both factors begin. Out: the sums.
 */
import { LANES, U32, binary, fma, laneOf, literal, spread, variable } from '../expression.ts';
import type { Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { bound, count, fromLines, type Head, type Lines, type Tile } from './attention-strips.ts';

function declareTile({ workspace: { emitter } }: Head, width: number): Tile {
  const zero = (): Expression => emitter.declare('var', 'sum', emitter.depth, spread(literal(0, 'f32'), 4));
  return LANES.map(() => Array.from({ length: width }, zero));
}

/** Where a factor of a product begins, in vectors of its lines. */
export interface Factor {
  readonly lines: Lines;
  readonly start: Index;
}

/** Four rows times `right`, over the places from one to before another: a vector of `left` has the factors of a place. */
export function multiply(
  head: Head,
  left: Factor,
  right: Factor,
  width: number,
  [from, to]: readonly [Expression, Expression],
): Tile {
  const { emitter } = head.workspace;
  const sums = declareTile(head, width);
  const [leftStart, rightStart] = [bound(head, left.start), bound(head, right.start)];
  const name = emitter.fresh('k');
  // One place at a time: engines load all of a turn first, and of more places the registers would not hold it.
  emitter.loop(name, from, to, 1, () => {
    const k = variable(name, U32);
    const [leftAt, rightAt] = [
      advanced(head, leftStart, k, left.lines),
      advanced(head, rightStart, k, right.lines),
    ];
    const values = Array.from({ length: width }, (_, i) =>
      emitter.declare('let', 'b', emitter.depth, fromLines(right.lines, binary('add', rightAt, count(i)))),
    );
    sums.forEach((row, r) => {
      const factor = laneOf(fromLines(left.lines, leftAt), LANES[r as 0]);
      const spreadOut = emitter.declare('let', 'a', emitter.depth, spread(factor, 4));
      row.forEach((total, i) => emitter.assign(total, fma(spreadOut, values[i] as Expression, total)));
    });
  });
  return sums;
}

function advanced(
  { workspace: { emitter } }: Head,
  start: Expression,
  k: Expression,
  { stride }: Lines,
): Expression {
  const further = stride === 1 ? k : binary('mul', k, count(stride));
  return emitter.declare('let', 'at', emitter.depth, binary('add', start, further));
}
