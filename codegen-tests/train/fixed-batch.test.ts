/** A step and a model that take their batch apart: trained, evaluated and predicted over whole batches. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { createRunner, type ProgramDevice } from '../../runtime/create-runner.ts';
import { inputsInMemory, predict } from '../../runtime/predict.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { random } from '../semantics/calculating.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { profileOn } from '../support/profiles.ts';
import {
  differences,
  evaluateByInterpreter,
  trainByInterpreter,
  trainOnDevice,
} from './interpreted-training.ts';
import { failureOf } from '../support/failure.ts';

const program = (evaluation = 'eval = every(2 steps)'): string => `data d {
  x[B, 5]
  y[B, 2]
  batch = 4
}
model net: x[B, 5] -> [B, 2] {
  others = (x[1:] -> concat(x[:1], axis = 0)) -> mix: dense(5)
  return (x + tanh(others)) -> dense(2)
}
train on d {
  steps = 6
  step {
    p = net(x)
    loss = mse(p[:2], y[:2]) + 0.5 * mse(p[2:], y[2:])
    minimize loss with sgd(lr = 0.1)
  }
  ${evaluation}
}
`;

const columns = { x: random([12, 5], 113), y: random([12, 2], 114) };

async function expectTraining(device: ProgramDevice): Promise<void> {
  const records = { columns, valid: 4 };
  const due = trainByInterpreter(program(), records, 6);
  const found = await trainOnDevice(program(), records, device, 6);
  expect(differences(found.losses, due.losses, 2e-5, 'loss')).toEqual([]);
  const evaluated = evaluateByInterpreter(program(), records, due);
  expect(differences([found.evaluations.at(-1) ?? NaN], [evaluated], 2e-5, 'evaluation')).toEqual([]);
}

describe('a batch that is taken apart', () => {
  it('trains and is evaluated on the GPU', async (context) => {
    await expectTraining(await gpuOrSkip(context));
  });

  it('trains and is evaluated on the CPU', async () => {
    await expectTraining(await openCpu({ threads: 2 }));
  });

  it('is refused where a split ends with a part of one, before the first step', async () => {
    const device = await openCpu({ threads: 1 });
    const failure = await failureOf(trainOnDevice(program(), { columns, valid: 7 }, device, 6));
    expect(failure).toMatchInlineSnapshot(
      `[RuntimeFailure: E0407: the split valid has 7 records, no whole batches of 4, which the step needs in evaluation too]`,
    );
    // Whole batches of it may be evaluated, and nothing asks where nothing is evaluated.
    const some = program('eval = every(2 steps, batches = 1)');
    expect((await trainOnDevice(some, { columns, valid: 7 }, device, 4)).evaluations).toHaveLength(2);
    expect((await trainOnDevice(program(''), { columns, valid: 7 }, device, 2)).losses).toHaveLength(2);
  });

  it('is predicted batch by batch', async () => {
    const device = await openCpu({ threads: 1 });
    const { listing } = compile({ file: 'test.net', text: program() }, { profile: profileOn(device) });
    const runner = await createRunner(listing, device);
    writeWeights(runner, listing, initialWeights(listing, 0));
    const routine = listing.models[0]?.predict ?? -1;
    const given = (count: number) => {
      const bytes = new Uint8Array(Float32Array.from(columns.x.data.subarray(0, 5 * count)).buffer);
      return inputsInMemory(listing.routines[routine]!, count, new Map([['x', bytes]]));
    };
    const options = { listing, runner, routine, seed: 0 };
    const [all] = (await predict({ ...options, inputs: given(8) })) ?? [];
    expect(all?.shape).toEqual([8, 2]);
    const [first] = (await predict({ ...options, inputs: given(4) })) ?? [];
    expect([...(all?.data.subarray(0, 8) ?? [])]).toEqual([...(first?.data ?? [])]);
    expect(await failureOf(predict({ ...options, inputs: given(6) }))).toMatchInlineSnapshot(
      `[RuntimeFailure: E0407: 6 records are no whole batches of 4]`,
    );
    runner.dispose();
  });
});
