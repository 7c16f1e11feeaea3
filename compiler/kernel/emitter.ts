/**
 * Collects the statements of a kernel while its values are worked out on demand. In: expressions and the
 * loop variables they depend on. Out: a body in which every shared value is bound once, in the outermost
 * scope where its variables are known: what does not change in a loop stands before it.
 */
import { LANES, U32, batch, binary, literal, turn, variable, vectorOf, type Lane } from './expression.ts';
import { substitute } from './index-division.ts';
import { constant, fromAtom, sum, withTerms, type Atom, type Index, type Term } from './index-expression.ts';
import type { Expression, Statement } from './ir.ts';
import { THREAD_IDS } from './thread-ids.ts';

/**
 * The number of the turn as an index variable: of the outermost loop around a kernel, of the next one … No name that
 * `fresh` gives is like it.
 */
export const turnName = (depth: number): string => `turn_${depth}`;

function depthOfTurn(name: string): number | undefined {
  const found = /^turn_(\d+)$/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}

function numberOf(name: string): Expression {
  const depth = depthOfTurn(name);
  return depth === undefined ? variable(name, U32) : turn(depth);
}

/** The lane of a vec4 as an index variable, 0 to 3. It is substituted before anything is emitted. */
export const LANE = 'lane';
export const LANE_INDEX = fromAtom({ kind: 'variable', key: LANE, name: LANE, maximum: constant(3) });

export const mentionsLane = (indices: readonly Index[]): boolean =>
  indices.some(({ variables }) => variables.has(LANE));

export const atLane = (indices: readonly Index[], lane: Lane): Index[] =>
  indices.map((index) => substitute(index, LANE, constant(lane)));

interface Scope {
  readonly parent: Scope | undefined;
  readonly depth: number;
  /** The body of an `if`: what its parent's variables allow is computed inside, only when needed. */
  readonly conditional: boolean;
  readonly statements: Statement[];
  readonly memo: Map<string, Expression>;
}

export class Emitter {
  private scope: Scope = { parent: undefined, depth: 0, conditional: false, statements: [], memo: new Map() };
  private readonly depths = new Map<string, number>();
  private readonly counts = new Map<string, number>();

  private readonly hoists: boolean;

  /** `hoists`: parts of an index stand in the outermost loop that knows them, for engines that move nothing out of loops. */
  constructor(hoists = false) {
    this.hoists = hoists;
    for (const name of [...THREAD_IDS, LANE]) this.depths.set(name, 0);
  }

  get body(): readonly Statement[] {
    return this.scope.statements;
  }

  /** Of the scope that is being filled. */
  get depth(): number {
    return this.scope.depth;
  }

  /**
   * A name not used before in this kernel: the base and a number, counted for each base. Names say nothing
   * about graph nodes, so that kernels that do the same have the same text and share a pipeline.
   */
  fresh(base: string): string {
    const count = this.counts.get(base) ?? 0;
    this.counts.set(base, count + 1);
    return `${base}${count}`;
  }

  /** The depth at which all variables of the indices are known. */
  depthOf(indices: readonly Index[]): number {
    let depth = 0;
    for (const { variables } of indices) {
      for (const name of variables) depth = Math.max(depth, this.depthOfName(name));
    }
    return depth;
  }

  private depthOfName(name: string): number {
    const depth = this.depths.get(name) ?? (depthOfTurn(name) === undefined ? undefined : 0);
    if (depth === undefined) throw new Error(`internal: variable ${name} is not in scope`);
    return depth;
  }

  /** The value under `key`, if it was bound in a scope that is open. */
  recall(key: string): Expression | undefined {
    for (let scope: Scope | undefined = this.scope; scope; scope = scope.parent) {
      const found = scope.memo.get(key);
      if (found) return found;
    }
    return undefined;
  }

  /** Remembers a value for as long as the scope it belongs to is open. */
  remember(key: string, depth: number, value: Expression): Expression {
    this.scopeAt(depth).memo.set(key, value);
    return value;
  }

  /** Binds a value by `let` at a depth; what is already a name or a number stays as it is. */
  bind(base: string, depth: number, value: Expression): Expression {
    if (value.kind === 'variable' || value.kind === 'literal' || value.kind === 'scalar') return value;
    return this.declare('let', base, depth, value);
  }

  declare(kind: 'let' | 'var', base: string, depth: number, value: Expression): Expression {
    const scope = this.scopeAt(depth);
    const name = this.fresh(base);
    this.depths.set(name, scope.depth);
    scope.statements.push({ kind, name, value });
    return variable(name, value.type);
  }

  /** Gives a declared `var` another value. */
  assign(to: Expression, value: Expression): void {
    if (to.kind !== 'variable') throw new Error('internal: an assignment to what is no variable');
    this.push({ kind: 'assign', name: to.name, value });
  }

  /** All threads of the workgroup meet. */
  barrier(): void {
    this.push({ kind: 'barrier' });
  }

  push(statement: Statement): void {
    this.scope.statements.push(statement);
  }

  /** Runs `build` as if at an outer depth, where everything it emits is placed. */
  at<T>(depth: number, build: () => T): T {
    const inner = this.scope;
    this.scope = this.scopeAt(depth);
    const result = build();
    this.scope = inner;
    return result;
  }

