/**
 * A small training run twice: by the interpreter in double precision with gradient descent written out here, and
 * by the compiled program on a device. In: a program whose every `minimize` is plain `sgd` with a constant rate,
 * whose data is fed in file order, and the records. Out: losses, evaluations, weights and states, to be compared.
 */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { elementCount, hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import { compile } from '../../compiler/index.ts';
import { gradientOutput, type StepProgram } from '../../compiler/semantics/program.ts';
import { decodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import type { Dataset } from '../../runtime/data/dataset.ts';
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import type { TrainEvent } from '../../runtime/train/events.ts';
import { train } from '../../runtime/train/train.ts';
import { initialize } from '../../runtime/train/initialize.ts';
import { profileOn } from '../support/profiles.ts';

/** Records by column, all f32; the first `valid` records of each are evaluated as well. */
export interface Records {
  readonly columns: Readonly<Record<string, HostTensor>>;
  readonly valid?: number;
}

export interface Trained {
  /** In the order of the steps. */
  readonly losses: number[];
  /** `loss` of the split `valid`, in order. */
  readonly evaluations: number[];
  /** Weights, states and averages as a file holds them. */
  readonly saved: ReadonlyMap<string, readonly number[]>;
}

type Values = Map<string, HostTensor>;

const part = ({ shape, data }: HostTensor, from: number, count: number): HostTensor => {
  const size = elementCount(shape.slice(1));
  return hostTensor([count, ...shape.slice(1)], [...data.subarray(from * size, (from + count) * size)]);
};

export interface Reference extends Trained {
  readonly weights: Values;
  readonly states: Values;
}

/** One run of a step: what moves is moved by its rate. `after` sees the weights when a step is done. */
export function trainByInterpreter(
  text: string,
  { columns }: Records,
  count: number,
  after: (weights: Values, step: number) => void = () => undefined,
): Reference {
  const { program } = compile({ file: 'test.net', text });
  const seed = program.training?.seed ?? 0;
  const batch = program.data?.batch ?? 1;
  const weights: Values = new Map(
    program.parameters.map((p) => [p.name, hostTensor(p.shape, [...initialize(p, seed)])]),
  );
  const states: Values = new Map(
    program.states.map((s) => [s.name, hostTensor(s.shape, [...initialize(s, seed)])]),
  );
  const records = Object.values(columns)[0]?.shape[0] ?? 0;
  const perEpoch = Math.floor(records / batch);
  const turns = program.steps.flatMap((step) => new Array<StepProgram>(step.times).fill(step));
  const losses: number[] = [];
  for (let s = 0; s < count; s += 1) {
    const step = turns[s % turns.length];
    if (!step) throw new Error('no step');
    const inputs = new Map(
      Object.entries(columns).map(([name, all]) => [name, part(all, (s % perEpoch) * batch, batch)]),
    );
    const given = environment({ batch, seed, draw: s, parameters: weights, states, inputs });
    const found = interpret(withRoles(expandGradients(step.train)), given);
    losses.push(found.get('result loss')?.data[0] ?? NaN);
    for (const name of states.keys()) {
      const value = found.get(`state ${name}`);
      if (value) states.set(name, value);
    }
    const movers = new Map<string, number>();
    for (const { parameters, optimizer } of step.minimizes) {
      if (optimizer.kind !== 'sgd' || optimizer.lr.type !== 'constant') throw new Error('not plain sgd');
      const rate = optimizer.lr.value;
      for (const name of parameters) {
        const mover = movers.get(name) ?? 0;
        movers.set(name, mover + 1);
        const output = gradientOutput(name, mover);
        const [weight, gradient] = [weights.get(name), found.get(`gradient ${output}`)];
        if (!weight || !gradient) throw new Error(`no gradient of ${name}`);
        const moved = weight.data.map((w, i) => w - rate * (gradient.data[i] ?? NaN));
        weights.set(name, hostTensor(weight.shape, [...moved]));
      }
    }
    after(weights, s + 1);
  }
  const saved = new Map([...weights, ...states].map(([name, { data }]) => [name, [...data]]));
  return { losses, evaluations: [], saved, weights, states };
}

/** Names of outputs with their roles in front: a gradient has the name of its weight. */
function withRoles(graph: ReturnType<typeof expandGradients>): ReturnType<typeof expandGradients> {
  const outputs = graph.outputs.map((output) => ({ ...output, name: `${output.role} ${output.name}` }));
  return { ...graph, outputs };
}

/** The loss of the first records in evaluation mode, all in one batch. */
export function evaluateByInterpreter(
  text: string,
  { columns, valid = 0 }: Records,
  { weights, states }: { weights: Values; states: Values },
): number {
  const { program } = compile({ file: 'test.net', text });
  const [step] = program.steps;
  if (!step) throw new Error('no step');
  const inputs = new Map(Object.entries(columns).map(([name, all]) => [name, part(all, 0, valid)]));
  const given = environment({ batch: valid, parameters: weights, states, inputs });
  return interpret(step.evaluate, given).get('loss')?.data[0] ?? NaN;
}

/** The same on a device, with the weights written at the end. */
export async function trainOnDevice(
  text: string,
  { columns, valid = 0 }: Records,
  device: ProgramDevice,
  steps: number,
): Promise<Trained & { readonly files: ReadonlyMap<string, Uint8Array> }> {
  const { listing } = compile({ file: 'test.net', text }, { profile: profileOn(device) });
  const records = Object.values(columns)[0]?.shape[0] ?? 0;
  const dataset: Dataset = {
    splits: new Map([['train', records], ...(valid > 0 ? [['valid', valid] as const] : [])]),
    copy(_split, field, chosen, target) {
      const all = columns[field];
      if (!all) throw new Error(`no column ${field}`);
      const size = elementCount(all.shape.slice(1));
      const view = new Float32Array(target.buffer, target.byteOffset, chosen.length * size);
      chosen.forEach((record, i) =>
        view.set(all.data.subarray(record * size, (record + 1) * size), i * size),
      );
    },
  };
  const events: TrainEvent[] = [];
  const files = new Map<string, Uint8Array>();
  await train({
    listing,
    device,
    dataset,
    seed: listing.training?.seed ?? 0,
    compileSeconds: 0,
    emit: (event) => events.push(event),
    logEvery: 1,
    maxSteps: steps,
    finalPath: 'weights.safetensors',
    writeFile: (path, bytes) => {
      files.set(path, bytes);
      return Promise.resolve();
    },
  });
  const saved = new Map<string, readonly number[]>();
  const bytes = files.get('weights.safetensors');
  if (bytes) for (const { name, data } of decodeSafetensors(bytes, 'w').tensors) saved.set(name, [...data]);
  const lossesOf = (kind: 'step' | 'eval'): number[] =>
    events.flatMap((event) => (event.event === kind ? [Number(event['loss'])] : []));
  return { losses: lossesOf('step'), evaluations: lossesOf('eval'), saved, files };
}

/** Differences above `tolerance` times the largest magnitude, in words. */
export function differences(
  found: readonly number[],
  due: readonly number[],
  tolerance: number,
  what: string,
): string[] {
  if (found.length !== due.length) return [`${what}: ${found.length} values, ${due.length} are due`];
  const scale = Math.max(1e-3, ...due.map(Math.abs));
  return found.flatMap((value, i) =>
    Math.abs(value - (due[i] ?? NaN)) <= tolerance * scale
      ? []
      : [`${what} ${i}: ${value}, ${due[i]} is due`],
  );
}
