/** csv and text from file to trained weights and back: standardization, categories, vocabulary. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { encodeNpy, parseNpy } from '../../runtime/data/npy.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, lastEvaluation, stepsOf } from '../support/events.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { sharedOrSkip } from '../support/shared-files.ts';
import { SHAKESPEARE } from '../syntax/language-page.ts';
import { changed } from '../support/changed.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-sources-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

const inScratch = (name: string): string => path.join(scratch, name);

const PROGRAM = `data d {
  from train = csv("train.csv")
  from test = csv("test.csv")
  x[B, 3] = log(columns("a", "b", "c") + 1) -> standardize
  kind[B] u32 = category("kind")
  batch = 4
}
model net: x[B, 3] -> logits[B, 2] {
  return x -> fc: dense(2)
}
train on d {
  epochs = 2, seed = 3
  step {
    loss = cross_entropy(net(x), kind)
    minimize loss with sgd(lr = 0.1)
  }
  eval = every(1 epoch)
}
`;

/** The middle column does not vary; the last one is large and hardly varies. */
const ROWS = Array.from({ length: 24 }, (_, i) => [(i * 7) % 11, 5, 1_000_000 + (i % 3) * 20_000] as const);
const csv = (rows: readonly (readonly number[])[], kinds: readonly string[]): string =>
  ['a,b,c,kind', ...rows.map((row, i) => [...row, kinds[i % kinds.length]].join(','))].join('\n');

function write(): string {
  fs.writeFileSync(inScratch('d.net'), PROGRAM);
  fs.writeFileSync(inScratch('train.csv'), csv(ROWS, ['yes', 'no']));
  fs.writeFileSync(inScratch('test.csv'), csv(ROWS.slice(0, 6), ['no']));
  return inScratch('d.net');
}

