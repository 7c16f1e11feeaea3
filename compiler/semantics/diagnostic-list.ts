/** Collects the errors of one elaboration: each place and code once, in the order of the text. */
import { CompileError, type Diagnostic } from '../diagnostics.ts';
import { Poisoned } from './scope.ts';

export class DiagnosticList {
  private readonly found = new Map<string, Diagnostic>();

  get size(): number {
    return this.found.size;
  }

  add(diagnostic: Diagnostic): void {
    const { code, span } = diagnostic;
    const key = span ? `${code} ${span.file}:${span.line}:${span.column}` : `${code} ${diagnostic.message}`;
    if (!this.found.has(key)) this.found.set(key, diagnostic);
  }

  /** Runs one independent piece of work; its errors are kept and give undefined. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof CompileError) for (const diagnostic of error.diagnostics) this.add(diagnostic);
      else if (!(error instanceof Poisoned)) throw error;
      return undefined;
    }
  }

  /** Runs work on trial: its value, or the first error it found. Errors are not kept. */
  attempt<T>(work: () => T): { readonly value: T } | { readonly refused: Diagnostic } {
    const before = new Set(this.found.keys());
    const value = this.guard(() => ({ value: work() }));
    const found = [...this.found].filter(([key]) => !before.has(key));
    for (const [key] of found) this.found.delete(key);
    const [first] = found;
    if (first) return { refused: first[1] };
    if (!value) throw new Poisoned();
    return value;
  }

  /** In the order of the text; those without a place first. */
  sorted(): Diagnostic[] {
    return [...this.found.values()].sort(
      (a, b) =>
        (a.span?.file ?? '').localeCompare(b.span?.file ?? '') ||
        (a.span?.line ?? 0) - (b.span?.line ?? 0) ||
        (a.span?.column ?? 0) - (b.span?.column ?? 0),
    );
  }

  /** Stops the stage where anything was found. */
  check(): void {
    if (this.found.size > 0) throw new CompileError(this.sorted());
  }
}
