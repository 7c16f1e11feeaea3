/**
 * Every error and warning a user can meet: its code, its title, and the record that carries it with place and help.
 * In: what a stage found wrong. Out: `Diagnostic` records; `CompileError` stops a stage that cannot go on.
 * Codes never change meaning. E01 syntax, E02 names, shapes and types, E03 differentiation and training,
 * E04 data, E05 weights and checkpoints, E06 device and run, E07 command line, E09 not done yet.
 */
import type { Diagnostic, Span } from '../runtime/plan-format.ts';

export type { Diagnostic, Span };

export const DIAGNOSTIC_TITLES = {
  E0101: 'unexpected character',
  E0102: 'unexpected token',
  E0103: 'unterminated string',
  E0104: 'bracket not closed',
  E0105: 'statement cut off',
  E0106: 'malformed number',
  E0107: 'tensors cannot be assigned by parts',
  E0108: 'statement in the wrong place',
  E0109: 'chained comparison',
  E0110: 'operator after a pipe',
  E0111: 'positional argument after a named one',
  E0112: 'reserved word used as a name',
  E0113: 'unknown escape in a string',
  E0201: 'unknown name',
  E0202: 'name declared twice',
  E0203: 'name used before it is bound',
  E0204: 'shapes do not agree',
  E0205: 'unknown layer or function',
  E0206: 'unknown setting',
  E0207: 'dimension bound to two sizes',
  E0208: 'declared shape does not come out',
  E0209: 'dtypes do not agree',
  E0210: 'unknown argument',
  E0211: 'too many arguments',
  E0212: 'argument missing',
  E0213: 'wrong kind of value',
  E0214: 'wrong size',
  E0215: 'axis out of range',
  E0216: 'index out of range',
  E0217: 'not known at compile time',
  E0218: 'setting given twice',
  E0219: 'setting missing',
  E0220: 'value out of range',
  E0221: 'wrong number of names',
  E0222: 'not callable here',
  E0223: 'division does not come out whole',
  E0224: 'recursion',
  E0225: 'file not found',
  E0226: 'unknown member',
  E0227: 'nothing returned',
  E0228: 'never used',
  E0301: 'nothing to move',
  E0302: 'no derivative',
  E0303: 'loss is not a scalar',
  E0304: 'not a gradient transform or optimizer',
  E0305: 'the step has no data',
  E0306: 'no model that predicts',
  E0401: 'data file not found',
  E0402: 'not a data file of this kind',
  E0403: 'data file cut off',
  E0404: 'data of another shape',
  E0405: 'value does not fit',
  E0406: 'files of different lengths',
  E0407: 'too few records',
  E0408: 'unknown split',
  E0501: 'weights file not found',
  E0502: 'not a safetensors file',
  E0503: 'weight missing',
  E0504: 'weight of another shape',
  E0505: 'unknown weight in the file',
  E0506: 'cannot write',
  E0507: 'another run than the one to go on with',
  E0601: 'no suitable device',
  E0602: 'device lost',
  E0603: 'loss is not finite',
  E0604: 'the device refused the program',
  E0605: 'fused and unfused runs differ',
  E0606: 'memory limit too small',
  E0701: 'wrong usage',
  E0702: 'file cannot be read',
  E0703: 'internal error',
  E0901: 'not supported yet',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_TITLES;

/** Thrown where a stage cannot go on; the command line prints its diagnostics, never its stack. */
export class CompileError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
    this.name = 'CompileError';
    this.diagnostics = diagnostics;
  }
}

/** Builds an error record. */
export function errorAt(
  code: DiagnosticCode,
  span: Span | undefined,
  message: string,
  extra: Pick<Diagnostic, 'help' | 'related'> = {},
): Diagnostic {
  return { severity: 'error', code, message, ...(span ? { span } : {}), ...extra };
}

/** Builds a warning: the program means something, though probably not what was wanted. */
export function warningAt(
  code: DiagnosticCode,
  span: Span | undefined,
  message: string,
  extra: Pick<Diagnostic, 'help' | 'related'> = {},
): Diagnostic {
  return { ...errorAt(code, span, message, extra), severity: 'warning' };
}

/** Stops the stage with one error. */
export function fail(
  code: DiagnosticCode,
  span: Span | undefined,
  message: string,
  extra: Pick<Diagnostic, 'help' | 'related'> = {},
): never {
  throw new CompileError([errorAt(code, span, message, extra)]);
}
