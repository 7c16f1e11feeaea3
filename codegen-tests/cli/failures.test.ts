import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../runtime/report/exit-codes.ts';
import { diagnosticsOf } from '../../compiler/cli/failures.ts';
import { CompileError, errorAt } from '../../compiler/diagnostics.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';

describe('what is thrown becomes diagnostics', () => {
  test('a mistake of the user keeps its records', () => {
    const two = [errorAt('E0201', undefined, 'one'), errorAt('E0204', undefined, 'two')];
    expect(diagnosticsOf(new CompileError(two), {})).toEqual(two);
    expect(diagnosticsOf(new RuntimeFailure('E0602', 'lost'), {})).toMatchObject([
      { code: 'E0602', message: 'lost' },
    ]);
  });

  test('a fault of netc is one line without a stack, and a stack where it is asked for', () => {
    const [plain] = diagnosticsOf(new Error('internal: no routine 3\nsecond line'), {});
    expect(plain?.code).toBe('E0703');
    expect(plain?.message).toBe('internal error: no routine 3');
    expect(plain?.help).toContain('please report it');
    const [debugged] = diagnosticsOf(new Error('internal: no routine 3'), { NETC_DEBUG: '1' });
    expect(debugged?.message).toMatch(/\n\s+at /);
    expect(diagnosticsOf('a string', {})[0]?.message).toBe('internal error: a string');
  });

  test('a file that the system refuses is no fault of netc', () => {
    let thrown: unknown;
    try {
      fs.readFileSync('/nowhere/at-all');
    } catch (error) {
      thrown = error;
    }
    expect(diagnosticsOf(thrown, {})).toMatchObject([
      { code: 'E0702', message: '/nowhere/at-all: no such file or folder' },
    ]);
  });
});

test.each([
  ['E0204', 1],
  ['E0401', 1],
  ['E0503', 1],
  ['E0701', 2],
  ['E0601', 3],
  ['E0604', 3],
  ['E0602', 4],
  ['E0603', 4],
  ['E0901', 1],
] as const)('%s ends with exit code %i', (code, exitCode) => {
  expect(
    exitCodeOf([{ severity: 'warning', code: 'E0501', message: '' }, errorAt(code, undefined, '')]),
  ).toBe(exitCode);
  expect(exitCodeOf([{ severity: 'warning', code, message: '' }])).toBe(0);
});
