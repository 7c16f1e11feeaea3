/**
 * What moves in a step, on a device: learning rates by group, parts of models, weights shared by instances and by
 * name, frozen models, named steps; and what other files and turns of `repeat` bring.
 */
import { describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { random } from '../semantics/calculating.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { differences, trainByInterpreter, trainOnDevice, type Records } from './interpreted-training.ts';

const records: Records = { columns: { x: random([12, 5], 75), y: random([12, 2], 76) } };

const program = (models: string, train: string): string => `data d {
  x[B, 5]
  y[B, 2]
  batch = 4
}
${models}
train on d {
  steps = 6, seed = 3
${train}
}`;

const NET = `model net: x[B, 5] -> [B, 2] {
  body = dense(4)
  return x -> body -> tanh -> head: dense(2)
}`;

const PROGRAMS: Readonly<Record<string, { text: string; still: RegExp | undefined }>> = {
  'learning rates by group': {
    still: undefined,
    text: program(
      NET,
      `  step {
    loss = mse(net(x), y)
    minimize loss over net.head with sgd(lr = 0.2)
    minimize loss over net.body with sgd(lr = 0.01)
  }`,
    ),
  },
  'two losses at the same point': {
    still: undefined,
    text: program(
      `${NET}\nmodel other: x[B, 5] -> [B, 2] { return x -> dense(2) }`,
      `  step {
    p = net(x)
    q = other(x)
    minimize mse(p, y) + mse(p, detach(q)) over net with sgd(lr = 0.1)
    minimize mse(q, p) over other with sgd(lr = 0.3)
  }`,
    ),
  },
  'weights that two losses move, each in its way': {
    still: undefined,
    text: program(
      NET,
      `  step {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
    minimize l2(net.head) + mae(net(-x), y) over net.head with sgd(lr = 0.05)
    minimize loss over net.head.weight with sgd(lr = 0.02)
  }`,
    ),
  },
  'one weight of a part': {
    still: /^net\.(body|head\.bias)/,
    text: program(
      NET,
      `  step {
    loss = mse(net(x), y)
    minimize loss over net.head.weight with sgd(lr = 0.2)
  }`,
    ),
  },
  'a shared instance and a tied weight': {
    still: undefined,
    text: program(
      `model net: x[B, 5] -> [B, 2] {
  param W[5, 5] = glorot()
  mix = dense(5)
  h = tanh(x @ W) -> mix -> tanh -> mix
  return (h @ W.T) -> dense(2)
}`,
      `  step {
    loss = mse(net(x), y) + 0.01 * l2(net.W)
    minimize loss with sgd(lr = 0.1)
  }`,
    ),
  },
  'turns of a repeat, one of them moved': {
    still: /^net\.(blocks\.[12]|dense_1)/,
    text: program(
      `model net: x[B, 5] -> [B, 2] {
  blocks: repeat 3 as i { x = x + (x -> fc: dense(5) -> tanh) / (1 + i) }
  return x -> dense(2)
}`,
      `  step {
    loss = mse(net(x), y)
    minimize loss over net.blocks[0] with sgd(lr = 0.1)
  }`,
    ),
  },
  'a frozen critic': {
    // It cancels out of the difference of two means.
    still: /^critic\.dense_2\.bias/,
    text: program(
      `${NET}\nmodel critic: p[B, 2] -> [B, 1] { return p -> dense(3) -> tanh -> dense(1) }`,
      `  step critic(times = 2) {
    loss = mean(critic(detach(net(x)))) - mean(critic(y))
    minimize loss over critic with sgd(lr = 0.05)
  }
  step mover {
    loss = -mean(net(x) -> frozen(critic))
    minimize loss with sgd(lr = 0.1)
  }`,
    ),
  },
};

describe('what moves', () => {
  for (const [name, { text, still }] of Object.entries(PROGRAMS))
    it(`follows the interpreter: ${name}`, async (context) => {
      const device = await gpuOrSkip(context);
      const start = trainByInterpreter(text, records, 0);
      const due = trainByInterpreter(text, records, 6);
      const found = await trainOnDevice(text, records, device, 6);
      expect(differences(found.losses, due.losses, 2e-5, 'loss')).toEqual([]);
      expect([...found.saved.keys()]).toEqual([...due.saved.keys()]);
      for (const [weight, values] of due.saved) {
        const now = found.saved.get(weight) ?? [];
        expect(differences(now, values, 1e-4, weight)).toEqual([]);
        const before = start.saved.get(weight) ?? [];
        const moved = now.some((value, i) => value !== before[i]);
        expect(moved, weight).toBe(!(still?.test(weight) ?? false));
      }
    });

  it('accumulates the gradients of each of two losses that move a weight, and averages what came of it', async () => {
    const device = await openCpu({ threads: 2 });
    // The same batch twice.
    const twice = (tensor: HostTensor): HostTensor =>
      hostTensor([8, ...tensor.shape.slice(1)], [...tensor.data, ...tensor.data]);
    const columns = { x: twice(random([4, 5], 77)), y: twice(random([4, 2], 78)) };
    const text = (settings: string): string =>
      program(
        NET,
        `  ema = 0.5${settings}
  step {
    p = net(x)
    minimize mse(p, y) with adam(lr = 0.01)
    minimize mae(p, y) over net.head with clip_norm(0.1) -> sgd(lr = 0.3, momentum = 0.9)
  }`,
      );
    const once = await trainOnDevice(text(''), { columns }, device, 3);
    const accumulated = await trainOnDevice(text(', accumulate = 2'), { columns }, device, 3);
    expect(once.saved.size).toBe(4);
    expect([...once.files.keys()]).toContain('weights.ema.safetensors');
    for (const [weight, values] of once.saved)
      expect(differences(accumulated.saved.get(weight) ?? [], values, 2e-5, weight)).toEqual([]);
  });
});
