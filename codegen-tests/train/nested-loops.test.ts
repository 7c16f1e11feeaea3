/** Training through a loop in a loop, with a state that the inner one updates: on the GPU and on the CPU. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import type { Command } from '../../runtime/plan-format.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import { random } from '../semantics/calculating.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import {
  differences,
  evaluateByInterpreter,
  trainByInterpreter,
  trainOnDevice,
  type Records,
} from './interpreted-training.ts';

const program = (rows: number, columns: number): string => `data d {
  x[B, ${rows}, ${columns}, 2]
  y[B, 3]
  batch = 4
}
layer grid(U: int): x[B, H, W, D] -> [B, U] {
  param w[U, U] = orthogonal()
  state seen[U] = zeros()
  scan row in x along H, h[B, U] = zeros() {
    scan cell in row along W, k[B, U] = h {
      k = tanh((cell -> input: dense(U)) + k @ w - 0.5 * seen) + 0.1 * h
      update seen = 0.9 * seen + 0.1 * mean(k, axis = 0)
    }
    h = 0.5 * h + k
  }
  return h
}
model net: x[B, H, W, D] -> [B, 3] { return x -> grid(6) -> head: dense(3) }
train on d {
  steps = 6
  step {
    loss = mse(net(x), y)
    minimize loss with sgd(lr = 0.1)
  }
  eval = every(3 steps)
}
`;

const records: Records = { columns: { x: random([12, 3, 5, 2], 81), y: random([12, 3], 82) }, valid: 7 };
const text = program(3, 5);

async function expectTraining(device: ProgramDevice): Promise<void> {
  const due = trainByInterpreter(text, records, 6);
  const found = await trainOnDevice(text, records, device, 6);
  expect(differences(found.losses, due.losses, 2e-5, 'loss')).toEqual([]);
  for (const [tensor, values] of due.saved) {
    expect(differences(found.saved.get(tensor) ?? [], values, 1e-4, tensor)).toEqual([]);
  }
  const evaluated = evaluateByInterpreter(text, records, due);
  expect(differences([found.evaluations.at(-1) ?? NaN], [evaluated], 2e-5, 'evaluation')).toEqual([]);
  expect(found.losses.at(-1)).toBeLessThan(found.losses[0] ?? NaN);
}

describe('a loop in a loop', () => {
  it('trains on the GPU as the interpreter does', async (context) => {
    await expectTraining(await gpuOrSkip(context));
  });

  it.each([1, 3])('trains on %i threads of the CPU as the interpreter does', async (threads) => {
    await expectTraining(await openCpu({ threads }));
  });

  it('is a loop of commands in a loop of commands, each kernel once, however long', () => {
    const listingOf = (rows: number, columns: number) =>
      compile({ file: 'test.net', text: program(rows, columns) }).listing;
    const counts = (commands: readonly Command[]): unknown[] =>
      commands.flatMap((command) =>
        command.kind === 'loop' ? [[command.count, ...counts(command.body)]] : [],
      );
    const [short, long] = [listingOf(3, 5), listingOf(40, 60)];
    expect(counts(short.routines[0]?.commands ?? [])).toEqual([[3, [5]], [3, [5]]]); // prettier-ignore
    expect(counts(long.routines[0]?.commands ?? [])).toEqual([[40, [60]], [40, [60]]]); // prettier-ignore
    expect(long.kernels.length).toBeLessThanOrEqual(short.kernels.length + 10);
    // Some kernel of the inner loop needs to know both turns.
    expect(short.kernels.some(({ turns }) => turns?.join() === '0,1')).toBe(true);
  });
});
