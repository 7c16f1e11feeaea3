/** Layer state over a whole run on a device: batch normalization, accumulation, `frozen`, several steps. */
import { describe, expect, it } from 'vitest';
import { random } from '../semantics/calculating.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import {
  differences,
  evaluateByInterpreter,
  trainByInterpreter,
  trainOnDevice,
  type Records,
} from './interpreted-training.ts';
import { changed } from '../support/changed.ts';

const DATA = `data d {
  x[B, 3, 5]
  y[B, 2]
  batch = 4
}
`;

const records: Records = { columns: { x: random([12, 3, 5], 71), y: random([12, 2], 72) }, valid: 7 };

const PROGRAMS: Readonly<Record<string, string>> = {
  'a normalized model': `${DATA}
model net: x[B, 3, 5] -> [B, 2] {
  return x -> batchnorm(momentum = 0.7) -> tanh -> flatten -> dense(6) -> batchnorm -> relu -> dense(2)
}
train on d {
  steps = 9
  step {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
  }
  eval = every(4 steps)
}`,
  'two calls, one of them frozen': `${DATA}
model net: x[B, 3, 5] -> [B, 2] {
  return x -> norm: batchnorm(momentum = 0.5) -> flatten -> dense(2)
}
train on d {
  steps = 9
  step {
    loss = mse(net(x), y) + mse(net(2 * x), y) + 0.1 * mse(frozen(net)(x), y)
    minimize loss with sgd(lr = 0.05)
  }
  eval = every(3 steps)
}`,
  'a normalization in a loop over time': `${DATA}
layer cell: x[B, T, D] -> [B, D] {
  state seen[D] = zeros()
  scan xt in x along T, h[B, D] = zeros() {
    h = tanh((h -> dense(D, bias = false) -> batchnorm(momentum = 0.6)) + xt - seen)
    update seen = 0.5 * seen + 0.5 * mean(xt, axis = 0)
  }
  return h
}
model net: x[B, 3, 5] -> [B, 2] { return x -> cell -> dense(2) }
train on d {
  steps = 9
  step {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
  }
  eval = every(4 steps)
}`,
  'a state that starts at random': `${DATA}
layer coded: x[B, N] -> [B, N] {
  state code[N] = normal(0.5)
  update code = 0.9 * code + 0.1 * mean(x, axis = 0)
  return x * code
}
model net: x[B, 3, 5] -> [B, 2] { return x -> flatten -> coded -> dense(2) }
train on d {
  steps = 9, seed = 4
  step {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
  }
  eval = every(4 steps)
}`,
  'two steps': `${DATA}
layer seen: x[B, N] -> [B, N] {
  state count[1] = constant(2), last[N] = zeros()
  update count = count + 1
  update last = mean(x, axis = 0)
  return x / count
}
model net: x[B, 3, 5] -> [B, 2] { return x -> flatten -> dense(2) -> seen }
train on d {
  steps = 9
  step first(times = 2) {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
  }
  step second {
    loss = mean(net(-x) ^ 2)
    minimize loss over net.dense_1 with sgd(lr = 0.01)
  }
}`,
};

describe('layer state', () => {
  for (const [name, text] of Object.entries(PROGRAMS))
    it(`follows the interpreter: ${name}`, async (context) => {
      const device = await gpuOrSkip(context);
      const due = trainByInterpreter(text, records, 9);
      const found = await trainOnDevice(text, records, device, 9);
      expect(differences(found.losses, due.losses, 2e-5, 'loss')).toEqual([]);
      expect([...found.saved.keys()]).toEqual([...due.saved.keys()]);
      for (const [tensor, values] of due.saved) {
        expect(differences(found.saved.get(tensor) ?? [], values, 1e-4, tensor)).toEqual([]);
      }
      expect(due.states.size).toBeGreaterThan(0);
      if (!text.includes('eval =')) return;
      const evaluated = evaluateByInterpreter(text, records, due);
      expect(differences([found.evaluations.at(-1) ?? NaN], [evaluated], 2e-5, 'evaluation')).toEqual([]);
    });

  it('takes the batches of one update one after another', async (context) => {
    const device = await gpuOrSkip(context);
    const text = changed(PROGRAMS['a normalized model'] ?? '', 'steps = 9', 'steps = 1, accumulate = 3');
    const { saved } = await trainOnDevice(text, records, device, 1);
    // The same three batches with weights that do not move.
    const still = changed(PROGRAMS['a normalized model'] ?? '', 'lr = 0.1', 'lr = 0.0');
    const due = trainByInterpreter(still, records, 3);
    for (const [tensor, { data }] of due.states) {
      expect(differences(saved.get(tensor) ?? [], [...data], 1e-5, tensor)).toEqual([]);
    }
  });
});