/** Mean and biased deviation of a column of log(x + 1). */
function statistics(column: number): { mean: number; deviation: number } {
  const values = ROWS.map((row) => Math.log((row[column] ?? 0) + 1));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('a csv', () => {
  it('is standardized by its training split, in training, eval and predict', async (context) => {
    await gpuOrSkip(context);
    const program = write();
    const events = eventsOf(
      await netc('train', program, '--out', inScratch('out'), '--device', 'gpu', '--json'),
    );
    const weights = inScratch('out/weights.safetensors');
    const file = decodeSafetensors(fs.readFileSync(weights), weights);
    const tensor = (name: string): number[] => [
      ...(file.tensors.find((each) => each.name === name)?.data ?? []),
    ];
    const [mean, deviation] = [tensor('d.x.mean'), tensor('d.x.deviation')];
    for (const column of [0, 2]) {
      const expected = statistics(column);
      expect(Math.abs((mean[column] ?? NaN) - expected.mean)).toBeLessThan(2e-6 * expected.mean);
      // f32 holds the logarithms of the last column to 1e-6, a hundred thousandth of their deviation.
      expect(Math.abs((deviation[column] ?? NaN) / expected.deviation - 1)).toBeLessThan(1e-4);
    }
    expect(deviation[1]).toBe(1);

    const again = eventsOf(
      await netc('eval', program, '--weights', weights, '--split', 'test', '--device', 'gpu', '--json'),
    );
    expect(lastEvaluation(again, 'test')['loss']).toBe(lastEvaluation(events, 'test')['loss']);

    const raw = ROWS.slice(0, 5).flat();
    fs.writeFileSync(inScratch('raw.npy'), encodeNpy([5, 3], 'f32', raw));
    const standard = raw.map(
      (value, i) => (Math.log(value + 1) - (mean[i % 3] ?? 0)) / (deviation[i % 3] ?? 1),
    );
    fs.writeFileSync(inScratch('standard.npy'), encodeNpy([5, 3], 'f32', standard));
    const predicted = async (input: string, ...flags: string[]): Promise<number[]> => {
      const run = await netc(
        ...['predict', program, '--weights', weights, '--input', inScratch(input), '-o', inScratch('y.npy')],
        ...['--device', 'gpu', ...flags],
      );
      expect(run.stderr).toBe('');
      return [...parseNpy(fs.readFileSync(inScratch('y.npy')), { file: 'y.npy' }).data].map(Number);
    };
    const through = await predicted('raw.npy');
    const beside = await predicted('standard.npy', '--as-is');
    expect(through).toHaveLength(10);
    through.forEach((value, i) => expect(Math.abs(value - (beside[i] ?? NaN))).toBeLessThan(1e-3));
  });

  it('has the categories of the weights once there are some', async (context) => {
    await gpuOrSkip(context);
    const program = write();
    const weights = inScratch('out/weights.safetensors');
    await netc('train', program, '--out', inScratch('out'), '--device', 'gpu', '--json');
    const evaluated = async (): Promise<unknown> => {
      const run = await netc(
        'eval',
        program,
        '--weights',
        weights,
        '--split',
        'test',
        '--device',
        'gpu',
        '--json',
      );
      return lastEvaluation(eventsOf(run), 'test')['loss'];
    };
    const before = await evaluated();
    // With these training records `no` would be category 1, and the columns would be standardized otherwise.
    fs.writeFileSync(inScratch('train.csv'), csv([...ROWS.slice(2), [9, 9, 9]], ['maybe', 'no']));
    expect(await evaluated()).toBe(before);
    const further = await netc(
      'train',
      program,
      '--init',
      weights,
      '--steps',
      '1',
      '--device',
      'gpu',
      '--json',
    );
    expect(further.exitCode).toBe(1);
    expect(further.stderr).toContain('is none of those that the weights were trained with');
  });

  it('predict wants weights that know mean and deviation', async () => {
    const program = write();
    const weights = inScratch('plain.safetensors');
    const plain = [
      { name: 'net.fc.weight', shape: [3, 2], data: new Float32Array(6) },
      { name: 'net.fc.bias', shape: [2], data: new Float32Array(2) },
    ];
    fs.writeFileSync(weights, encodeSafetensors(plain));
    fs.writeFileSync(inScratch('raw.npy'), encodeNpy([1, 3], 'f32', [1, 2, 3]));
    const run = await netc(
      ...[
        'predict',
        program,
        '--weights',
        weights,
        '--input',
        inScratch('raw.npy'),
        '-o',
        inScratch('z.npy'),
      ],
    );
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('error[E0503]');
    expect(run.stderr).toContain('d.x.mean and d.x.deviation');
    expect(fs.existsSync(inScratch('z.npy'))).toBe(false);
  });
});

describe('the language page’s character model', () => {
  it('learns from tinyshakespeare', async (context) => {
    const data = sharedOrSkip(context, 'data/tinyshakespeare');
    await gpuOrSkip(context);
    // One layer in place of four: the others are the same kernels once more, and each costs compile time.
    fs.writeFileSync(inScratch('gpt.net'), changed(SHAKESPEARE, 'layers = 4', 'layers = 1'));
    const run = await netc(
      ...['train', inScratch('gpt.net'), '--data', data, '--set', 'T=32', '--set', 'D=32', '--set', 'V=65'],
      ...['--steps', '150', '--log-every', '1', '--device', 'gpu', '--json', '--out', inScratch('gpt')],
    );
    const losses = stepsOf(eventsOf(run)).map((event) => event['loss'] as number);
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    expect(losses[0]).toBeCloseTo(Math.log(65), 1);
    expect(mean(losses.slice(-10))).toBeLessThan(3.5);
    const { metadata } = decodeSafetensors(fs.readFileSync(inScratch('gpt/weights.safetensors')), 'gpt');
    const vocabulary = (JSON.parse(metadata['netc_data'] ?? '') as { vocabulary: { characters: string } })
      .vocabulary;
    expect(vocabulary.characters).toBe("\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
  });

  it('is told that its vocabulary is too small', async (context) => {
    const data = sharedOrSkip(context, 'data/tinyshakespeare');
    fs.writeFileSync(inScratch('gpt.net'), SHAKESPEARE);
    const run = await netc('train', inScratch('gpt.net'), '--data', data, '--set', 'V=64');
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('error[E0405]');
    expect(run.stderr).toContain('the character "z" (U+007A) is token 64, and the program has room for 64');
  });
});
