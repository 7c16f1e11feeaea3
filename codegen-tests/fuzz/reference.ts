/**
 * What a program must give, in double precision: the interpreter's losses, gradients, states and evaluations, weights
 * moved by the scalar loops of `optimizer/reference.ts`. In: a study, how nodes are evaluated. Out: tensors by name.
 */
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { evaluateNode, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph, Node } from '../../compiler/graph/ir.ts';
import type { MinimizeProgram } from '../../compiler/semantics/program.ts';
import { learningRate } from '../../runtime/train/schedules.ts';
import { referenceUpdate, type Memory } from '../optimizer/reference.ts';
import { environmentOf, statesOf, weightsOf, type Study } from './study.ts';

export type Outcome = ReadonlyMap<string, HostTensor>;

/** Evaluates nodes of graphs, and passes on what is stored between steps. */
export interface Arithmetic {
  readonly node: (node: Node, values: readonly HostTensor[], given: Environment) => HostTensor;
  readonly stored: (tensor: HostTensor) => HostTensor;
}

const EXACT: Arithmetic = { node: evaluateNode, stored: (tensor) => tensor };

type Tensors = Map<string, HostTensor>;

/** Names: `loss 1`, `gradient p.w0` (of the first step), and after training `weight …`, `state …`, `evaluation of 3`. */
export function calculate(study: Study, arithmetic: Arithmetic = EXACT): Outcome {
  const found: Tensors = new Map();
  const [weights, states] = [weightsOf(study), statesOf(study)];
  const memories = study.step.minimizes.map(() => new Map<string, Memory>());
  for (let s = 0; s < study.steps; s++) {
    const given = environmentOf(study, s, study.batch, {
      parameters: new Map(weights),
      states: new Map(states),
    });
    const gradients: Tensors = new Map();
    for (const { role, name, tensor } of outputsOf(study.gradient, given, arithmetic)) {
      if (role === 'result' && name === 'loss') found.set(`loss ${s + 1}`, tensor);
      if (role === 'gradient') gradients.set(name, tensor);
      if (role === 'state') states.set(name, arithmetic.stored(tensor));
    }
    if (s === 0) gradients.forEach((tensor, name) => found.set(`gradient ${name}`, tensor));
    if (study.steps === 1) continue;
    study.step.minimizes.forEach((minimize, i) => {
      move({
        minimize,
        weights,
        gradients,
        memories: memories[i] ?? new Map<string, Memory>(),
        s,
        steps: study.steps,
      });
      for (const name of minimize.parameters) {
        const weight = weights.get(name);
        if (weight) weights.set(name, arithmetic.stored(weight));
      }
    });
  }
  if (study.steps === 1) return found;
  for (const name of study.step.minimizes.flatMap(({ parameters }) => parameters))
    found.set(`weight ${name}`, tensorAt(weights, name));
  for (const [name, tensor] of states) found.set(`state ${name}`, tensor);
  for (const count of study.counts) {
    const given = environmentOf(study, study.steps, count, { parameters: weights, states });
    for (const { name, tensor } of outputsOf(study.evaluation, given, arithmetic))
      if (name === 'loss') found.set(`evaluation of ${count}`, tensor);
  }
  return found;
}

function outputsOf(graph: Graph, given: Environment, { node: evaluate }: Arithmetic) {
  const values: HostTensor[] = [];
  for (const node of graph.nodes) values.push(evaluate(node, values, given));
  return graph.outputs.map(({ role, name, value }) => {
    const tensor = values[value];
    if (!tensor) throw new Error(`no value for ${name}`);
    return { role, name, tensor };
  });
}

function tensorAt(tensors: Tensors, name: string): HostTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`nothing is called ${name}`);
  return tensor;
}

interface Move {
  readonly minimize: MinimizeProgram;
  readonly weights: Tensors;
  readonly gradients: Tensors;
  readonly memories: Map<string, Memory>;
  readonly s: number;
  readonly steps: number;
}

/** One update: the transforms in their order, then the optimizer (LANGUAGE.md section 5). */
function move({ minimize, weights, gradients, memories, s, steps }: Move): void {
  const { parameters, transforms, optimizer } = minimize;
  const given = new Map(parameters.map((name) => [name, [...tensorAt(gradients, name).data]]));
  for (const transform of transforms) {
    // PyTorch's clip_grad_norm_.
    const norm = Math.hypot(...[...given.values()].flat());
    for (const [name, gradient] of given) {
      const { data } = tensorAt(weights, name);
      gradient.forEach((g, i) => {
        switch (transform.kind) {
          case 'clip_value':
            gradient[i] = Math.max(-transform.limit, Math.min(transform.limit, g));
            break;
          case 'clip_norm':
            gradient[i] = g * Math.min(1, transform.limit / (norm + 1e-6));
            break;
          case 'decay':
            if (transform.parameters.includes(name)) gradient[i] = g + transform.rate * (data[i] ?? NaN);
            break;
          default:
            transform satisfies never;
        }
      });
    }
  }
  const lr = learningRate(optimizer.lr, { run: s, runs: steps, runsPerEpoch: steps });
  for (const [name, gradient] of given) {
    const weight = tensorAt(weights, name);
    const moved = [...weight.data];
    const memory = memories.get(name) ?? {};
    memories.set(name, memory);
    const isDecayed = optimizer.kind === 'adamw' ? optimizer.decayed.includes(name) : false;
    referenceUpdate(optimizer, moved, gradient, memory, s + 1, lr, () => isDecayed);
    weights.set(name, hostTensor(weight.shape, moved));
  }
}
