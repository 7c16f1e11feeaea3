/** `netc check FILE…`: errors and warnings, nothing is built. */
import { check } from '../index.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { Context } from './context.ts';
import { exitCodeOf } from '../../runtime/report/exit-codes.ts';
import { diagnosticsOf } from './failures.ts';
import { programOptions, readProgram } from './read-program.ts';

export function runCheck(files: readonly string[], context: Context): number {
  let exitCode = 0;
  for (const file of files) {
    const found = checkFile(file, context);
    context.report(found);
    exitCode = Math.max(exitCode, exitCodeOf(found));
    context.say(`${file}: ${countOf(found)}`);
  }
  return exitCode;
}

function checkFile(file: string, context: Context): readonly Diagnostic[] {
  try {
    return check(readProgram(file, context), programOptions(context));
  } catch (thrown) {
    return diagnosticsOf(thrown, context.host.environment);
  }
}

/** "no errors", "2 errors, 1 warning". */
export function countOf(diagnostics: readonly Diagnostic[]): string {
  const counted = (['error', 'warning'] as const).map((severity) => {
    const count = diagnostics.filter((d) => d.severity === severity).length;
    return count === 0 ? '' : `${count} ${severity}${count === 1 ? '' : 's'}`;
  });
  return counted.filter((text) => text !== '').join(', ') || 'no errors';
}