  /** A loop over `variable` from `from` to below `to`; `build` emits its body. */
  loop(name: string, from: Expression, to: Expression, step: number, build: () => void): void {
    const body = this.nested(false, () => {
      this.depths.set(name, this.scope.depth);
      build();
    });
    this.push({ kind: 'for', variable: name, from, to, step, body });
  }

  when(condition: Expression, build: () => void): void {
    this.push({ kind: 'if', condition, then: this.nested(true, build) });
  }

  private nested(conditional: boolean, build: () => void): readonly Statement[] {
    const outer = this.scope;
    this.scope = { parent: outer, depth: outer.depth + 1, conditional, statements: [], memo: new Map() };
    build();
    const { statements } = this.scope;
    this.scope = outer;
    return statements;
  }

  private scopeAt(depth: number): Scope {
    let scope = this.scope;
    while (scope.depth > depth && scope.parent) {
      if (scope.conditional && scope.parent.depth === depth) return scope;
      scope = scope.parent;
    }
    return scope;
  }

  /** An index as an expression; quotients, remainders and clamps are bound and shared. */
  index(index: Index): Expression {
    return this.hoists ? this.fromOutside(index) : this.sum(index, []);
  }

  /** Binds what does not change in a loop before it, from the outermost in. */
  private fromOutside(index: Index): Expression {
    const byDepth = new Map<number, Term[]>();
    for (const t of index.terms) {
      const depth = this.depthOf([withTerms(index, 0, (u) => u === t)]);
      byDepth.set(depth, [...(byDepth.get(depth) ?? []), t]);
    }
    const depths = [...byDepth.keys()].sort((a, b) => a - b);
    const deepest = depths.pop();
    if (deepest === undefined || depths.length === 0) return this.sum(index, []);
    const at = (depth: number, value: number): Index =>
      withTerms(index, value, (t) => byDepth.get(depth)?.includes(t) === true);
    // A number at the end may become an offset of the access: what stands before it must not be below zero.
    const isLast = index.terms.every(({ coefficient }) => coefficient > 0);
    let known = constant(0);
    let before: Expression[] = [];
    depths.forEach((depth, i) => {
      const part = at(depth, i === 0 && !isLast ? index.constant : 0);
      known = sum(known, part);
      before = [this.partialSum(known.key, depth, part, before)];
    });
    return this.sum(at(deepest, isLast ? index.constant : 0), before);
  }

  private partialSum(key: string, depth: number, part: Index, before: readonly Expression[]): Expression {
    const name = `sum ${key}`;
    const bound = this.recall(name);
    if (bound) return bound;
    const value = this.at(depth, () => this.sum(part, before));
    return this.remember(name, depth, this.bind('i', depth, value));
  }

  private sum(index: Index, before: readonly Expression[]): Expression {
    const ordered = [...index.terms].sort(
      (a, b) => b.coefficient - a.coefficient || (a.key < b.key ? -1 : 1),
    );
    const positive = [
      ...before,
      ...ordered.filter((t) => t.coefficient > 0).map((t) => this.term(t, t.coefficient)),
    ];
    if (index.constant > 0 || positive.length === 0)
      positive.push(literal(Math.max(0, index.constant), 'u32'));
    const negative = ordered.filter((t) => t.coefficient < 0).map((t) => this.term(t, -t.coefficient));
    if (index.constant < 0) negative.push(literal(-index.constant, 'u32'));
    const start = positive.reduce((a, b) => binary('add', a, b));
    return negative.reduce((a, b) => binary('sub', a, b), start);
  }

  /** One index a lane. */
  lanes(index: Index): Expression {
    return vectorOf((lane) => this.index(substitute(index, LANE, constant(LANES[lane]))));
  }

  private term(t: Term, factor: number): Expression {
    const atoms = t.atoms.map((atom) => this.atom(atom));
    const value = atoms.reduce((a, b) => binary('mul', a, b));
    return factor === 1 ? value : binary('mul', value, literal(factor, 'u32'));
  }

  private atom(atom: Atom): Expression {
    switch (atom.kind) {
      case 'variable':
        if (atom.name === LANE) throw new Error('internal: a lane left in an index');
        // A kernel that runs through a loop itself counts its turns.
        return this.depths.has(atom.name) ? variable(atom.name, U32) : numberOf(atom.name);
      case 'batch':
        return batch;
      case 'quotient':
        return this.shared(atom.key, atom.dividend, atom.divisor, 'div');
      case 'remainder':
        return this.shared(atom.key, atom.dividend, atom.divisor, 'mod');
      case 'minimum':
        return this.shared(atom.key, atom.left, atom.right, 'min');
      default:
        return atom satisfies never;
    }
  }

  private shared(key: string, left: Index, right: Index, operation: 'div' | 'mod' | 'min'): Expression {
    const known = this.recall(key);
    if (known) return known;
    const depth = this.depthOf([left, right]);
    const value = binary(operation, this.index(left), this.index(right));
    return this.remember(key, depth, this.bind('i', depth, value));
  }
}
