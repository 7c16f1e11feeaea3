/**
 * Runs that are interrupted, killed or robbed of their device, and gone on with: the same losses and the same weights, to
 * the bit, as a run that was left alone. On both targets.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { runCommandLine } from '../../compiler/cli/command-line.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { changed } from '../support/changed.ts';
import { eventsOf, type Event } from '../support/events.ts';
import { gpuOrSkip, halfDeviceOrSkip } from '../support/gpu.ts';
import { unwatch, watch } from '../support/watch-webgpu.ts';
import { interruptedAt, netc, recordingHost, type Recording } from './recording-host.ts';
import { PROGRAM, sampleFolder } from './sample-program.ts';

const main = fileURLToPath(new URL('../../dist/compiler/cli/main.js', import.meta.url));

/** All that a run remembers: moments, averages, running statistics, standards, best values, a rate that follows them. */
const REMEMBERING = `data points {
  from all = npy(x = "x.npy", y = "y.npy")
  split valid = 25%
  x[B, 3] = x -> standardize
  y[B] u32
  batch = 8, shuffle = true
}
model net: x[B, 3] -> logits[B, 2] {
  return x -> hidden: dense(16) -> norm: batchnorm -> relu -> dropout(0.3) -> out: dense(2)
}
train on points {
  steps = 40, seed = 3, accumulate = 2, ema = 0.9
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with clip_norm(1.0) -> adamw(lr = plateau(0.01, watch = valid.loss, patience = 0))
  }
  eval = every(3 steps)
  stop = plateau(valid.loss, patience = 30, restore = true)
}
`;

/** Two steps that take turns, each with an optimizer of its own, and random numbers. */
const ALTERNATING = `data points {
  from all = npy(x = "x.npy", y = "y.npy")
  split valid = 25%
  x[B, 3]
  y[B] u32
  batch = 8, shuffle = true
}
model G: z[B, 2] -> x[B, 3] { return z -> dense(8) -> tanh -> dense(3) }
model D: x[B, 3] -> score[B, 1] { return x -> dense(8) -> relu -> dense(1) }
train on points {
  steps = 40, seed = 5
  step critic(times = 3) {
    loss = mean(D(detach(G(random.normal(B, 2))))) - mean(D(x)) + 0.1 * l2(D)
    minimize loss over D with sgd(lr = cosine(0.05), momentum = 0.9, nesterov = true)
  }
  step generator {
    loss = -mean(D(G(random.normal(B, 2))))
    minimize loss over G with rmsprop(lr = 1e-3)
  }
}
`;

/** Loss scaling begins at 65,536 and has to find its way down. */
const HALF = changed(
  changed(PROGRAM, 'epochs = 4', 'steps = 40, precision = f16'),
  'loss = cross_entropy(logits, y)',
  'loss = cross_entropy(logits, y) * 40',
);

const PROGRAMS = { points: PROGRAM, remembering: REMEMBERING, alternating: ALTERNATING, half: HALF } as const;

let folder = '';
const at = (name: string): string => path.join(folder, name);
const fileOf = (name: string): string => at(`${name}.net`);
beforeAll(() => {
  folder = sampleFolder();
  for (const [name, text] of Object.entries(PROGRAMS)) fs.writeFileSync(fileOf(name), text);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const weightsIn = (out: string): Buffer => fs.readFileSync(path.join(out, 'weights.safetensors'));
/** A module that kills its process, as nobody outside is sure to do in time, when a state behind step 100 has been kept. */
const KILLING_ITSELF = `data:text/javascript,${encodeURIComponent(`
  const { write } = process.stdout;
  process.stdout.write = function (text, ...rest) {
    if (/"event":"keep","step":[1-9]\\d\\d/.test(text)) process.kill(process.pid, 'SIGKILL');
    return write.call(this, text, ...rest);
  };
`)}`;
const results = (events: readonly Event[]): Event[] =>
  events.filter(({ event }) => event === 'step' || event === 'eval');
const told = ({ written }: Recording): Event[] =>
  written.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Event); // prettier-ignore
const trainFlags = (file: string, device: string, ...more: string[]): string[] =>
  ['train', file, '--device', device, '--json', '--log-every', '1', ...more]; // prettier-ignore

/** Trains and presses Ctrl-C at that text. */
async function interrupt(argv: readonly string[], text: string): Promise<Event[]> {
  const recording = recordingHost();
  expect(await runCommandLine(argv, interruptedAt(recording, text))).toBe(130);
  return told(recording);
}

describe.each(['cpu', 'gpu'] as const)('--device %s', (device) => {
  const needed = async (context: TestContext, half = false): Promise<void> => {
    if (half && device === 'cpu') context.skip('the CPU has no half precision');
    if (half) await halfDeviceOrSkip(context);
    else if (device === 'gpu') await gpuOrSkip(context);
  };

  test.for(Object.keys(PROGRAMS))('%s, interrupted twice', async (name, context) => {
    await needed(context, name === 'half');
    const file = fileOf(name);
    const expected = eventsOf(
      await netc(...trainFlags(file, device, '--out', at(`whole-${name}-${device}`))),
    );
    const out = at(`broken-${name}-${device}`);
    const parts = [
      await interrupt(trainFlags(file, device, '--out', out), '"step":7,'),
      await interrupt(trainFlags(file, device, '--resume', out), '"step":23,'),
      eventsOf(await netc(...trainFlags(file, device, '--resume', out))),
    ];
    expect(parts.flatMap(results)).toEqual(results(expected));
    expect(weightsIn(out).equals(weightsIn(at(`whole-${name}-${device}`)))).toBe(true);
    if (name !== 'remembering') return;
    const averages = (run: string): Buffer => fs.readFileSync(path.join(run, 'weights.ema.safetensors'));
    expect(averages(out).equals(averages(at(`whole-${name}-${device}`)))).toBe(true);
  });

  test('killed without a word', async (context) => {
    await needed(context);
    const text = changed(changed(PROGRAM, 'epochs = 4', 'steps = 5000'), 'every(1 epoch)', 'every(50 steps)');
    fs.writeFileSync(fileOf('long'), text);
    const [whole, out] = [at(`long-${device}`), at(`killed-${device}`)];
    const expected = eventsOf(await netc(...trainFlags(fileOf('long'), device, '--out', whole)));
    const flags = trainFlags(fileOf('long'), device, '--out', out);
    const child = spawn(process.execPath, ['--import', KILLING_ITSELF, main, ...flags]);
    child.stdout.resume();
    expect(await new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)))).toBe('SIGKILL'); // prettier-ignore
    expect(fs.existsSync(path.join(out, 'weights.safetensors'))).toBe(false);
    const events = eventsOf(await netc(...trainFlags(fileOf('long'), device, '--resume', out)));
    const [first] = results(events);
    expect(first?.['step']).toBeGreaterThan(100);
    expect(results(events)).toEqual(results(expected).slice(-results(events).length));
    expect(weightsIn(out).equals(weightsIn(whole))).toBe(true);
  });
});

