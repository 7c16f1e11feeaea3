/** `ema`: averages of the weights on a device, in the kernel of the update; evaluated and saved beside. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { random } from '../semantics/calculating.ts';
import { errorsOf, base } from '../semantics/elaborating.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import {
  differences,
  evaluateByInterpreter,
  trainByInterpreter,
  trainOnDevice,
  type Records,
} from './interpreted-training.ts';

const records: Records = { columns: { x: random([12, 5], 73), y: random([12, 2], 74) }, valid: 7 };

const program = (train: string, optimizer = 'sgd(lr = 0.2)'): string => `data d {
  from train = npy(x = "x.npy", y = "y.npy")
  x[B, 5]
  y[B, 2]
  batch = 4
  split valid = 10%
}
model net: x[B, 5] -> [B, 2] { return x -> dense(3) -> batchnorm -> tanh -> dense(2) }
model still: x[B, 5] -> [B, 2] { return x -> dense(2) }
train on d {
  steps = 6
  ${train}
  step {
    loss = mse(net(x) + detach(still(x)), y)
    minimize loss with ${optimizer}
  }
  eval = every(3 steps)
}`;

describe('ema', () => {
  it('averages what moves, from the initial weights on', async (context) => {
    const device = await gpuOrSkip(context);
    const text = program('ema = 0.7');
    const averages = new Map<string, HostTensor>();
    const evaluations: number[] = [];
    const before = trainByInterpreter(text, records, 0);
    for (const [name, weight] of before.weights) averages.set(name, weight);
    const due = trainByInterpreter(text, records, 6, (weights) => {
      for (const [name, weight] of weights) {
        const old = averages.get(name) ?? weight;
        const data = old.data.map((a, i) => 0.7 * a + 0.3 * (weight.data[i] ?? NaN));
        averages.set(name, hostTensor(weight.shape, [...data]));
      }
    });
    evaluations.push(evaluateByInterpreter(text, records, due));
    evaluations.push(evaluateByInterpreter(text, records, { ...due, weights: averages }));

    const found = await trainOnDevice(text, records, device, 6);
    expect(differences(found.losses, due.losses, 2e-5, 'loss')).toEqual([]);
    expect(found.evaluations).toHaveLength(4);
    expect(differences(found.evaluations.slice(2), evaluations, 2e-5, 'evaluation')).toEqual([]);
    expect(Math.abs((evaluations[0] ?? 0) - (evaluations[1] ?? 0))).toBeGreaterThan(1e-3);

    expect([...found.files.keys()]).toEqual(['weights.safetensors', 'weights.ema.safetensors']);
    const file = decodeSafetensors(found.files.get('weights.ema.safetensors') ?? new Uint8Array(), 'ema');
    expect(file.tensors.map(({ name }) => name)).toEqual([...due.saved.keys()]);
    for (const { name, data } of file.tensors) {
      const wanted = averages.get(name)?.data ?? due.states.get(name)?.data ?? [];
      expect(differences([...data], [...wanted], 1e-4, name)).toEqual([]);
    }
    for (const [name, values] of due.saved) {
      expect(differences(found.saved.get(name) ?? [], values, 1e-4, name)).toEqual([]);
    }
  });

  it('costs no dispatch and no other kernels of evaluation', () => {
    const text = (train: string) => program(train, 'clip_norm(1.0) -> adamw(lr = 1e-3)');
    const [plain, averaged] = ['', 'ema = 0.99'].map((train) =>
      compile({ file: 'test.net', text: text(train) }),
    );
    const commands = (made: typeof plain, routine: string) =>
      made?.listing.routines.find(({ name }) => name === routine)?.commands ?? [];
    expect(commands(averaged, 'step.update')).toHaveLength(commands(plain, 'step.update').length);
    const kernels = (routine: string) =>
      commands(averaged, routine).map((command) => (command.kind === 'dispatch' ? command.kernel : -1));
    expect(kernels('step.evaluate.ema')).toEqual(kernels('step.evaluate'));
    expect(kernels('step.evaluate').length).toBeGreaterThan(0);
  });

  it('lets `best` watch what the averages give', async (context) => {
    const device = await gpuOrSkip(context);
    const text = program('ema = 0.5, save = best(valid.ema.loss, to = "best.safetensors")');
    const { files } = await trainOnDevice(text, records, device, 6);
    expect([...files.keys()].sort()).toEqual([
      'best.ema.safetensors',
      'best.safetensors',
      'weights.ema.safetensors',
      'weights.safetensors',
    ]);
  });

  it('is watched only where it is kept', () => {
    const [error] = errorsOf(program('save = best(valid.ema.loss, to = "best.safetensors")'));
    expect(error).toMatchObject({ code: 'E0201', message: 'nothing reports `valid.ema.loss`' });
  });

  it.each(['0', '1', '1.5', '-0.1'])('refuses %s', (value) => {
    const errors = errorsOf(base({ train: `steps = 2, ema = ${value}` }));
    expect(errors.map(({ code, span }) => [code, span?.line, span?.column])).toEqual([['E0220', 10, 20]]);
  });
});
