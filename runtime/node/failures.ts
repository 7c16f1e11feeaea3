/**
 * Everything that a run can throw, as diagnostics. A user's mistake already carries its record; anything else
 * is a fault of netc itself and is said to be one, without a stack unless NETC_DEBUG=1.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Diagnostic } from '../plan-format.ts';
import type { Host } from '../report/host.ts';
import { reasonOf } from './files.ts';

export function failureDiagnostics(thrown: unknown, environment: Host['environment']): readonly Diagnostic[] {
  if (thrown instanceof RuntimeFailure) return [thrown.diagnostic];
  const system = systemError(thrown);
  if (system) return [system];
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const what = (error.message.split('\n')[0] ?? '').replace(/^internal( error)?: /, '');
  const debug = environment.NETC_DEBUG === '1';
  return [
    {
      severity: 'error',
      code: 'E0703',
      message: `internal error: ${what}${debug ? `\n${error.stack ?? ''}` : ''}`,
      help: `this is a fault of netc, not of the program: please report it with the program${debug ? '' : ' and what NETC_DEBUG=1 prints'}`,
    },
  ];
}

/** Files that cannot be opened or written are no fault of netc: a full disk, missing rights. */
function systemError(thrown: unknown): Diagnostic | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, path, syscall } = thrown as NodeJS.ErrnoException;
  if (code === undefined || path === undefined || syscall === undefined) return undefined;
  const writing = syscall !== 'read' && syscall !== 'scandir' && syscall !== 'stat' && code !== 'ENOENT';
  return {
    severity: 'error',
    code: writing ? 'E0506' : 'E0702',
    message: `${path}: ${reasonOf(thrown)}`,
  };
}
