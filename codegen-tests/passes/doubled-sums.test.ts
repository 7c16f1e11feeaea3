/** Sums of a value with itself, again and again: a search that follows both terms would never end. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { netc } from '../cli/recording-host.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-doubled-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

const PROGRAMS = {
  'of padded values': `model net: x[B, 6] -> y[B, 2] {
  h = pad(x -> dense(3), before = (0, 3), after = (0, 0))
  repeat 40 { h = h + h }
  return tanh(h * 1e-12) -> dense(2)
}`,
  'of products in the turns of a loop': `layer doubled(): x[B, T, D] -> [B, T, D] {
  param W[D, D] = glorot()
  scan xt in x along T, h[B, D] = zeros() {
    h2 = h @ W
    repeat 40 { h2 = h2 + h2 }
    h = tanh(h2 * 1e-12 + xt)
    emit h
  }
}
model net: x[B, 6] -> y[B, 3] {
  h = reshape(x, -1, 2, 3) -> doubled
  return h[:, -1]
}`,
};
const TRAINING = `
data d {
  x[B, 6]
  batch = 2
}
train on d {
  steps = 1, seed = 1
  step {
    loss = mean(net(x) ^ 2)
    minimize loss with adam(lr = 1e-3)
  }
}
`;

test.for(Object.entries(PROGRAMS))('%s', async ([name, model]) => {
  const file = path.join(scratch, `${name.replaceAll(' ', '-')}.net`);
  fs.writeFileSync(file, `${model}\n${TRAINING}`);
  const checked = await netc('gradcheck', file, '--json');
  const { weights } = JSON.parse(checked.stdout) as { weights: { passed: boolean; analytic: number }[] };
  expect(weights.every(({ passed, analytic }) => passed && analytic !== 0)).toBe(true);
  expect(weights.length).toBeGreaterThan(0);
  expect(checked.exitCode).toBe(0);
  // With all kernels, which gradcheck makes none of.
  expect((await netc('inspect', file, '--device', 'cpu', '--json')).exitCode).toBe(0);
});
