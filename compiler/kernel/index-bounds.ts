/**
 * Ranges of indices. In: an index. Out: bounds as polynomials in the batch alone, and what they prove.
 * Bounds keep the batch as a symbol, so that `b < B` shows that `B - 1 - b` is never below zero.
 */
import {
  ZERO,
  constant,
  difference,
  dividedExactly,
  fromAtom,
  isConstant,
  isMultiple,
  product,
  sum,
  type Atom,
  type Index,
} from './index-expression.ts';

/** Largest value, inclusive, as a polynomial in the batch. */
export function upperBound(index: Index): Index {
  return bound(index, 'upper');
}

/** Smallest value as a polynomial in the batch. */
export function lowerBound(index: Index): Index {
  return bound(index, 'lower');
}

/** a >= b for every batch and every value of the variables. False where it cannot be shown. */
export function isAtLeast(a: Index, b: Index): boolean {
  return extreme(lowerBound(difference(a, b)), 'lower') >= 0;
}

export const isNonNegative = (a: Index): boolean => isAtLeast(a, ZERO);

/** a < b for every batch and every value of the variables. */
export const isBelow = (a: Index, b: Index): boolean => isAtLeast(difference(b, a), constant(1));

type Side = 'upper' | 'lower';

function bound(index: Index, side: Side): Index {
  let result = constant(index.constant);
  for (const t of index.terms) {
    const wanted: Side = t.coefficient > 0 ? side : side === 'upper' ? 'lower' : 'upper';
    let part = constant(t.coefficient);
    for (const atom of t.atoms) part = product(part, atomBound(atom, wanted));
    result = sum(result, part);
  }
  return result;
}

function atomBound(atom: Atom, side: Side): Index {
  switch (atom.kind) {
    case 'variable':
      return side === 'lower' ? ZERO : atom.maximum;
    case 'batch':
      return fromAtom(atom);
    case 'quotient':
      return side === 'lower' ? ZERO : quotientBound(upperBound(atom.dividend), atom.divisor);
    case 'remainder':
      return side === 'lower' ? ZERO : sum(upperBound(atom.divisor), constant(-1));
    case 'minimum':
      return side === 'lower' ? ZERO : upperBound(atom.right);
    default:
      return atom satisfies never;
  }
}

/** Of u / d: exactly where u + 1 or the terms of u are multiples, else from the extremes. */
function quotientBound(upper: Index, divisor: Index): Index {
  const next = sum(upper, constant(1));
  const exact = exactQuotient(next, divisor);
  if (exact) return sum(exact, constant(-1));
  if (isConstant(divisor)) {
    const k = divisor.constant;
    const rest = ((upper.constant % k) + k) % k;
    const whole = sum(upper, constant(-rest));
    if (isMultiple(whole, k)) return dividedExactly(whole, k);
  }
  return constant(Math.floor(extreme(upper, 'upper') / Math.max(1, extreme(lowerBound(divisor), 'lower'))));
}

/** a / d where d is one term and divides every term of a. */
export function exactQuotient(a: Index, d: Index): Index | undefined {
  if (isConstant(d)) return isMultiple(a, d.constant) ? dividedExactly(a, d.constant) : undefined;
  const [only, second] = d.terms;
  if (!only || second || d.constant !== 0 || a.constant !== 0) return undefined;
  let result = ZERO;
  for (const t of a.terms) {
    const rest = [...t.atoms];
    for (const atom of only.atoms) {
      const at = rest.findIndex((r) => r.key === atom.key);
      if (at < 0) return undefined;
      rest.splice(at, 1);
    }
    if (t.coefficient % only.coefficient !== 0) return undefined;
    const factor = constant(t.coefficient / only.coefficient);
    result = sum(
      result,
      rest.reduce((value, atom) => product(value, fromAtom(atom)), factor),
    );
  }
  return result;
}

/** The extreme of a polynomial in the batch over 1 to its limit. */
function extreme(index: Index, side: Side): number {
  let value = index.constant;
  for (const t of index.terms) {
    const large = t.coefficient > 0 === (side === 'upper');
    let part = t.coefficient;
    for (const atom of t.atoms) {
      if (atom.kind !== 'batch') throw new Error('internal: a bound that is no polynomial in the batch');
      part *= large ? atom.limit : 1;
    }
    value += part;
  }
  return value;
}
