/**
 * Names of instances. In: the body that makes them, one run of it at a time. Out: path components, claimed
 * once each: a bound name, a label, or a counter per layer.
 */
import type { Span } from '../diagnostics.ts';

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
