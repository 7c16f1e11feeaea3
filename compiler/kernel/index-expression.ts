/**
 * Index arithmetic as polynomials over atoms: a constant plus terms, each a coefficient times loop
 * variables, the batch, or what does not expand (quotients, remainders, clamps). In: sizes and loop
 * variables. Out: a normal form in which equal indices have equal keys, so that a view of a view folds
 * away and strides can be read off. Division is in `index-division.ts`, ranges in `index-bounds.ts`.
 *
 * Every atom is >= 0. A whole index is >= 0 wherever it is used to address memory; on the way there it may
 * be negative, which u32 arithmetic, wrapping, gets right.
 */
import type { Dimension } from '../graph/dimension.ts';

export type Atom =
  /** A loop variable, thread id or loaded index; `maximum` (inclusive) contains the batch at most. */
  | { readonly kind: 'variable'; readonly key: string; readonly name: string; readonly maximum: Index }
  /** Records at hand, 1 to `limit`. */
  | { readonly kind: 'batch'; readonly key: string; readonly limit: number }
  | { readonly kind: 'quotient'; readonly key: string; readonly dividend: Index; readonly divisor: Index }
  | {
      readonly kind: 'remainder';
      readonly key: string;
      readonly dividend: Index;
      readonly divisor: Index;
      /** dividend / divisor, to join the two again: quotient * divisor + remainder = dividend. */
      readonly quotient: Index;
    }
  /** min(left, right) as u32: a `left` below zero counts as large. */
  | { readonly kind: 'minimum'; readonly key: string; readonly left: Index; readonly right: Index };

export interface Term {
  readonly coefficient: number;
  /** Ascending by key; a product. */
  readonly atoms: readonly Atom[];
  readonly key: string;
}

export interface Index {
  readonly constant: number;
  /** Ascending by key, no coefficient is 0. */
  readonly terms: readonly Term[];
  readonly key: string;
  /** Names of the variables anywhere in it. */
  readonly variables: ReadonlySet<string>;
}

/** Key and variables are worked out when they are asked for: most indices are only steps on the way to another. */
class Polynomial implements Index {
  readonly constant: number;
  readonly terms: readonly Term[];
  private text: string | undefined;
  private names: ReadonlySet<string> | undefined;

  constructor(constant: number, terms: readonly Term[]) {
    this.constant = constant;
    this.terms = terms;
  }

  get key(): string {
    this.text ??= `(${[...this.terms.map((t) => `${t.coefficient}*${t.key}`), String(this.constant)].join('+')})`;
    return this.text;
  }

  get variables(): ReadonlySet<string> {
    this.names ??= variablesOf(this.terms);
    return this.names;
  }
}

const assemble = (value: number, terms: readonly Term[]): Index => new Polynomial(value, terms);

const compare = (a: { key: string }, b: { key: string }): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

function term(coefficient: number, atoms: readonly Atom[]): Term {
  const [first, second] = atoms;
  if (first && !second) return { coefficient, atoms, key: first.key };
  const sorted = [...atoms].sort(compare);
  return { coefficient, atoms: sorted, key: sorted.map((atom) => atom.key).join('*') };
}

const withCoefficient = ({ atoms, key }: Term, coefficient: number): Term => ({ coefficient, atoms, key });

/** The terms of both, ascending; equal ones joined. */
function merged(a: readonly Term[], b: readonly Term[]): readonly Term[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const result: Term[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [s, t] = [a[i], b[j]];
    if (!t || (s && s.key < t.key)) {
      result.push(s as Term);
      i++;
    } else if (!s || t.key < s.key) {
      result.push(t);
      j++;
    } else {
      const coefficient = s.coefficient + t.coefficient;
      if (coefficient !== 0) result.push(withCoefficient(s, coefficient));
      i++;
      j++;
    }
  }
  return result;
}

/** Joins quotients with their remainders. */
function normal(value: number, terms: readonly Term[]): Index {
  return rejoin(value, terms) ?? assemble(value, terms);
}

/** c*k*(e / k) + c*(e % k) = c*e. */
function rejoin(value: number, terms: readonly Term[]): Index | undefined {
  for (const t of terms) {
    for (const atom of t.atoms) {
      if (atom.kind !== 'remainder') continue;
      const others = t.atoms.filter((a) => a !== atom);
      const wanted = product(product(atom.quotient, atom.divisor), fromTerm(t.coefficient, others));
      if (!contains(terms, wanted)) continue;
      const whole = product(atom.dividend, fromTerm(t.coefficient, others));
      return sum(
        assemble(
          value,
          terms.filter((u) => u !== t),
        ),
        scaled(wanted, -1),
        whole,
      );
    }
  }
  return undefined;
}

