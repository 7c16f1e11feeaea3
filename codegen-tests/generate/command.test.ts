/** `netc generate`: small models of a text that repeats itself, what they write, and what is wrong usage. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { netc, recordingHost } from '../cli/recording-host.ts';
import { runCommandLine } from '../../compiler/cli/command-line.ts';
import { gpuOrSkip } from '../support/gpu.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-generate-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const program = (tokens: string, file: string): string => `let T = 8
data d {
  from all = text("${file}", tokens = ${tokens})
  x[B, T] u32 = window(T)
  y[B, T] u32 = window(T, shift = 1)
  batch = 8, shuffle = true
}
model teller: x[B, T] u32 -> logits[B, T, 128] {
  return x -> embedding(128, 16) -> gru(24) -> out: dense(128)
}
model other: z[B, 3] -> y[B, 1] {
  return z -> dense(1)
}
train on d {
  steps = 60, seed = 1
  step {
    loss = cross_entropy(teller(x), y)
    minimize loss with adam(lr = 2e-2)
  }
}
`;

/** Writes and trains a program; returns what commands need of it. */
async function trained(name: string, tokens: string, text: string): Promise<string[]> {
  fs.writeFileSync(path.join(folder, `${name}.txt`), text);
  const file = path.join(folder, `${name}.net`);
  fs.writeFileSync(file, program(tokens, `${name}.txt`));
  const out = path.join(folder, name);
  const { exitCode } = await netc('train', file, '--device', 'cpu', '--out', out, '--quiet');
  expect(exitCode).toBe(0);
  return ['generate', file, '--model', 'teller', '--weights', path.join(out, 'weights.safetensors')];
}

let chars: string[] = [];
beforeAll(async () => {
  chars = await trained('chars', 'chars()', 'the sea. '.repeat(40));
});

describe('a model of characters', () => {
  test.for(['cpu', 'gpu'])(
    'goes on as its text does, past what it sees at once, --device %s',
    async (device, context) => {
      if (device === 'gpu') await gpuOrSkip(context);
      const flags = ['--prompt', 'the s', '--tokens', '20', '--temperature', '0', '--device', device];
      const run = await netc(...chars, ...flags);
      expect(run).toEqual({ exitCode: 0, stdout: 'the sea. the sea. the sea\n', stderr: '' });
    },
  );

  test('gives the same text for a seed, another for others', async () => {
    const flags = ['--device', 'cpu', '--prompt', 'th', '--tokens', '30', '--temperature', '3'];
    const of = async (seed: string): Promise<string> =>
      (await netc(...chars, ...flags, '--seed', seed)).stdout;
    expect(await of('3')).toBe(await of('3'));
    expect(await of('4')).not.toBe(await of('3'));
    const one = await netc(...chars, ...flags, '--top-k', '1');
    expect(one.stdout).toBe('the sea. the sea. the sea. the s\n');
  });

  test('tells every token with --json', async () => {
    const flags = ['--prompt', 'the', '--tokens', '3', '--temperature', '0', '--device', 'cpu', '--json'];
    const { stdout } = await netc(...chars, ...flags);
    // The characters of the text are blank, dot, a, e, h, s, t.
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { event: 'token', code: 0, text: ' ' },
      { event: 'token', code: 5, text: 's' },
      { event: 'token', code: 3, text: 'e' },
      { event: 'end', tokens: 3, prompt: 'the', text: ' se' },
    ]);
  });

  test('ends at Ctrl-C with what is written so far', async () => {
    const recording = recordingHost();
    const write = recording.host.stdout.write.bind(recording.host.stdout);
    recording.host.stdout.write = (text) => {
      write(text);
      if (recording.written.stdout.length > 8) recording.interrupt();
    };
    const flags = ['--prompt', 'the', '--tokens', '1000', '--device', 'cpu'];
    expect(await runCommandLine([...chars, ...flags], recording.host)).toBe(130);
    expect(recording.written.stdout.length).toBeLessThan(20);
  });
});

