/**
 * Reductions as loops of one thread, or of a team of them. In: a reduction and the coordinates of one result element (or
 * four). Out: the variable that holds the result after the loops. Long float sums run in blocks, each with a sum of
 * its own, so that the rounding error grows with the root of the length and not with the length.
 */
import type { NodeOf } from '../graph/ir.ts';
import { LANE_INDEX, mentionsLane } from './emitter.ts';
import { acrossLanes, binary, cast, literal, select, spread, unary } from './expression.ts';
import { upperBound } from './index-bounds.ts';
import { minimum } from './index-division.ts';
import {
  ZERO,
  constant,
  dividedExactly,
  indexVariable,
  isConstant,
  isMultiple,
  scaled,
  sum,
  type Index,
} from './index-expression.ts';
import type { BinaryFunction, Expression, ScalarType } from './ir.ts';
import { countOf, unflatten } from './shapes.ts';
import type { Team } from './team.ts';
import type { ValueReader } from './value-reader.ts';

type Joining = NodeOf<'reduce_sum'> | NodeOf<'reduce_max'> | NodeOf<'reduce_min'> | NodeOf<'reduce_prod'>;
type Choosing = NodeOf<'argmax'> | NodeOf<'argmin'>;

const JOIN: { readonly [P in Joining['op']]: BinaryFunction } = {
  reduce_sum: 'add',
  reduce_prod: 'mul',
  reduce_max: 'max',
  reduce_min: 'min',
};

/** Below this many turns a float sum is not cut into blocks. */
const BLOCKED_FROM = 512;

export function readReduction(
  reader: ValueReader,
  node: Joining | Choosing,
  at: readonly Index[],
): Expression {
  return node.op === 'argmax' || node.op === 'argmin'
    ? choosing(reader, node, at)
    : joining(reader, node, at);
}

/** One loop: its variable counts `turns`; the coordinate it stands for goes to an axis. */
interface Loop {
  readonly kind: 'loop';
  readonly name: string;
  readonly turns: Index;
  /** Of a loop within blocks: where its block starts. Of a team: the member's first turn. */
  readonly from?: Index;
  readonly to?: Index;
  readonly step?: number;
}

/** A loop whose turns are written out, so that equal loads are one: `enter` puts a turn's coordinate in its place. */
interface WrittenOut {
  readonly kind: 'written out';
  readonly turns: number;
  readonly enter: (turn: number) => void;
}

type Level = Loop | WrittenOut;

function joining(reader: ValueReader, node: Joining, at: readonly Index[]): Expression {
  const { emitter } = reader;
  const input = node.inputs[0] as number;
  const sizes = reader.sizes(input);
  const { axes } = node.attributes;
  const innermost = axes.at(-1) as number;
  const acrossLast = reader.innerLanes && !mentionsLane(at) && isMultiple(sizes[innermost] as Index, 4);
  const lanes = acrossLast || mentionsLane(at) ? 4 : 1;
  // f16 is added up in f32; only the result is rounded.
  const adds = node.op === 'reduce_sum' || node.op === 'reduce_prod';
  const scalar = adds && node.type.dtype === 'f16' ? 'f32' : node.type.dtype;
  const blocked = node.op === 'reduce_sum' && (scalar === 'f32' || scalar === 'f16');

  const levels: Level[] = [];
  const coordinates = kept(at, sizes.length, axes);
  const turns = axes.map((axis) => {
    const size = sizes[axis] as Index;
    return acrossLast && axis === innermost ? dividedExactly(size, 4) : size;
  });
  const place = (axis: number, count: Index): void => {
    coordinates[axis] = acrossLast && axis === innermost ? sum(scaled(count, 4), LANE_INDEX) : count;
  };
  const short = writtenOutFrom(turns, reader.writtenOut);
  if (reader.team)
    levels.push(teamLevel(reader, reader.team, turns, (counts) => axes.forEach((axis, i) => place(axis, counts[i] as Index)))); // prettier-ignore
  else
    axes.forEach((axis, i) => {
      const form = i >= short ? 'written out' : blocked ? 'blocks' : 'loop';
      addLevels(reader, levels, turns[i] as Index, form, (count) => place(axis, count));
    });

  const operation = JOIN[node.op];
  const join = (a: Expression, b: Expression) => binary(operation, a, b);
  const start = spread(literal(identity(node.op, scalar), scalar), lanes);
  const accumulate = (level: number): Expression => {
    const current = levels[level];
    if (!current) return cast(reader.readElement(input, [...coordinates]), scalar);
    const total = emitter.declare('var', 'sum', emitter.depth, start);
    turnsOf(reader, current, () => {
      emitter.assign(total, join(total, spread(accumulate(level + 1), lanes)));
    });
    return total;
  };
  const total = accumulate(0);
  const own = acrossLast ? acrossLanes(spread(total, 4), join) : total;
  const all = reader.team
    ? (reader.team.join(emitter, [own], ([a], [b]) => [
        join(a as Expression, b as Expression),
      ])[0] as Expression)
    : own;
  return cast(all, node.type.dtype);
}

