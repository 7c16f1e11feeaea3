import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { runCommandLine } from '../../compiler/cli/command-line.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { encodeNpy, parseNpy } from '../../runtime/data/npy.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { interruptedAt, netc, recordingHost } from './recording-host.ts';
import { points, PROGRAM, RECORDS, sampleFolder } from './sample-program.ts';
import { changed } from '../support/changed.ts';

let folder = '';
let file = '';
beforeAll(() => {
  folder = sampleFolder();
  file = path.join(folder, 'points.net');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

/** Writes a program beside the data. */
function program(name: string, text: string): string {
  fs.writeFileSync(at(name), text);
  return at(name);
}

type Event = { event: string; step?: number; split?: string; path?: string } & Record<string, unknown>;

const events = (stdout: string): Event[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

const floats = (name: string): Float32Array =>
  Float32Array.from(parseNpy(fs.readFileSync(at(name)), { file: name }).data as Float32Array);

describe('mistakes found before a device is needed', () => {
  test('a data file that is missing', async () => {
    const { exitCode, stderr } = await netc('train', file, '--data', at('nowhere'));
    expect(stderr).toContain('error[E0401]');
    expect(stderr).toContain(`  --> ${file}:4:`);
    expect(exitCode).toBe(1);
  });

  test('weights that are missing', async () => {
    const { exitCode, stderr } = await netc('train', file, '--init', at('none.safetensors'));
    expect(stderr).toContain('error[E0501]');
    expect(exitCode).toBe(1);
  });

  test('--out below a file', async () => {
    const { exitCode, stderr } = await netc('train', file, '--out', path.join(file, 'run'));
    expect(stderr).toContain('error[E0506]');
    expect(exitCode).toBe(1);
  });

  test('a program that does not train', async () => {
    const model = program('model.net', 'model m: x[B, 3] -> y[B, 2] { return x -> dense(2) }\n');
    const { exitCode, stderr } = await netc('train', model);
    expect(stderr).toContain('error[E0219]');
    expect(exitCode).toBe(1);
  });

  test.each([
    [['--resume', 'no-run'], 'E0501', 1],
    [['--resume', 'run', '--init', 'w.safetensors'], 'E0701', 2],
    [['--init-only', '*.weight'], 'E0701', 2],
  ] as const)('%j is refused', async (flags, code, exit) => {
    const { exitCode, stderr } = await netc('train', file, ...flags);
    expect(stderr).toContain(`error[${code}]`);
    expect(exitCode).toBe(exit);
  });
});

describe.each(['cpu', 'gpu'] as const)('--device %s', (device) => {
  const on = (...argv: readonly string[]): ReturnType<typeof netc> => netc(...argv, '--device', device);
  const needed = async (context: TestContext): Promise<void> => {
    if (device === 'gpu') await gpuOrSkip(context);
  };

  test('train, eval and predict agree', async (context) => {
    await needed(context);
    const run = await on('train', file, '--json', '--log-every', '1', '--out', at('run'));
    expect(run.stderr).toBe('');
    expect(run.exitCode).toBe(0);
    const told = events(run.stdout);
    expect(told[0]).toMatchObject({
      event: 'start',
      program: 'points',
      seed: 3,
      backend: device === 'cpu' ? 'cpu' : 'webgpu',
    });
    const steps = told.filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
    const evaluations = told.filter(({ event }) => event === 'eval');
    expect(evaluations.map(({ step, split }) => [step, split])).toEqual(
      [9, 18, 27, 36].map((s) => [s, 'valid']),
    );
    expect(told.at(-1)).toMatchObject({ event: 'end', steps: 36 });

    const weights = at('run/weights.safetensors');
    expect(told.at(-2)).toMatchObject({ event: 'save', step: 36, path: weights });
    const names = decodeSafetensors(fs.readFileSync(weights), weights).tensors.map(({ name }) => name);
    expect(names.sort()).toEqual(['net.hidden.bias', 'net.hidden.weight', 'net.out.bias', 'net.out.weight']);

    const judged = events((await on('eval', file, '--weights', weights, '--json')).stdout);
    expect(judged).toEqual([
      {
        event: 'eval',
        split: 'valid',
        loss: evaluations[3]?.['loss'],
        accuracy: evaluations[3]?.['accuracy'],
      },
    ]);

    const predict = ['predict', file, '--weights', weights, '-o', at('scores.npy'), '--input'] as const;
    const plain = await on(...predict, at('x.npy'));
    expect(plain).toEqual({
      exitCode: 0,
      stdout: `logits[${RECORDS}, 2] f32 -> ${at('scores.npy')}\n`,
      stderr: '',
    });
    const scores = floats('scores.npy');
    // The column's expression doubles x; --as-is leaves that to the caller.
    fs.writeFileSync(
      at('twice.npy'),
      encodeNpy(
        [RECORDS, 3],
        'f32',
        points().map((v) => 2 * v),
      ),
    );
    expect((await on(...predict, `x=${at('twice.npy')}`, '--as-is')).exitCode).toBe(0);
    expect(floats('scores.npy')).toEqual(scores);
    expect((await on(...predict, at('x.npy'), '--as-is')).exitCode).toBe(0);
    expect(floats('scores.npy')).not.toEqual(scores);
  });

  test('an input made of another field is refused unless it is left as it is', async (context) => {
    await needed(context);
    const text = changed(changed(PROGRAM, 'npy(x =', 'npy(raw ='), '= x * 2', '= raw * 2');
    const other = program('other.net', text);
    const argv = ['predict', other, '--input', at('x.npy'), '-o', at(`other-${device}.npy`)];
    const refused = await on(...argv);
    expect(refused.stderr).toContain('error[E0901]');
    expect(refused.exitCode).toBe(1);
    expect(fs.existsSync(at(`other-${device}.npy`))).toBe(false);
    const taken = await on(...argv, '--as-is');
    expect(taken.stderr).toContain('warning[E0501]: no --weights are given');
    expect(taken.exitCode).toBe(0);
  });

  test('the same seed gives the same weights, another seed others', async (context) => {
    await needed(context);
    const weightsOf = async (out: string, ...flags: string[]): Promise<Buffer> => {
      const { exitCode } = await on('train', file, '--steps', '12', '--out', at(out), ...flags);
      expect(exitCode).toBe(0);
      return fs.readFileSync(at(`${out}/weights.safetensors`));
    };
    const first = await weightsOf('a');
    expect((await weightsOf('b')).equals(first)).toBe(true);
    expect((await weightsOf('c', '--seed', '9')).equals(first)).toBe(false);
  });

  test('without --out a person is told that nothing was saved, and how to', async (context) => {
    await needed(context);
    const { stdout } = await on('train', file, '--steps', '3');
    expect(stdout).toContain('the weights were not saved: --out FOLDER keeps them');
  });

  test('weights of another shape are refused', async (context) => {
    await needed(context);
    await on('train', file, '--steps', '1', '--out', at('small'));
    const wide = await on('eval', file, '--weights', at('small/weights.safetensors'), '--set', 'H=9');
    expect(wide.stderr).toContain('error[E0504]');
    expect(wide.exitCode).toBe(1);
  });

  test('an unknown split is refused', async (context) => {
    await needed(context);
    await on('train', file, '--steps', '1', '--out', at('small'));
    const { stderr, exitCode } = await on(
      'eval',
      file,
      '--weights',
      at('small/weights.safetensors'),
      '--split',
      'tset',
    );
    expect(stderr).toContain('error[E0408]');
    expect(exitCode).toBe(1);
  });

  test('a loss that is not finite ends with exit code 4', async (context) => {
    await needed(context);
    const text = changed(
      PROGRAM,
      'loss = cross_entropy(logits, y)',
      'loss = cross_entropy(logits, y) * 1e38 * 1e38',
    );
    const { stderr, exitCode } = await on('train', program('infinite.net', text), '--json');
    expect(stderr).toContain('"code":"E0603"');
    expect(exitCode).toBe(4);
  });

  test('Ctrl-C saves the weights and ends with 130; a second one leaves at once', async (context) => {
    await needed(context);
    const long = program('long.net', changed(PROGRAM, 'epochs = 4', 'steps = 100000'));
    const recording = recordingHost();
    const host = interruptedAt(recording, '"event":"step","step":5,', 2);
    const argv = ['train', long, '--json', '--log-every', '1', '--out', at('long'), '--device', device];
    const exitCode = await runCommandLine(argv, host);
    expect(exitCode).toBe(130);
    expect(recording.left).toEqual([130]);
    const told = events(recording.written.stdout);
    const end = told.at(-1);
    expect(end?.event).toBe('end');
    expect(end?.['steps']).toBeGreaterThanOrEqual(5);
    expect(end?.['steps']).toBeLessThan(100_000);
    expect(told.at(-2)).toMatchObject({ event: 'save', path: at('long/weights.safetensors') });
    expect(fs.existsSync(at('long/weights.safetensors'))).toBe(true);
  });
});