test.for([
  ['words', 'words(5)', 'one two three four six ', 'one two', 'one two three four one\n'],
  ['bytes', 'bytes()', 'tide, ', 'ti', 'tide\n'],
])('a model of %s', async ([name, tokens, text, prompt, expected]) => {
  // Of the words, "six" is the least frequent and unknown: it is never written.
  const body = name === 'words' ? `${text!.repeat(30)}one two three four `.repeat(2) : text!.repeat(60);
  const generate = await trained(name!, tokens!, body);
  const count = name === 'words' ? '3' : '2';
  const flags = ['--prompt', prompt!, '--tokens', count, '--temperature', '0', '--device', 'cpu'];
  expect(await netc(...generate, ...flags)).toEqual({ exitCode: 0, stdout: expected, stderr: '' });
});

describe('what is wrong', () => {
  const failure = async (...argv: string[]): Promise<string> => {
    const { exitCode, stderr, stdout } = await netc(...argv, '--device', 'cpu');
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/^\s+at /m);
    return `${exitCode} ${stderr}`;
  };

  test('the prompt', async () => {
    expect(await failure(...chars, '--prompt', 'the Sea')).toMatch(
      /^2 error\[E0701\]: the text that the weights learned from has no "S"\n.*help: it has the characters " \.aehst"/s,
    );
    expect(await failure(...chars, '--prompt', '')).toMatch(
      /^2 error\[E0701\]: the prompt has no token\n.*--prompt/s,
    );
    expect(await failure(...chars)).toMatch(/^2 error\[E0701\]: .*--prompt/);
  });

  test('the numbers', async () => {
    for (const [flag, value] of [
      ['--temperature', '-1'],
      ['--temperature', 'warm'],
      ['--top-k', '0'],
      ['--tokens', '1.5'],
    ] as const)
      expect(await failure(...chars, '--prompt', 'the', flag, value)).toMatch(
        /^2 error\[E0701\]: .*It is a/s,
      );
  });

  test('the model', async () => {
    const others = chars.map((flag) => (flag === 'teller' ? 'other' : flag));
    expect(await failure(...others, '--prompt', 'the')).toMatch(
      /^2 error\[E0701\]: `other` is no language model\n {2}--> .*chars\.net:11:7\n.*help: one takes tokens/s,
    );
    const unnamed = chars.filter((flag) => flag !== '--model' && flag !== 'teller');
    expect(await failure(...unnamed, '--prompt', 'the')).toMatch(/which model is meant\?\n.*teller, other/s);
  });

  test('the weights', async () => {
    const missing = [...chars.slice(0, -1), path.join(folder, 'none.safetensors'), '--prompt', 'the'];
    expect(await failure(...missing)).toMatch(/^1 error\[E0501\]: cannot read the weights/);
    // Weights of the same names and shapes that were not trained on a text.
    const plain = path.join(folder, 'plain.net');
    const columns = '  x[B, T] u32\n  y[B, T] u32\n  from all = npz("d.npz")\n';
    const text = program('chars()', 'chars.txt').replace(/ {2}from[^]*?(?= {2}batch)/, columns);
    fs.writeFileSync(plain, text);
    const bytes = fs.readFileSync(chars.at(-1)!);
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, unknown>;
    const without = Buffer.from(JSON.stringify({ ...header, __metadata__: {} }));
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(without.length));
    const file = path.join(folder, 'plain.safetensors');
    fs.writeFileSync(file, Buffer.concat([start, without, bytes.subarray(8 + length)]));
    const argv = ['generate', plain, '--model', 'teller', '--weights', file, '--prompt', 'the'];
    expect(await failure(...argv)).toMatch(
      /^1 error\[E0503\]: .*plain\.safetensors has no vocabulary\n.*text\(/s,
    );
  });
});