test('a state serves as the weights of its step', async () => {
  const out = at('weighed');
  await netc(...trainFlags(fileOf('remembering'), 'cpu', '--out', out));
  const evaluate = async (name: string): Promise<Event[]> => {
    const weights = path.join(out, name);
    return eventsOf(
      await netc('eval', fileOf('remembering'), '--weights', weights, '--device', 'cpu', '--json'),
    );
  };
  const events = await evaluate('state.safetensors');
  expect(events.length).toBeGreaterThan(0);
  expect(events).toEqual(await evaluate('weights.safetensors'));
});

test('a device that is lost ends the run with 4, one message, and the state kept before', async (context) => {
  await gpuOrSkip(context);
  let device: GPUDevice | undefined;
  watch('GPUDevice', 'createBuffer', (self) => (device = self as GPUDevice));
  try {
    const [whole, out] = [at('whole-lost'), at('lost')];
    const file = fileOf('points');
    const expected = eventsOf(await netc(...trainFlags(file, 'gpu', '--out', whole)));
    const recording = recordingHost();
    const { stdout } = recording.host;
    const write = (text: string): void => {
      stdout.write(text);
      if (text.includes('"event":"step","step":22,')) device?.destroy();
    };
    const host = { ...recording.host, stdout: { ...stdout, write } };
    expect(await runCommandLine(trainFlags(file, 'gpu', '--out', out), host)).toBe(4);
    const [message, ...others] = recording.written.stderr.trimEnd().split('\n');
    expect(others).toEqual([]);
    expect(JSON.parse(message!)).toMatchObject({
      code: 'E0602',
      message: expect.stringMatching(/^the device was lost: /) as string,
      help: `The run is kept up to step 18: netc train ${file} --resume ${out} goes on with it.`,
    });
    expect(fs.existsSync(path.join(out, 'weights.safetensors'))).toBe(false);
    const events = results(eventsOf(await netc(...trainFlags(file, 'gpu', '--resume', out))));
    expect(events).toEqual(results(expected).slice(-events.length));
    expect(events[0]?.['step']).toBe(19);
    expect(weightsIn(out).equals(weightsIn(whole))).toBe(true);
  } finally {
    unwatch();
  }
});

