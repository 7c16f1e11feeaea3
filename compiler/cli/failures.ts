/**
 * Everything that can be thrown, as diagnostics. A user's mistake already carries its records; anything else
 * is a fault of netc itself and is said to be one, without a stack unless NETC_DEBUG=1.
 */
import { RuntimeFailure } from '../../runtime/failure.ts';
import { reasonOf } from '../../runtime/node/files.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { CompileError, errorAt } from '../diagnostics.ts';
import type { Host } from './host.ts';

export function diagnosticsOf(thrown: unknown, environment: Host['environment']): readonly Diagnostic[] {
  if (thrown instanceof CompileError) return thrown.diagnostics;
  if (thrown instanceof RuntimeFailure) return [thrown.diagnostic];
  const system = systemError(thrown);
  if (system) return [system];
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const what = (error.message.split('\n')[0] ?? '').replace(/^internal( error)?: /, '');
  const debug = environment.NETC_DEBUG === '1';
  return [
    errorAt('E0703', undefined, `internal error: ${what}${debug ? `\n${error.stack ?? ''}` : ''}`, {
      help: `this is a fault of netc, not of the program: please report it with the program${debug ? '' : ' and what NETC_DEBUG=1 prints'}`,
    }),
  ];
}

/** Files that cannot be opened or written are no fault of netc: a full disk, missing rights. */
function systemError(thrown: unknown): Diagnostic | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, path, syscall } = thrown as NodeJS.ErrnoException;
  if (code === undefined || path === undefined || syscall === undefined) return undefined;
  const writing = syscall !== 'read' && syscall !== 'scandir' && syscall !== 'stat' && code !== 'ENOENT';
  return errorAt(writing ? 'E0506' : 'E0702', undefined, `${path}: ${reasonOf(thrown)}`);
}
