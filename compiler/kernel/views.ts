/**
 * Views as index arithmetic. In: a view and the coordinates at which it is read. Out: the coordinates at
 * which its input is read; for pad and concat, a choice by the coordinate, with clamped loads beneath.
 */
import type { NodeOf } from '../graph/ir.ts';
import { LANE, LANE_INDEX, mentionsLane } from './emitter.ts';
import { binary, select, spread, vectorOf } from './expression.ts';
import { isAtLeast } from './index-bounds.ts';
import { minimum, quotient, remainder, substitute } from './index-division.ts';
import {
  ZERO,
  coefficientOf,
  constant,
  difference,
  dividedExactly,
  fromDimension,
  isConstant,
  isMultiple,
  scaled,
  sum,
  type Index,
} from './index-expression.ts';
import type { BinaryFunction, Expression } from './ir.ts';
import { reshaped } from './shapes.ts';
import { placeOfTurn } from './turns.ts';
import type { ValueReader } from './value-reader.ts';

type PlainView =
  | NodeOf<'reshape'>
  | NodeOf<'transpose'>
  | NodeOf<'broadcast'>
  | NodeOf<'slice'>
  | NodeOf<'reverse'>
  | NodeOf<'windows'>
  | NodeOf<'diagonal'>
  | NodeOf<'at_turn'>;

/** Coordinates in the view's input. */
export function viewCoordinates(reader: ValueReader, node: PlainView, at: readonly Index[]): Index[] {
  const input = node.inputs[0] as number;
  const sizes = reader.sizes(input);
  switch (node.op) {
    case 'reshape':
      return reshaped(at, reader.sizes(node.id), sizes);
    case 'transpose': {
      const result = sizes.map(() => ZERO);
      node.attributes.permutation.forEach((axis, i) => (result[axis] = at[i] as Index));
      return result;
    }
    case 'broadcast':
      return sizes.map((size, axis) =>
        isConstant(size) && size.constant === 1 ? ZERO : (at[axis] as Index),
      );
    case 'slice':
      return at.map((c, axis) => {
        const start = node.attributes.starts[axis] ?? 0;
        return sum(fromDimension(start, reader.limit), scaled(c, node.attributes.steps[axis] ?? 1));
      });
    case 'reverse':
      return at.map((c, axis) =>
        node.attributes.axes.includes(axis) ? difference(sum(sizes[axis] as Index, constant(-1)), c) : c,
      );
    case 'windows': {
      const { axes, strides, dilations } = node.attributes;
      return sizes.map((_, axis) => {
        const [position, i] = [at[axis] as Index, axes.indexOf(axis)];
        if (i < 0) return position;
        const inside = scaled(at[sizes.length + i] as Index, dilations[i] ?? 1);
        return sum(scaled(position, strides[i] ?? 1), inside);
      });
    }
    case 'diagonal': {
      const { first, second } = node.attributes;
      return [...at.slice(0, second), at[first] as Index, ...at.slice(second)];
    }
    case 'at_turn':
      return [placeOfTurn(node.attributes), ...at];
    default:
      return node satisfies never;
  }
}

/** The input inside, the value outside and between; the load outside is clamped to the last element. */
export function readPad(reader: ValueReader, node: NodeOf<'pad'>, at: readonly Index[]): Expression {
  const [input, value] = node.inputs as [number, number];
  const sizes = reader.sizes(input);
  const conditions = new Map<string, Expression>();
  const deciding: Index[] = [];
  const require = (operation: 'le' | 'eq', a: Index, b: Index): void => {
    conditions.set(`${operation} ${a.key} ${b.key}`, compare(reader, operation, a, b));
    deciding.push(a, b);
  };
  const { before, interior } = node.attributes;
  if (sizes.some((size) => isConstant(size) && size.constant === 0)) return reader.read(value, []);
  const inside = at.map((c, axis) => {
    const step = (interior[axis] ?? 0) + 1;
    // Below zero wraps to a large u32, so one comparison covers both ends.
    const shifted = sum(c, constant(-(before[axis] ?? 0)));
    const size = sizes[axis] as Index;
    const together = step === 1 ? fourTogether(shifted, size) : undefined;
    if (together) {
      if (together.clamped.key !== together.start.key) require('le', together.start, together.last);
      return sum(together.clamped, LANE_INDEX);
    }
    const last = scaled(sum(size, constant(-1)), step);
    const clamped = minimum(shifted, last);
    if (clamped.key !== shifted.key) require('le', shifted, last);
    if (step > 1) {
      const between = remainder(shifted, constant(step));
      if (!isConstant(between) || between.constant !== 0) require('eq', between, ZERO);
    }
    return quotient(clamped, constant(step));
  });
  const element = reader.read(input, inside);
  if (conditions.size === 0) return element;
  const isInside = boundOnce(reader, [...conditions.keys()].join(' and '), deciding, () =>
    allOf([...conditions.values()]),
  );
  return choose(isInside, element, reader.read(value, []));
}

