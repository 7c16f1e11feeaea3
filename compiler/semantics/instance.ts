/**
 * Layers in use. An instance is a declaration with its arguments and a path; the path is its identity, so
 * elaborating a body once more (another call, another graph) finds the same weights again.
 */
import type { Span } from '../diagnostics.ts';
import type * as ast from '../syntax/ast.ts';
import type { Scope } from './scope.ts';
import type { Value } from './values.ts';

/** An argument as given or by default, with the place to blame. */
export interface BoundArgument {
  readonly value: Value;
  readonly span: Span;
  readonly given: boolean;
}

export interface Instance {
  readonly declaration: ast.LayerDeclaration;
  /** Where the declaration stands: file-level names. */
  readonly scope: Scope;
  readonly arguments: ReadonlyMap<string, BoundArgument>;
  /** The body that made it, which also names it. */
  readonly home: NamingScope;
  readonly span: Span;
  /** Undefined until it is bound, labelled or first called. Null: made where no weights can live. */
  path: string | null | undefined;
}

/**
 * One run of a body, or one turn of a repeat in it: gives names to the instances made there.
 * `path` is null in a `fn` or a step, which own no weights.
 */
export class NamingScope {
  readonly path: string | null;
  private readonly counters = new Map<string, number>();
  private readonly claimed = new Map<string, Span>();

  constructor(path: string | null) {
    this.path = path;
  }

  /** Takes a name; gives back where it was taken before, if it was. */
  claim(name: string, span: Span): Span | undefined {
    const before = this.claimed.get(name);
    if (before === undefined) this.claimed.set(name, span);
    return before;
  }

  /** The next counted name: `dense_1`. */
  count(kind: string): string {
    const n = (this.counters.get(kind) ?? 0) + 1;
    this.counters.set(kind, n);
    return `${kind}_${n}`;
  }

  below(name: string): string | null {
    return this.path === null ? null : `${this.path}.${name}`;
  }
}
