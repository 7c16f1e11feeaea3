/** Examples of several runs: a policy that a host program trains, and a body that another program trained. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { netc } from '../cli/recording-host.ts';
import { EXAMPLES, trainingCopy } from '../support/examples.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-host-examples-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

it('cart-pole: the policy balances for 195 of 200 moments, the mean of 100 games', async () => {
  const folder = path.join(scratch, 'cart-pole');
  const { exitCode } = await netc(
    'compile',
    path.join(EXAMPLES, 'cart-pole.net'),
    '-o',
    folder,
    '--emit',
    'cpu',
  );
  expect(exitCode).toBe(0);
  // Its exit code is 1 where the policy falls short.
  const told = execFileSync(process.execPath, [path.join(EXAMPLES, 'cart-pole.mjs'), folder], {
    encoding: 'utf8',
  });
  const [, moments] = /100 games with the trained policy: (\S+) moments/.exec(told) ?? [];
  expect(Number(moments)).toBeGreaterThanOrEqual(195);
});

it('fine-tuning moves no bit of the frozen body, and learns', async () => {
  const train = async (name: string, steps: number, ...flags: string[]): Promise<Map<string, string>> => {
    const out = path.join(scratch, name);
    const file = trainingCopy(scratch, `${name}.net`);
    const run = ['--data', EXAMPLES, '--device', 'cpu', '--steps', String(steps), '--out', out, ...flags];
    const { exitCode, stderr } = await netc('train', file, ...run);
    expect(`${exitCode} ${stderr}`).toMatch(/^0/);
    const { tensors } = decodeSafetensors(fs.readFileSync(path.join(out, 'weights.safetensors')), 'weights');
    return new Map(tensors.map(({ name: key, data }) => [key, Array.from(data).join()]));
  };
  const before = await train('glyphs-cnn', 12);
  const init = ['--init', path.join(scratch, 'glyphs-cnn/weights.safetensors'), '--init-only', 'body.*'];
  const after = await train('glyphs-fine-tune', 12, ...init);
  const body = [...before].filter(([key]) => key.startsWith('body.'));
  expect(body.length).toBeGreaterThan(8);
  for (const [key, bits] of body) expect(after.get(key), key).toBe(bits);
  const first = await train('glyphs-fine-tune', 1, ...init);
  expect(after.get('loops.out.weight')).not.toBe(first.get('loops.out.weight'));
});
