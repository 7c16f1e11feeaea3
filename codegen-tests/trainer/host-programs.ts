/** Programs whose data a host feeds. In: a text. Out: its trainer for the CPU, compiled into a folder. */
import fs from 'node:fs';
import path from 'node:path';
import type { TrainerProgram } from '../../runtime/trainer/trainer-program.ts';
import { compileInto, importTrainer } from './compiled.ts';

/** Two named steps, the first twice, with a model each. */
export const TWO_STEPS = `
let U = 2
data pairs {
  x[B, 4]
  batch = 8
}
model A: x[B, 4] -> y[B, U] { return x -> dense(U) }
model Z: x[B, 4] -> y[B, U] { return x -> dense(U) }
train on pairs {
  steps = 100, seed = 3
  step first(times = 2) {
    loss = mean(A(x) ^ 2)
    minimize loss over A with sgd(lr = 0.1)
  }
  step second {
    loss = mean(Z(x) ^ 2)
    metric size = mean(abs(Z(x)))
    minimize loss over Z with sgd(lr = 0.1)
  }
}
`;

/** A step of two batches. */
export const ACCUMULATING = `
data pairs {
  x[B, 4]
  batch = 4
}
model A: x[B, 4] -> y[B, 2] { return x -> dense(2) }
train on pairs {
  steps = 100, seed = 3, accumulate = 2
  step {
    loss = mean((A(x) - 1) ^ 2)
    minimize loss with adam(lr = 0.1)
  }
}
`;

export async function compileText(
  temporary: string,
  text: string,
  name: string,
): Promise<{ program: TrainerProgram; folder: string }> {
  const file = path.join(temporary, `${name}.net`);
  fs.writeFileSync(file, text);
  const folder = await compileInto(temporary, file, '--emit', 'cpu');
  return { folder, ...(await importTrainer<{ program: TrainerProgram }>(folder)) };
}
