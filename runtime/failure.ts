/** Errors of the runtime that a user may meet, as diagnostic records; the hosts print them. */
import type { Diagnostic, Span } from './plan-format.ts';

/** Carries one diagnostic; codes are those of the compiler's table (E04 data, E05 weights, E06 device). */
export class RuntimeFailure extends Error {
  readonly diagnostic: Diagnostic;

  constructor(code: string, message: string, extra: { span?: Span; help?: string } = {}) {
    super(`${code}: ${message}`);
    this.name = 'RuntimeFailure';
    this.diagnostic = { severity: 'error', code, message, ...extra };
  }
}
