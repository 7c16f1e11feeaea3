/**
 * Dynamic loss scaling: the update of scaled gradients by the interpreter and on a device. A step whose gradients are
 * finite is the plain update; one that is not changes no weight and no moment and halves the scale.
 */
import { describe, expect, it } from 'vitest';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { layoutSlabs } from '../../compiler/optimizer/slabs.ts';
import { buildUpdate, type UpdateProgram } from '../../compiler/optimizer/update.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import type { MinimizeProgram, ParameterDeclaration, StepProgram } from '../../compiler/semantics/program.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { difference, runGraphs } from '../support/run-graph.ts';

const SPAN = { file: 'test.net', line: 1, column: 1, endLine: 1, endColumn: 2 };
const LIMITS = { bindingBytes: 128 * 1024 * 1024, alignment: 256 };
const EMPTY = { name: 'empty', nodes: [], outputs: [] };
const lr = { type: 'constant' as const, value: 0.1 };
const FIRST = 65_536;

const parameter = (name: string, shape: number[]): ParameterDeclaration => ({
  name,
  shape,
  initializer: { kind: 'zeros' },
  span: SPAN,
});
const PARAMETERS = [parameter('a', [3, 5]), parameter('b', [70])];

const adam = (parameters: string[]): MinimizeProgram => ({
  parameters,
  transforms: [{ kind: 'clip_norm', limit: 0.5 }],
  optimizer: { kind: 'adamw', lr, betas: [0.9, 0.99], eps: 1e-6, decay: 0.1, decayed: parameters },
  span: SPAN,
});
const momentum = (parameters: string[]): MinimizeProgram => ({
  parameters,
  transforms: [{ kind: 'decay', rate: 0.1, parameters }],
  optimizer: { kind: 'sgd', lr, momentum: 0.9, nesterov: false },
  span: SPAN,
});

/** One `minimize` over all, and two that move a part each. */
const STEPS: Record<string, MinimizeProgram[]> = {
  'one optimizer': [adam(['a', 'b'])],
  'two optimizers': [adam(['a']), momentum(['b'])],
};

function updateOf(minimizes: MinimizeProgram[], lossScale: boolean): UpdateProgram {
  const step: StepProgram = { times: 1, train: EMPTY, evaluate: EMPTY, metrics: [], minimizes, span: SPAN };
  const layout = layoutSlabs({ parameters: PARAMETERS, steps: [step] }, LIMITS);
  const update = buildUpdate(step, 0, layout, { accumulate: false, lossScale })!;
  verifyGraph(update.graph);
  return update;
}

type States = Map<string, HostTensor>;

/** Weights, moments and gradients of some size; gradients times `scale`. */
function statesOf(update: UpdateProgram, scale: number): States {
  const states: States = new Map();
  for (const node of update.graph.nodes) {
    if (node.op !== 'state' || states.has(node.attributes.name)) continue;
    const { name } = node.attributes;
    const shape = node.type.shape as number[];
    const count = shape.reduce((n, d) => n * d, 1);
    const isGradient = name.startsWith('gradients');
    const value = (i: number): number => Math.fround(Math.abs(Math.sin(1 + i + name.length)) / 4);
    const data = Array.from({ length: count }, (_, i) => value(i) * (isGradient ? scale : 1));
    states.set(name, hostTensor(shape, name.startsWith('loss_scale') ? data.map(() => 0) : data));
  }
  return states;
}

const given = (update: UpdateProgram, states: States) =>
  environment({ states, scalars: new Map(update.scalars.map(({ name }) => [name, 0.1])) });

const number = (states: ReadonlyMap<string, HostTensor>, name: string): number =>
  states.get(name)?.data[0] ?? NaN;

/** Puts a value into the gradients of the last segment. */
function poison(states: States, value: number): void {
  const name = [...states.keys()].filter((each) => each.startsWith('gradients')).at(-1)!;
  states.get(name)!.data[3] = value;
}

describe.each(Object.entries(STEPS))('%s', (_name, minimizes) => {
  const plain = updateOf(minimizes, false);
  const scaled = updateOf(minimizes, true);

  it('moves as without a scale where gradients are finite', () => {
    const expected = interpret(plain.graph, given(plain, statesOf(plain, 1)));
    const found = interpret(scaled.graph, given(scaled, statesOf(scaled, FIRST)));
    for (const [name, tensor] of expected) expect(found.get(name), name).toEqual(tensor);
    expect(number(found, 'loss_scale:0')).toBe(FIRST);
    expect(number(found, 'loss_scale_steps:0')).toBe(1);
  });

  it.each([Infinity, -Infinity, NaN])('skips the step where a gradient is %s', (value) => {
    const states = statesOf(scaled, FIRST);
    poison(states, value);
    const found = interpret(scaled.graph, given(scaled, states));
    for (const name of found.keys()) {
      if (!name.startsWith('loss_')) expect(found.get(name)!.data, name).toEqual(states.get(name)!.data);
    }
    expect(number(found, 'loss_scale:0')).toBe(FIRST / 2);
    expect(number(found, 'loss_scale_steps:0')).toBe(0);
  });

  it('doubles the scale after 2,000 steps', () => {
    const states = statesOf(scaled, 1024);
    states.set('loss_scale:0', hostTensor([], [1024]));
    states.set('loss_scale_steps:0', hostTensor([], [1998]));
    const before = interpret(scaled.graph, given(scaled, states));
    expect(number(before, 'loss_scale:0')).toBe(1024);
    expect(number(before, 'loss_scale_steps:0')).toBe(1999);
    states.set('loss_scale_steps:0', hostTensor([], [1999]));
    const after = interpret(scaled.graph, given(scaled, states));
    expect(number(after, 'loss_scale:0')).toBe(2048);
    expect(number(after, 'loss_scale_steps:0')).toBe(0);
  });

  it('lets through what no scale can mend, so that the run ends by its loss', () => {
    const states = statesOf(scaled, 1);
    states.set('loss_scale:0', hostTensor([], [2 ** -16]));
    poison(states, NaN);
    const found = interpret(scaled.graph, given(scaled, states));
    const weights = [...found].filter(([name]) => name.startsWith('weights')).map(([, tensor]) => tensor);
    expect(weights.some(({ data }) => data.some(Number.isNaN))).toBe(true);
  });

  it.for([true, false])('does the same on a device, gradients finite: %s', async (finite, context) => {
    const { gpu } = await gpuOrSkip(context);
    const states = statesOf(scaled, FIRST);
    if (!finite) poison(states, Infinity);
    const graph = optimizeGraph(scaled.graph);
    const around = given(scaled, states);
    const expected = interpret(graph, around);
    for (const fuse of [true, false]) {
      const [found] = await runGraphs(gpu, [{ graph, environment: around, fuse }]);
      for (const [name, tensor] of expected) {
        expect(difference(found!.get(name)!, tensor, finite ? 2e-6 : 0), name).toBeUndefined();
      }
    }
  });
});
