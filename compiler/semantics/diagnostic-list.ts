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

  /** Runs work whose errors mean something else than they say; they are kept as `meaning` has them. */
  reinterpret<T>(meaning: (diagnostic: Diagnostic) => Diagnostic, work: () => T): T {
    const before = new Set(this.found.keys());
    const result = work();
    for (const [key, diagnostic] of this.found)
      if (!before.has(key)) this.found.set(key, meaning(diagnostic));
    return result;
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
