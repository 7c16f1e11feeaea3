/** Everything that a command can throw, as diagnostics: those of a compilation, and all that the runtime knows. */
import { failureDiagnostics } from '../../runtime/node/failures.ts';
import type { Host } from '../../runtime/report/host.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { CompileError } from '../diagnostics.ts';

export function diagnosticsOf(thrown: unknown, environment: Host['environment']): readonly Diagnostic[] {
  return thrown instanceof CompileError ? thrown.diagnostics : failureDiagnostics(thrown, environment);
}
