/**
 * Operands of attention as a thread packs them: row after row as they lie, or turned, place after place of the channels with
 * the values of four or eight rows at each. A row behind the last repeats it; who uses it leaves out what is not there.
 */
import { LANE_INDEX } from '../emitter.ts';
import { LANES, cast, laneOf, spread, vectorOf } from '../expression.ts';
import { minimum } from '../index-division.ts';
import { constant, scaled, sum, type Index } from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { COLUMNS, count, keep, quadsOf, turns, type Head, type Lines } from './attention-strips.ts';
import type { Operand } from './attention-operands.ts';

/** Four channels of a row as f32; of the last one behind the end. */
function quadOf({ workspace, at }: Head, operand: Operand, row: Index, quad: Index): Expression {
  const { reader, emitter } = workspace;
  const inside = minimum(row, constant(operand.length - 1));
  const value = reader.read(operand.id, [...at, inside, sum(scaled(quad, 4), LANE_INDEX)]);
  return emitter.bind('w', emitter.depth, spread(cast(value, 'f32'), 4));
}

/** Packs `rows` rows from `from` on, of at most `most`, as they lie. */
export function packLines(
  head: Head,
  lines: Lines,
  operand: Operand,
  from: Index,
  rows: Expression,
  most: number,
): void {
  const quads = quadsOf(operand);
  turns(head, 'row', [count(0), rows], most, (row) =>
    turns(head, 'quad', [count(0), count(quads)], quads, (quad) =>
      keep(head, lines, sum(scaled(row, lines.stride), quad), quadOf(head, operand, sum(from, row), quad)),
    ),
  );
}

/** Packs `tiles` tiles of eight rows, of at most `most`, with rows and channels exchanged. */
export function packTurned(
  head: Head,
  lines: Lines,
  operand: Operand,
  tiles: Expression,
  most: number,
): void {
  const quads = quadsOf(operand);
  turns(head, 'tile', [count(0), tiles], most, (tile) =>
    turns(head, 'quad', [count(0), count(quads)], quads, (quad) => {
      const start = sum(scaled(tile, operand.channels * 2), scaled(quad, 8));
      for (const half of [0, 1]) {
        const rows = LANES.map((r) =>
          quadOf(head, operand, sum(scaled(tile, COLUMNS), constant(4 * half + r)), quad),
        );
        keepTurned(head, { ...lines, stride: 2 }, sum(start, constant(half)), rows);
      }
    }),
  );
}

/** Packs four rows from `from` on with rows and channels exchanged. */
export function packFour(head: Head, lines: Lines, operand: Operand, from: Index): void {
  const quads = quadsOf(operand);
  turns(head, 'quad', [count(0), count(quads)], quads, (quad) => {
    const rows = LANES.map((r) => quadOf(head, operand, sum(from, constant(r)), quad));
    keepTurned(head, lines, scaled(quad, 4), rows);
  });
}

/** Keeps four vectors, bound to names, with rows and columns exchanged: from `at` on, a stride apart. */
export function keepTurned(head: Head, lines: Lines, at: Index, rows: readonly Expression[]): void {
  for (const lane of LANES)
    keep(
      head,
      lines,
      sum(at, constant(lane * lines.stride)),
      vectorOf((r) => laneOf(rows[r] as Expression, lane)),
    );
}