describe('a run that is not this one', () => {
  let run = '';
  const resume = (file: string, ...flags: string[]): ReturnType<typeof netc> =>
    netc('train', file, '--device', 'cpu', '--resume', run, ...flags);
  beforeAll(async () => {
    run = at('other');
    eventsOf(
      await netc('train', fileOf('points'), '--device', 'cpu', '--json', '--steps', '12', '--out', run),
    );
  });

  /** The program with a part changed, in a file of its own. */
  const variant = (name: string, part: string, other: string): string => {
    fs.writeFileSync(fileOf(name), changed(PROGRAM, part, other));
    return fileOf(name);
  };

  test.each([
    ['another activation', '-> relu', '-> tanh'],
    ['another width', 'H = 8', 'H = 9'],
    ['another rate', 'lr = 0.02', 'lr = 0.03'],
    ['another batch', 'batch = 8', 'batch = 16'],
    ['another rhythm', 'every(1 epoch)', 'every(2 epochs)'],
    ['another expression of a column', '= x * 2', '= x * 3'],
  ])('%s', async (name, part, other) => {
    const { exitCode, stderr } = await resume(variant(name.replaceAll(' ', '-'), part, other));
    expect(stderr).toContain(
      `error[E0507]: the run in '${run}' is of another program, or this one has changed since`,
    );
    expect(stderr).toContain('= help: Only how long it trains');
    expect(exitCode).toBe(1);
  });

  test('another value of a `let`', async () => {
    expect((await resume(fileOf('points'), '--set', 'H=9')).stderr).toContain('error[E0507]');
  });

  test('another seed; its own is taken by itself', async () => {
    const { exitCode, stderr } = await resume(fileOf('points'), '--seed', '4');
    expect(stderr).toContain(`error[E0507]: the run in '${run}' has the seed 3, and --seed asks for 4`);
    expect(stderr).toContain('= help: Leave --seed out');
    expect(exitCode).toBe(1);
    const seeded = at('seeded');
    const flags = ['--device', 'cpu', '--json', '--out', seeded];
    eventsOf(await netc('train', fileOf('points'), ...flags, '--seed', '9', '--steps', '5'));
    const [start] = eventsOf(
      await netc('train', fileOf('points'), ...flags, '--resume', seeded, '--steps', '6'),
    );
    expect(start).toMatchObject({ event: 'start', seed: 9 });
  });

  test('other data', async () => {
    const other = at('fewer');
    fs.mkdirSync(other);
    fs.writeFileSync(path.join(other, 'x.npy'), encodeNpy([40, 3], 'f32', new Float32Array(120)));
    fs.writeFileSync(path.join(other, 'y.npy'), encodeNpy([40], 'u32', new Uint32Array(40)));
    const { exitCode, stderr } = await resume(fileOf('points'), '--data', other);
    expect(stderr).toContain(
      `the data has changed since the run in '${run}' was kept: train had 72 records and has 30`,
    );
    expect(exitCode).toBe(1);
  });

  test('a damaged state, and none', async () => {
    const broken = at('broken');
    fs.mkdirSync(broken);
    const file = path.join(broken, 'state.safetensors');
    const bytes = fs.readFileSync(path.join(run, 'state.safetensors'));
    bytes[bytes.length - 3]! ^= 1;
    fs.writeFileSync(file, bytes);
    const { exitCode, stderr } = await netc('train', fileOf('points'), '--device', 'cpu', '--resume', broken);
    expect(stderr).toContain(`error[E0502]: ${file} is damaged: its contents do not match its hash`);
    expect(exitCode).toBe(1);
    expect(fs.readFileSync(file).equals(bytes)).toBe(true);
    const none = await netc('train', fileOf('points'), '--device', 'cpu', '--resume', at('nowhere'));
    expect(none.stderr).toContain(`error[E0501]: there is no run to go on with in '${at('nowhere')}'`);
    expect(none.stderr).toContain('= help: A run keeps its state in the folder of its --out');
    expect(fs.existsSync(at('nowhere'))).toBe(false);
  });

  test('the same program laid out otherwise, or trained for longer, is this one', async () => {
    const longer = variant('longer', 'epochs = 4', '# longer\n  epochs = 5');
    const events = eventsOf(await resume(longer, '--json', '--log-every', '1', '--out', at('longer')));
    expect(results(events)[0]).toMatchObject({ event: 'step', step: 13 });
    expect(events.at(-1)).toMatchObject({ event: 'end', steps: 45 });
    // The folder of --resume is as it was, but for what a killed process left half written.
    const half = path.join(run, '.netc-0123456789ab.tmp');
    fs.writeFileSync(half, 'half');
    const again = eventsOf(await resume(fileOf('points'), '--json', '--log-every', '1', '--steps', '13'));
    expect(results(again)[0]).toMatchObject({ event: 'step', step: 13 });
    expect(fs.existsSync(half)).toBe(false);
  });

  test('people are told where the run stands and how to go on', async () => {
    const flags = ['train', fileOf('points'), '--device', 'cpu', '--out', at('people')];
    const recording = recordingHost();
    expect(await runCommandLine(flags, interruptedAt(recording, 'epoch 1  step 9'))).toBe(130);
    expect(recording.written.stdout).toContain(
      `to go on: netc train ${fileOf('points')} --resume ${at('people')}\n`,
    );
    const { stdout } = await netc('train', fileOf('points'), '--device', 'cpu', '--resume', at('people'));
    expect(stdout).toMatch(/^going on behind step (9|10)\n/);
    const { stdout: over } = await netc(
      'train',
      fileOf('points'),
      '--device',
      'cpu',
      '--resume',
      at('people'),
    );
    expect(over).toContain('nothing was left to train: the run ends with step 36');
    const { stdout: anew } = await netc(...flags, '--steps', '3');
    expect(anew).toContain(`${at('people')} has the state of an earlier run, which this run replaces`);
  });
});