/** The turns of all loops together, dealt out to the team's members: `place` is given a coordinate for each loop. */
function teamLevel(
  { emitter }: ValueReader,
  team: Team,
  turns: readonly Index[],
  place: (counts: readonly Index[]) => void,
): Loop {
  const all = countOf(turns);
  const name = emitter.fresh('k');
  place(unflatten(indexVariable(name, all), turns));
  return { kind: 'loop', name, turns: all, from: team.member, step: team.shape.size };
}

/** Coordinates of the input with those of the kept axes in place. */
function kept(at: readonly Index[], rank: number, axes: readonly number[]): Index[] {
  const rest = [...at];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? ZERO : (rest.shift() as Index)));
}

function turnsOf({ emitter }: ValueReader, level: Level, build: () => void): void {
  if (level.kind === 'loop') {
    const { name, from, to, turns, step } = level;
    emitter.loop(name, emitter.index(from ?? ZERO), emitter.index(to ?? turns), step ?? 1, build);
    return;
  }
  for (let turn = 0; turn < level.turns; turn++) {
    level.enter(turn);
    build();
  }
}

/** The first of the innermost loops that have no more turns together than `most`. */
function writtenOutFrom(turns: readonly Index[], most: number): number {
  let together = 1;
  let first = turns.length;
  for (; first > 0; first--) {
    const size = turns[first - 1] as Index;
    if (!isConstant(size) || size.constant < 1 || together * size.constant > most) break;
    together *= size.constant;
  }
  return first;
}

/** Adds the loop over an axis, or two where it is long; `place` is given the coordinate. */
function addLevels(
  reader: ValueReader,
  levels: Level[],
  turns: Index,
  form: 'loop' | 'blocks' | 'written out',
  place: (count: Index) => void,
): void {
  if (isConstant(turns) && turns.constant === 1) return place(ZERO);
  const { emitter } = reader;
  if (form === 'written out') {
    const enter = (turn: number): void => place(constant(turn));
    levels.push({ kind: 'written out', turns: turns.constant, enter });
    return;
  }
  const largest = largestOf(turns, reader.limit);
  const name = emitter.fresh('k');
  const count = indexVariable(name, turns);
  if (form === 'loop' || largest < BLOCKED_FROM) {
    levels.push({ kind: 'loop', name, turns });
    return place(count);
  }
  const block = 2 ** Math.round(Math.log2(largest) / 2);
  const outer = emitter.fresh('block');
  const blocks = constant(Math.ceil(largest / block));
  const start = scaled(indexVariable(outer, blocks), block);
  levels.push({ kind: 'loop', name: outer, turns: blocks });
  // Blocks past the end (of a batch smaller than the largest) start at or after it and have no turns.
  const to = minimum(sum(start, constant(block)), turns);
  levels.push({ kind: 'loop', name, turns, from: start, to });
  place(count);
}

