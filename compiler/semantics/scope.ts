/**
 * Names in view. In: bindings in the order they are made. Out: the newest binding of a name, here or in the
 * scopes around. A name whose value failed is poisoned: using it is silent, the cause is already reported.
 */
import type { Span } from '../diagnostics.ts';
import type { Binding, Names, Value } from './values.ts';

/** Thrown by the use of a value whose error is already reported; never reaches the user. */
export class Poisoned extends Error {
  constructor() {
    super('poisoned');
    this.name = 'Poisoned';
  }
}

export class Scope implements Names {
  readonly parent: Names | undefined;
  private readonly bindings = new Map<string, Binding>();
  /** Names that the statements of this body bind somewhere, with the first place. */
  private readonly upcoming = new Map<string, Span>();

  constructor(parent?: Names) {
    this.parent = parent;
  }

  bind(name: string, value: Value, span?: Span, argument?: Span): void {
    this.bindings.set(name, { get: () => value, span, argument });
  }

  bindLazily(name: string, get: () => Value, span?: Span): void {
    this.bindings.set(name, { get, span });
  }

  poison(name: string, span?: Span): void {
    this.bindings.set(name, {
      get: () => {
        throw new Poisoned();
      },
      span,
    });
  }

  announce(name: string, span: Span): void {
    if (!this.upcoming.has(name)) this.upcoming.set(name, span);
  }

  local(name: string): Binding | undefined {
    return this.bindings.get(name);
  }

  lookup(name: string): Binding | undefined {
    return this.bindings.get(name) ?? this.parent?.lookup(name);
  }

  /** Where a body in view binds the name, though it has not yet. */
  laterBinding(name: string): Span | undefined {
    return this.upcoming.get(name) ?? this.parent?.laterBinding(name);
  }

  /** Every name in view, for suggestions. */
  names(): string[] {
    return [...this.bindings.keys(), ...(this.parent?.names() ?? [])];
  }
}
