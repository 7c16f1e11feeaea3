/** Exit codes of the command line, and the one each diagnostic ends a command with. */
import type { Diagnostic } from '../plan-format.ts';

export const EXIT = {
  done: 0,
  /** The program, its data or its weights are wrong. */
  wrong: 1,
  usage: 2,
  noDevice: 3,
  trainingFailed: 4,
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  E0601: EXIT.noDevice,
  E0602: EXIT.trainingFailed,
  E0603: EXIT.trainingFailed,
  E0604: EXIT.noDevice,
  E0605: EXIT.trainingFailed,
  E0701: EXIT.usage,
};

/** The exit code for what was reported: that of the first error, 0 where there are only warnings. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
  const first = diagnostics.find((d) => d.severity === 'error');
  return first ? (BY_CODE[first.code] ?? EXIT.wrong) : EXIT.done;
}