/** Whether all terms of `wanted` stand among the terms with the same coefficients. */
const contains = (terms: readonly Term[], wanted: Index): boolean =>
  wanted.constant === 0 &&
  wanted.terms.length > 0 &&
  wanted.terms.every((w) => terms.some((u) => u.key === w.key && u.coefficient === w.coefficient));

const fromTerm = (coefficient: number, atoms: readonly Atom[]): Index =>
  atoms.length === 0 ? constant(coefficient) : assemble(0, [term(coefficient, atoms)]);

export const constant = (value: number): Index => assemble(value, []);
export const ZERO = constant(0);
export const ONE = constant(1);

export const fromAtom = (atom: Atom): Index => assemble(0, [term(1, [atom])]);

/** A variable from 0 to `size` - 1. One of size 1 is 0. */
export function indexVariable(name: string, size: Index): Index {
  const maximum = sum(size, constant(-1));
  if (maximum.terms.length === 0 && maximum.constant === 0) return ZERO;
  return fromAtom({ kind: 'variable', key: name, name, maximum });
}

/** A size as an index; `limit` is the largest batch. */
export function fromDimension(d: Dimension, limit: number): Index {
  if (typeof d === 'number') return constant(d);
  const records = fromAtom({ kind: 'batch', key: 'B', limit });
  return sum(product(records, constant(d.times)), constant(d.plus));
}

export function sum(...parts: readonly Index[]): Index {
  let [value, terms]: [number, readonly Term[]] = [0, []];
  for (const part of parts) {
    value += part.constant;
    terms = merged(terms, part.terms);
  }
  return normal(value, terms);
}

export function product(a: Index, b: Index): Index {
  if (b.terms.length === 0) return scaled(a, b.constant);
  if (a.terms.length === 0) return scaled(b, a.constant);
  let terms = merged(scaled(a, b.constant).terms, scaled(b, a.constant).terms);
  for (const s of a.terms) {
    for (const t of b.terms) {
      terms = merged(terms, [term(s.coefficient * t.coefficient, [...s.atoms, ...t.atoms])]);
    }
  }
  return normal(a.constant * b.constant, terms);
}

export function scaled(a: Index, factor: number): Index {
  if (factor === 0) return ZERO;
  if (factor === 1) return a;
  return assemble(
    a.constant * factor,
    a.terms.map((t) => withCoefficient(t, t.coefficient * factor)),
  );
}

export const difference = (a: Index, b: Index): Index => sum(a, scaled(b, -1));

export const isConstant = (index: Index): boolean => index.terms.length === 0;

/** Divisible by `n` whatever the variables are, as far as the coefficients show. */
export function isMultiple(index: Index, n: number): boolean {
  return index.constant % n === 0 && index.terms.every((t) => t.coefficient % n === 0);
}

/** index / n where `isMultiple`. */
export function dividedExactly(index: Index, n: number): Index {
  return assemble(
    index.constant / n,
    index.terms.map((t) => withCoefficient(t, t.coefficient / n)),
  );
}

/** Keeps the terms that `wanted` accepts, with the constant given. */
export const withTerms = (index: Index, value: number, wanted: (t: Term) => boolean): Index =>
  assemble(value, index.terms.filter(wanted));

/** The stride along a variable; undefined where it also stands inside a quotient, product or clamp. */
export function coefficientOf(index: Index, name: string): number | undefined {
  let coefficient = 0;
  for (const t of index.terms) {
    const [atom] = t.atoms;
    if (t.atoms.length === 1 && atom?.kind === 'variable' && atom.name === name) coefficient = t.coefficient;
    else if (mentions(t, name)) return undefined;
  }
  return coefficient;
}

/** Whether a term holds a variable, in itself or inside of a quotient, remainder or clamp. */
export const mentions = ({ atoms }: Term, name: string): boolean =>
  atoms.some((atom) => partsOf(atom)?.some(({ variables }) => variables.has(name)) ?? isNamed(atom, name));

const isNamed = (atom: Atom, name: string): boolean => atom.kind === 'variable' && atom.name === name;

/** The indices inside of an atom; undefined where it is a name. */
function partsOf(atom: Atom): readonly [Index, Index] | undefined {
  switch (atom.kind) {
    case 'variable':
    case 'batch':
      return undefined;
    case 'quotient':
    case 'remainder':
      return [atom.dividend, atom.divisor];
    case 'minimum':
      return [atom.left, atom.right];
    default:
      return atom satisfies never;
  }
}

function variablesOf(terms: readonly Term[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { atoms } of terms)
    for (const atom of atoms) {
      if (atom.kind === 'variable') found.add(atom.name);
      for (const part of partsOf(atom) ?? []) for (const name of part.variables) found.add(name);
    }
  return found;
}
