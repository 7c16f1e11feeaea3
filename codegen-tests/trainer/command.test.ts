/**
 * Compiled trainers as commands, each in an empty folder with nothing of netc beside it: the same losses as
 * `netc train` bit for bit on the same device, and clear words where something is missing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, type Event } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { addWebGpu, compileInto, emptyFolder, runTrainer } from './compiled.ts';
import { EXAMPLES, TRAINABLE, withoutSaves } from '../support/examples.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

/** What two runs of one program have in common: everything but times, and the device's own account of itself. */
const results = (events: readonly Event[]): Event[] =>
  events.filter(({ event }) => event === 'step' || event === 'eval');

const RUN = ['--data', EXAMPLES, '--steps', '4', '--json', '--log-every', '1'];

describe.each(TRAINABLE)('%s', (name) => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    file = withoutSaves(temporary, name);
    // The single file where there is no plan to report is written much sooner.
    folder = await compileInto(path.join(temporary, 'out'), file, '--emit', 'both', '--single');
    addWebGpu(folder);
  });

  test.for(['cpu', 'gpu'])('trains as `netc train` does on the %s', async (device, context) => {
    if (device === 'gpu') await gpuOrSkip(context);
    const flags = [...RUN, '--device', device];
    const expected = results(eventsOf(await netc('train', file, ...flags)));
    expect(expected.filter(({ event }) => event === 'step')).toHaveLength(4);
    expect(results(eventsOf(await runTrainer(folder, ...flags)))).toEqual(expected);
  });
});

describe('a folder of several files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await compileInto(
      path.join(temporary, 'several'),
      withoutSaves(temporary, 'glyphs.net'),
      '--emit',
      'both',
      '--without-data',
    );
  });

  test('trains on the CPU where there is no WebGPU, and writes weights that netc reads', async () => {
    const run = path.join(temporary, 'run');
    const events = eventsOf(await runTrainer(folder, ...RUN, '--out', run));
    expect(events[0]).toMatchObject({ event: 'start', backend: 'cpu', program: 'glyphs' });
    const weights = path.join(run, 'weights.safetensors');
    const flags = ['--weights', weights, '--data', EXAMPLES, '--device', 'cpu', '--json', '--split', 'test'];
    const { exitCode } = await netc('eval', path.join(temporary, 'glyphs.net'), ...flags);
    expect(exitCode).toBe(0);
    const again = eventsOf(await runTrainer(folder, ...RUN, '--init', weights));
    const [first] = results(again);
    expect(first?.['loss']).toBeLessThan(results(events)[0]?.['loss'] as number);
  });

  test('goes on with runs of `netc train`, and the other way round', async () => {
    const file = path.join(temporary, 'glyphs.net');
    const flags = ['--data', EXAMPLES, '--json', '--log-every', '1', '--device', 'cpu'];
    const [whole, out] = [path.join(temporary, 'whole'), path.join(temporary, 'turns')];
    const expected = results(eventsOf(await netc('train', file, ...flags, '--steps', '12', '--out', whole)));
    const parts = [
      eventsOf(await netc('train', file, ...flags, '--steps', '5', '--out', out)),
      eventsOf(await runTrainer(folder, ...flags, '--steps', '8', '--resume', out)),
      eventsOf(await netc('train', file, ...flags, '--steps', '12', '--resume', out)),
    ];
    const steps = ({ event }: Event): boolean => event === 'step';
    expect(parts.flatMap(results).filter(steps)).toEqual(expected.filter(steps));
    const weights = (run: string): Buffer => fs.readFileSync(path.join(run, 'weights.safetensors'));
    expect(weights(out).equals(weights(whole))).toBe(true);
    const { exitCode, stderr } = await runTrainer(folder, ...flags, '--resume', out, '--seed', '5');
    expect([exitCode, stderr.includes('"code":"E0507"')]).toEqual([1, true]);
  });

  test('takes a seed of its own', async () => {
    const flags = [...RUN, '--device', 'cpu', '--seed', '7'];
    const expected = results(eventsOf(await netc('train', path.join(temporary, 'glyphs.net'), ...flags)));
    expect(results(eventsOf(await runTrainer(folder, ...flags)))).toEqual(expected);
  });

  test('says what the data is where it is missing', async () => {
    const { exitCode, stderr } = await runTrainer(folder, '--device', 'cpu');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[E0401]: there is no file ');
    expect(stderr).toContain('--data DIR names another folder');
  });

  test('explains its flags', async () => {
    const { exitCode, stdout } = await runTrainer(folder, '--help');
    expect(exitCode).toBe(0);
    for (const flag of [
      '--device',
      '--data',
      '--seed',
      '--steps',
      '--init',
      '--out',
      '--resume',
      '--log-every',
      '--json',
    ])
      expect(stdout).toContain(flag);
    expect((await runTrainer(folder, '--version')).stdout).toMatch(
      /^netc \d+\.\d+\.\d+, source [0-9a-f]{64}\n$/,
    );
  });

  test.each([
    [['--stepz', '3'], 2, "unknown flag '--stepz'"],
    [['--steps', 'many'], 2, "--steps 'many' is no whole number from 1"],
    [['--fuse', 'off'], 2, 'Compile the program again'],
    [['--set', 'T=3'], 1, 'no `let` of the program is called T'],
    [['--device', 'tpu'], 2, '--device is auto, gpu or cpu'],
    [['more'], 2, "'more' is no flag"],
    [['--init-only', 'x'], 2, 'weights of --init, which is missing'],
  ])('refuses %s', async (argv, code, words) => {
    const { exitCode, stderr, stdout } = await runTrainer(folder, ...argv);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([exitCode, stdout]).toEqual([code, '']);
  });
});

test('a `let` keeps the value it was compiled with', async () => {
  const folder = await compileInto(
    path.join(temporary, 'lets'),
    withoutSaves(temporary, 'sums.net'),
    '--emit',
    'cpu',
    '--single',
  );
  const { exitCode, stderr } = await runTrainer(folder, '--set', 'D=64');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('D is 48 in this trainer, not 64');
  expect(stderr).toContain('netc compile sums.net --set D=64 -o FOLDER');
  const { exitCode: same } = await runTrainer(folder, '--set', 'D=48', '--set', 'T=9', ...RUN);
  expect(same).toBe(0);
});

test('without kernels for the CPU and without WebGPU it says what to install and how to compile', async () => {
  const folder = await compileInto(
    path.join(temporary, 'wgsl'),
    withoutSaves(temporary, 'glyphs.net'),
    '--single',
  );
  for (const device of ['auto', 'gpu']) {
    const { exitCode, stderr } = await runTrainer(folder, ...RUN, '--device', device);
    expect([device, exitCode]).toEqual([device, 3]);
    expect(stderr).toContain('"code":"E0601"');
    expect(stderr).toContain('npm install webgpu');
  }
  const { stderr } = await runTrainer(folder, '--device', 'cpu');
  expect(stderr).toContain('this trainer has no kernels for the CPU');
  expect(stderr).toContain('--emit cpu, or --emit both');
});
