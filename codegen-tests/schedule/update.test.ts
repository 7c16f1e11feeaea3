/** The optimizers' updates: one kernel, in place, and the numbers of the interpreter. */
import { describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { layoutSlabs } from '../../compiler/optimizer/slabs.ts';
import { buildAccumulate, buildUpdate } from '../../compiler/optimizer/update.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import type {
  GradientTransform,
  MinimizeProgram,
  Optimizer,
  StepProgram,
} from '../../compiler/semantics/program.ts';
import { tensorOf } from '../ops/sample.ts';
import { expectLowered } from '../support/run-schedule.ts';

const SPAN = { file: 'test.net', line: 1, column: 1, endLine: 1, endColumn: 2 };
const EMPTY = { name: 'empty', nodes: [], outputs: [] };
const PARAMETERS = (
  [
    ['a', [3, 5]],
    ['b', [7]],
    ['c', [70]],
  ] as const
).map(([name, shape]) => ({ name, shape: [...shape], initializer: { kind: 'zeros' as const }, span: SPAN }));
const lr = { type: 'constant' as const, value: 0.1 };

const OPTIMIZERS: readonly Optimizer[] = [
  { kind: 'sgd', lr, momentum: 0, nesterov: false },
  { kind: 'sgd', lr, momentum: 0.8, nesterov: true },
  { kind: 'adam', lr, betas: [0.8, 0.95], eps: 1e-4 },
  { kind: 'adamw', lr, betas: [0.8, 0.95], eps: 1e-4, decay: 0.3, decayed: ['a', 'c'] },
  { kind: 'rmsprop', lr, alpha: 0.9, eps: 1e-4 },
  { kind: 'adagrad', lr, eps: 1e-6 },
  { kind: 'adadelta', lr, rho: 0.85, eps: 1e-4 },
  { kind: 'lion', lr, betas: [0.85, 0.95], decay: 0.2 },
];

function stepOf(minimizes: readonly MinimizeProgram[]): StepProgram {
  return { times: 1, train: EMPTY, evaluate: EMPTY, metrics: [], minimizes: [...minimizes], span: SPAN };
}

const layoutOf = (step: StepProgram) =>
  layoutSlabs({ parameters: PARAMETERS, steps: [step] }, { bindingBytes: 2 ** 27, alignment: 256 });

function updateOf(optimizer: Optimizer, transforms: GradientTransform[]): Graph {
  const step = stepOf([{ parameters: ['a', 'b', 'c'], transforms, optimizer, span: SPAN }]);
  const update = buildUpdate(step, 0, layoutOf(step), { accumulate: false });
  if (!update) throw new Error('no update');
  return optimizeGraph(update.graph);
}

/** Old values of every state (moments are not negative) and a number for every scalar. */
function stateOf(graph: Graph): Environment {
  const states = new Map<string, HostTensor>();
  const scalars = new Map<string, number>();
  for (const { op, attributes, type } of graph.nodes) {
    if (op === 'scalar') scalars.set(attributes.name, 0.3);
    if (op !== 'state') continue;
    const size = type.shape[0] as number;
    const { data } = tensorOf([size], states.size);
    const moment = !/^(weights|gradients|accumulators)/.test(attributes.name);
    states.set(attributes.name, hostTensor([size], moment ? data.map(Math.abs) : data));
  }
  return environment({ states, scalars });
}

describe.each(OPTIMIZERS)('$kind', (optimizer) => {
  it('is one kernel that reads and overwrites weights and moments', () => {
    const graph = updateOf(optimizer, []);
    const { kernels } = expectLowered(graph, stateOf(graph), { tolerance: 4e-6, fuse: true });
    expect(kernels).toHaveLength(1);
    const [kernel] = kernels;
    expect(kernel?.vectorWidth).toBe(4);
    const overwritten = kernel?.bindings.filter((binding) => binding.writes) ?? [];
    expect(overwritten.map(({ tensor }) => (tensor.kind === 'named' ? tensor.name : ''))).toEqual(
      expect.arrayContaining(graph.outputs.map(({ name }) => name)),
    );
    const weights = overwritten.find(
      ({ tensor }) => tensor.kind === 'named' && tensor.name.startsWith('weights'),
    );
    expect(weights).toMatchObject({ reads: true, writes: true, width: 4 });
  });

  it('clips and decays on the way', () => {
    const graph = updateOf(optimizer, [
      { kind: 'clip_value', limit: 1.5 },
      { kind: 'clip_norm', limit: 2 },
      { kind: 'decay', rate: 0.1, parameters: ['b'] },
    ]);
    const { kernels } = expectLowered(graph, stateOf(graph), { tolerance: 4e-6, fuse: true });
    expect(kernels.at(-1)?.phase).toBe('update');
    const writing = kernels.filter((kernel) => kernel.bindings.some(({ tensor, writes }) => writes && tensor.kind === 'named')); // prettier-ignore
    expect(writing).toHaveLength(1);
  });

  it('is cut where there are too few bindings', () => {
    const graph = updateOf(optimizer, []);
    const bindings =
      expectLowered(graph, stateOf(graph), { tolerance: 4e-6, fuse: true }).kernels[0]?.bindings.length ?? 0;
    const profile = { ...DEFAULT_PROFILE, storageBindings: 4 };
    const { kernels } = expectLowered(graph, stateOf(graph), { tolerance: 4e-6, fuse: true, profile });
    expect(kernels.length).toBe(bindings > 4 ? 2 : 1);
  });
});

it('adds gradients into accumulators in place', () => {
  const [sgd] = OPTIMIZERS as [Optimizer];
  const step = stepOf([{ parameters: ['a', 'b', 'c'], transforms: [], optimizer: sgd, span: SPAN }]);
  const graph = optimizeGraph(buildAccumulate(step, 0, layoutOf(step), 4));
  const { kernels } = expectLowered(graph, stateOf(graph), { fuse: true });
  expect(kernels.map((kernel) => kernel.bindings.length)).toEqual([2]);
});
