/**
 * A program under study: its text elaborated, and what its leaves are given. In: the text and a seed. Out: graphs, and
 * the same weights and records for every target. A text with one step is a gradient alone; one with more trains, and
 * is evaluated on other numbers of records.
 */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { expandAllAttention } from '../../compiler/passes/expand-attention.ts';
import type { Program, StepProgram } from '../../compiler/semantics/program.ts';
import { initialize } from '../../runtime/train/initialize.ts';
import { random } from '../semantics/calculating.ts';
import { elaborateText } from '../semantics/elaborating.ts';

export interface Study {
  readonly seed: number;
  readonly text: string;
  readonly program: Program;
  readonly step: StepProgram;
  /** The step differentiated. */
  readonly gradient: Graph;
  /** The step in evaluation mode. */
  readonly evaluation: Graph;
  readonly batch: number;
  readonly steps: number;
  /** Records of each evaluation after training. */
  readonly counts: readonly number[];
}

/** Throws what the compiler throws. */
export function studyOf(text: string, seed: number): Study {
  const program = elaborateText(text);
  const [step] = program.steps;
  if (!step) throw new Error('a random program has one step');
  const batch = program.data?.batch ?? 1;
  const steps = program.training?.steps ?? 1;
  // Attention as every target can compute it, so that all its roundings are studied.
  const expanded = (graph: Graph): Graph => expandGradients(expandAllAttention.run(graph));
  const [gradient, evaluation] = [expanded(step.train), expanded(step.evaluate)];
  const counts = steps === 1 ? [] : [...new Set([1, Math.ceil(batch / 2), batch])];
  return { seed, text, program, step, gradient, evaluation, batch, steps, counts };
}

/** Weights in [-1, 1), the same for the same names and shapes. */
export const weightsOf = ({ program, seed }: Study): Map<string, HostTensor> =>
  new Map(program.parameters.map(({ name, shape }) => [name, random(shape, hash(`${seed} ${name}`))]));

export const statesOf = ({ program }: Study): Map<string, HostTensor> =>
  new Map(program.states.map((state) => [state.name, hostTensor(state.shape, [...initialize(state, SEED)])]));

/** The records of a step, or the first of them: floats in [-1, 1), whole numbers below 8. */
export function recordsOf({ program, seed }: Study, step: number, count: number): Map<string, HostTensor> {
  const fields = program.data?.fields ?? [];
  return new Map(
    fields.map(({ name, shape, storage }): [string, HostTensor] => {
      const { data } = random([count, ...shape], hash(`${seed} ${step} ${name}`));
      if (storage === 'f32') return [name, hostTensor([count, ...shape], [...data])];
      const whole = [...data].map((value) => Math.floor((value + 1) * 4));
      return [name, hostTensor([count, ...shape], whole, 'u32')];
    }),
  );
}

/** What a step or an evaluation reads. */
export function environmentOf(
  study: Study,
  step: number,
  count: number,
  stored: Pick<Environment, 'parameters' | 'states'>,
): Environment {
  const inputs = recordsOf(study, step, count);
  return environment({ batch: count, seed: SEED, draw: step, inputs, ...stored });
}

/** Of the random numbers. */
export const SEED = 7;

function hash(text: string): number {
  let value = 7;
  for (const character of text) value = (Math.imul(value, 31) + character.charCodeAt(0)) >>> 0;
  return value % 100_003;
}
