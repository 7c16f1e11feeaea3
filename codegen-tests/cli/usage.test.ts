import { describe, expect, test } from 'vitest';
import { netc } from './recording-host.ts';

const EXPORT = ['export', 'a.net', '--weights', 'w', '--onnx', 'm.onnx'];

describe('usage', () => {
  const wrong: readonly [string[], string][] = [
    [['train', 'a.net', '--devise', 'cpu'], "did you mean '--device'?"],
    [['check'], "missing required argument 'files'"],
    [['chekc', 'a.net'], "did you mean 'check'?"],
    [['train', 'a.net', 'b.net'], 'too many arguments'],
    [['train', 'a.net', '--device', 'tpu'], 'Allowed choices are auto, gpu, cpu'],
    [['train', 'a.net', '--steps', 'ten'], 'whole number from 1'],
    [['train', 'a.net', '--steps', '0'], 'whole number from 1'],
    [['train', 'a.net', '--seed', '-1'], 'whole number from 0 to 4294967295'],
    [['train', 'a.net', '--set', 'T64'], 'NAME=VALUE'],
    [['train', 'a.net', '--set', 'T=1', '--set', 'T=2'], 'set twice'],
    [['train', 'a.net', '--out'], 'argument missing'],
    [['eval', 'a.net'], '--weights'],
    [['predict', 'a.net', '--input', 'x.npy'], '-o'],
    [['predict', 'a.net', '--random', '0', '-o', 'y.npy'], 'whole number from 1'],
    [['export', 'a.net', '--weights', 'w.safetensors'], '--onnx'],
    [['export', 'a.net', '--onnx', 'm.onnx'], '--weights'],
    [EXPORT.concat('--device', 'cpu'), "--device is a matter of netc's own kernels"],
    [EXPORT.concat('--memory', '1MB'), '--memory is a matter'],
    [['compile', 'a.net', '-o', 'out', '--weights', 'w'], '--weights is for --infer'],
    [['compile', 'a.net', '-o', 'out', '--infer', '--for', 'browser'], 'a predictor has none'],
    [['bench', 'a.net', '--fuse', 'off'], 'chooses between the two'],
    [['inspect', 'a.net', '--stage', 'tokens'], 'Allowed choices are ast'],
    [[], 'no command given'],
  ];

  test.each(wrong)('netc %j is wrong usage', async (argv, text) => {
    const { exitCode, stdout, stderr } = await netc(...argv);
    expect(stderr).toContain('error[E0701]: ');
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('with --json a wrong flag is a JSON record', async () => {
    const { exitCode, stderr } = await netc('train', 'a.net', '--json', '--stepz', '3');
    expect(JSON.parse(stderr)).toEqual({
      severity: 'error',
      code: 'E0701',
      message: "unknown flag '--stepz'",
      help: "did you mean '--steps'?",
      related: [],
    });
    expect(exitCode).toBe(2);
  });

  test.each([
    ['fmt', [], ['--device', '--set', '--data', '--seed', '--fuse', '--class', '--memory']],
    ['check', ['--set'], ['--device', '--data', '--seed', '--fuse', '--class', '--memory']],
    ['export', ['--set', '--onnx'], ['--device', '--data', '--seed', '--fuse', '--class', '--memory']],
    ['gradcheck', ['--set', '--seed'], ['--device', '--data', '--fuse', '--class', '--memory']],
    ['inspect', ['--device', '--class', '--memory', '--fuse'], ['--data']],
    ['compile', ['--data', '--class', '--memory', '--fuse'], ['--device']],
    ['bench', ['--device', '--data', '--class'], ['--fuse']],
    ['predict', ['--device', '--seed', '--fuse'], ['--data']],
    ['train', ['--device', '--set', '--data', '--seed', '--fuse', '--class', '--memory', '--resume'], []],
  ])('the help of %s offers what it heeds', async (command, offered, hidden) => {
    const { stdout } = await netc(command, '--help');
    const has = (flag: string): boolean => new RegExp(`^ +${flag} `, 'm').test(stdout);
    for (const flag of ['--json', '--quiet', ...offered]) expect([flag, has(flag)]).toEqual([flag, true]);
    for (const flag of hidden) expect([flag, has(flag)]).toEqual([flag, false]);
  });

  test('what stands in the program is no flag, and the help says so', async () => {
    for (const flag of ['--epochs', '--lr', '--batch-size']) {
      const { exitCode, stderr } = await netc('train', 'a.net', flag, '3');
      expect(stderr).toMatch(/unknown flag .*\n.*stands in the program.*--set NAME=VALUE/);
      expect(exitCode).toBe(2);
    }
  });

  test('--version and --help end well', async () => {
    const version = await netc('--version');
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(version.exitCode).toBe(0);
    const help = await netc('--help');
    expect(help.stdout).toContain('Examples:');
    expect(help.exitCode).toBe(0);
    const train = await netc('train', '--help');
    for (const flag of ['--steps', '--init-only', '--out', '--log-every', '--device', '--json']) {
      expect(train.stdout).toContain(flag);
    }
  });
});