function largestOf(turns: Index, limit: number): number {
  const upper = upperBound(turns);
  return upper.terms.reduce((n, t) => n + t.coefficient * limit ** t.atoms.length, upper.constant);
}

/** The index of the first element that wins over all before it; NaN wins over numbers. */
function choosing(reader: ValueReader, node: Choosing, at: readonly Index[]): Expression {
  const { emitter } = reader;
  const input = node.inputs[0] as number;
  const sizes = reader.sizes(input);
  const { axis } = node.attributes;
  const scalar = (reader.graph.nodes[input] as { type: { dtype: ScalarType } }).type.dtype;
  const lanes = mentionsLane(at) ? 4 : 1;
  const { depth } = emitter;
  const levels: Level[] = [];
  const coordinates = kept(at, sizes.length, [axis]);
  const turns = sizes[axis] as Index;
  const form = writtenOutFrom([turns], reader.writtenOut) === 0 ? 'written out' : 'loop';
  const { team } = reader;
  if (team) levels.push(teamLevel(reader, team, [turns], ([count]) => (coordinates[axis] = count as Index)));
  else addLevels(reader, levels, turns, form, (count) => (coordinates[axis] = count));
  const [level] = levels;
  if (!level) return literal(0, 'u32');

  const start = identity(node.op === 'argmax' ? 'reduce_max' : 'reduce_min', scalar);
  const best = emitter.declare('var', 'best', depth, spread(literal(start, scalar), lanes));
  const where = emitter.declare('var', 'where', depth, spread(literal(0, 'u32'), lanes));
  turnsOf(reader, level, () => {
    const value = spread(reader.readElement(input, [...coordinates]), lanes);
    const wins = emitter.bind('wins', emitter.depth, beats(node.op, value, best, scalar));
    const index = spread(emitter.index(coordinates[axis] as Index), lanes);
    emitter.assign(best, select(wins, value, best));
    emitter.assign(where, select(wins, index, where));
  });
  if (!team) return where;
  const [, winner] = team.join(emitter, [best, where], ([a, i], [b, k]) => {
    const [first, second] = [a, b] as [Expression, Expression];
    const [firstAt, secondAt] = [i, k] as [Expression, Expression];
    // Of equals the one that comes first.
    const equal = unary('not', beats(node.op, first, second, scalar));
    const before = binary('and', equal, binary('lt', secondAt, firstAt));
    const wins = binary('or', beats(node.op, second, first, scalar), before);
    return [select(wins, second, first), select(wins, secondAt, firstAt)];
  });
  return winner as Expression;
}

function beats(op: Choosing['op'], value: Expression, best: Expression, scalar: ScalarType): Expression {
  const larger = binary(op === 'argmax' ? 'gt' : 'lt', value, best);
  if (scalar !== 'f32' && scalar !== 'f16') return larger;
  const first = binary('and', unary('is_nan', value), unary('not', unary('is_nan', best)));
  // A comparison with NaN may come out either way on a device: the holder keeps its place once it is NaN.
  const holds = unary('not', unary('is_nan', best));
  return binary('or', first, binary('and', holds, larger));
}

/** The value that changes nothing. */
function identity(op: Joining['op'], scalar: ScalarType): number {
  const float = scalar === 'f32' || scalar === 'f16';
  switch (op) {
    case 'reduce_sum':
      return 0;
    case 'reduce_prod':
      return 1;
    case 'reduce_max':
      return float ? -Infinity : scalar === 'i32' ? -(2 ** 31) : 0;
    case 'reduce_min':
      return float ? Infinity : scalar === 'i32' ? 2 ** 31 - 1 : 2 ** 32 - 1;
    default:
      return op satisfies never;
  }
}