/** Four neighbours that all lie inside of `size` or all outside: one clamp of the first does for them. */
function fourTogether(index: Index, size: Index): { start: Index; clamped: Index; last: Index } | undefined {
  if (coefficientOf(index, LANE) !== 1 || !isMultiple(size, 4)) return undefined;
  const start = substitute(index, LANE, ZERO);
  if (!isMultiple(start, 4)) return undefined;
  const last = sum(size, constant(-4));
  const quarter = (position: Index): Index => dividedExactly(position, 4);
  return { start, last, clamped: scaled(minimum(quarter(start), quarter(last)), 4) };
}

/** Pieces are chosen by the coordinate along the axis. `part`: only these inputs are read. */
export function readConcat(
  reader: ValueReader,
  node: NodeOf<'concat'>,
  at: readonly Index[],
  part: { from: number; to: number } = { from: 0, to: node.inputs.length },
): Expression {
  const { axis } = node.attributes;
  const c = at[axis] as Index;
  let start = ZERO;
  const pieces: { value: Expression; end: Index }[] = [];
  node.inputs.forEach((input, i) => {
    const size = reader.sizes(input)[axis] as Index;
    const end = sum(start, size);
    const empty = isConstant(size) && size.constant === 0;
    const reachable = !isAtLeast(c, end) && !isAtLeast(sum(start, constant(-1)), c);
    if (i >= part.from && i < part.to && !empty && reachable) {
      const together = fourTogether(difference(c, start), size);
      const inside = together
        ? sum(together.clamped, LANE_INDEX)
        : minimum(difference(c, start), sum(size, constant(-1)));
      pieces.push({
        end,
        value: reader.read(
          input,
          at.map((other, k) => (k === axis ? inside : other)),
        ),
      });
    }
    start = end;
  });
  const last = pieces.pop();
  if (!last) throw new Error('internal: a concat without elements is read');
  return pieces.reduceRight(
    (rest, piece) =>
      choose(compare(reader, 'lt', fourTogether(c, piece.end)?.start ?? c, piece.end), piece.value, rest),
    last.value,
  );
}

/** A condition on indices as a name of its own, worked out where these are known and no further inside. */
function boundOnce(
  { emitter }: ValueReader,
  key: string,
  at: readonly Index[],
  build: () => Expression,
): Expression {
  const known = emitter.recall(key);
  if (known) return known;
  const depth = emitter.depthOf(at);
  return emitter.remember(key, depth, emitter.bind('inside', depth, build()));
}

/** A comparison of indices, a lane each where they depend on it. */
export function compare(reader: ValueReader, operation: BinaryFunction, a: Index, b: Index): Expression {
  const { emitter } = reader;
  if (!mentionsLane([a, b])) return binary(operation, emitter.index(a), emitter.index(b));
  return vectorOf((lane) => {
    const [left, right] = [a, b].map((index) => emitter.index(substitute(index, LANE, constant(lane))));
    return binary(operation, left as Expression, right as Expression);
  });
}

function allOf(conditions: readonly Expression[]): Expression {
  const lanes = conditions.some((condition) => condition.type.lanes === 4) ? 4 : 1;
  return conditions.map((condition) => spread(condition, lanes)).reduce((a, b) => binary('and', a, b));
}

function choose(condition: Expression, whenTrue: Expression, whenFalse: Expression): Expression {
  const wide = [condition, whenTrue, whenFalse].some((part) => part.type.lanes === 4);
  const lanes = wide ? 4 : 1;
  return select(spread(condition, lanes), spread(whenTrue, lanes), spread(whenFalse, lanes));
}
