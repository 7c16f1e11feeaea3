/**
 * Quotients, remainders and clamps of indices, simplified by their ranges: (a * k + b) / k = a where
 * 0 <= b < k, and the like. In: indices >= 0, divisors >= 1. Out: indices in normal form. What does not
 * simplify stays an atom.
 */
import { exactQuotient, isBelow, isNonNegative, isAtLeast } from './index-bounds.ts';
import {
  ZERO,
  constant,
  dividedExactly,
  fromAtom,
  isConstant,
  isMultiple,
  mentions,
  product,
  scaled,
  sum,
  withTerms,
  type Atom,
  type Index,
} from './index-expression.ts';

export function quotient(dividend: Index, divisor: Index): Index {
  if (isConstant(divisor) && divisor.constant === 1) return dividend;
  const { whole, rest } = separate(dividend, divisor);
  return sum(whole, quotientOfRest(rest, divisor));
}

export function remainder(dividend: Index, divisor: Index): Index {
  if (isConstant(divisor) && divisor.constant === 1) return ZERO;
  return remainderOfRest(separate(dividend, divisor).rest, divisor);
}

/** min(left, right), where a `left` below zero counts as large (u32). */
export function minimum(left: Index, right: Index): Index {
  if (isNonNegative(left) && isAtLeast(right, left)) return left;
  if (isConstant(right) && right.constant === 0) return ZERO;
  return fromAtom({ kind: 'minimum', key: `min(${left.key},${right.key})`, left, right });
}

/** dividend = whole * divisor + rest, rest >= 0. */
function separate(dividend: Index, divisor: Index): { whole: Index; rest: Index } {
  const multiple = withTerms(
    dividend,
    0,
    (t) =>
      exactQuotient(
        withTerms(dividend, 0, (u) => u === t),
        divisor,
      ) !== undefined,
  );
  const others = withTerms(dividend, 0, (t) => !multiple.terms.includes(t));
  const step = isConstant(divisor) ? divisor.constant : 0;
  const floor = step > 0 ? Math.floor(dividend.constant / step) * step : 0;
  // The constant goes with the multiples as far as it divides; where that leaves less than zero, it stays.
  for (const moved of [floor, 0]) {
    const rest = sum(others, constant(dividend.constant - moved));
    const whole = exactQuotient(sum(multiple, constant(moved)), divisor);
    if (whole && isNonNegative(rest)) return { whole, rest };
  }
  return { whole: ZERO, rest: dividend };
}

function quotientOfRest(rest: Index, divisor: Index): Index {
  if (isNonNegative(rest) && isBelow(rest, divisor)) return ZERO;
  if (isConstant(rest) && isConstant(divisor)) return constant(Math.floor(rest.constant / divisor.constant));
  const reduced = coarser(rest, divisor);
  if (reduced) return quotient(reduced.high, reduced.divisor);
  const atom = onlyAtom(rest);
  if (atom?.kind === 'quotient') return quotient(atom.dividend, product(atom.divisor, divisor));
  if (atom?.kind === 'remainder') {
    const count = exactQuotient(atom.divisor, divisor);
    if (count) return remainder(quotient(atom.dividend, divisor), count);
  }
  return fromAtom({ kind: 'quotient', key: `(${rest.key}/${divisor.key})`, dividend: rest, divisor });
}

function remainderOfRest(rest: Index, divisor: Index): Index {
  if (isNonNegative(rest) && isBelow(rest, divisor)) return rest;
  if (isConstant(rest) && isConstant(divisor)) return constant(rest.constant % divisor.constant);
  const reduced = coarser(rest, divisor);
  if (reduced) return sum(scaled(remainder(reduced.high, reduced.divisor), reduced.factor), reduced.low);
  const atom = onlyAtom(rest);
  if (atom?.kind === 'remainder' && exactQuotient(atom.divisor, divisor))
    return remainder(atom.dividend, divisor);
  return fromAtom({
    kind: 'remainder',
    key: `(${rest.key}%${divisor.key})`,
    dividend: rest,
    divisor,
    quotient: quotientOfRest(rest, divisor),
  });
}

interface Coarser {
  readonly factor: number;
  readonly high: Index;
  readonly low: Index;
  readonly divisor: Index;
}

/** rest = factor * high + low and divisor = factor * (smaller divisor), with 0 <= low < factor. */
function coarser(rest: Index, divisor: Index): Coarser | undefined {
  if (!isConstant(divisor)) return undefined;
  const factors = new Set(
    rest.terms.map((t) => greatestCommonDivisor(divisor.constant, Math.abs(t.coefficient))),
  );
  for (const factor of [...factors].sort((a, b) => b - a)) {
    if (factor === 1) continue;
    const low = withTerms(rest, modulo(rest.constant, factor), (t) => t.coefficient % factor !== 0);
    if (!isNonNegative(low) || !isBelow(low, constant(factor))) continue;
    const high = withTerms(rest, rest.constant - low.constant, (t) => t.coefficient % factor === 0);
    if (!isMultiple(high, factor) || !isNonNegative(high)) continue;
    return {
      factor,
      low,
      high: dividedExactly(high, factor),
      divisor: constant(divisor.constant / factor),
    };
  }
  return undefined;
}

const modulo = (a: number, n: number): number => ((a % n) + n) % n;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function onlyAtom(index: Index): Atom | undefined {
  const [t, second] = index.terms;
  const plain = t && !second && index.constant === 0 && t.coefficient === 1 && t.atoms.length === 1;
  return plain ? t.atoms[0] : undefined;
}

/** The index with a variable replaced, simplified anew. */
export function substitute(index: Index, name: string, replacement: Index): Index {
  if (!index.variables.has(name)) return index;
  let result = withTerms(index, index.constant, (t) => !mentions(t, name));
  for (const t of index.terms) {
    if (!mentions(t, name)) continue;
    let part = constant(t.coefficient);
    for (const atom of t.atoms) part = product(part, substituteAtom(atom, name, replacement));
    result = sum(result, part);
  }
  return result;
}

function substituteAtom(atom: Atom, name: string, replacement: Index): Index {
  const inside = (index: Index) => substitute(index, name, replacement);
  switch (atom.kind) {
    case 'variable':
      return atom.name === name ? replacement : fromAtom(atom);
    case 'batch':
      return fromAtom(atom);
    case 'quotient':
      return quotient(inside(atom.dividend), inside(atom.divisor));
    case 'remainder':
      return remainder(inside(atom.dividend), inside(atom.divisor));
    case 'minimum':
      return minimum(inside(atom.left), inside(atom.right));
    default:
      return atom satisfies never;
  }
}
