/**
 * Runs a graph through schedule and lowering on the host evaluator, and holds it against the interpreter. In:
 * a graph of primitives and what its leaves read. Out: kernels, and named tensors and results after the run.
 */
import { expect } from 'vitest';
import { elementsAt } from '../../compiler/graph/dimension.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { interpretNodes, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph, GraphOutput } from '../../compiler/graph/ir.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { DEFAULT_PROFILE, type TargetProfile } from '../../compiler/kernel/profile.ts';
import { verifyKernel } from '../../compiler/kernel/verify.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import { layOutScans } from '../../compiler/passes/lay-out-scans.ts';
import { outputName } from '../../compiler/schedule/homes.ts';
import type { Schedule } from '../../compiler/schedule/schedule.ts';
import { evaluateKernel, place, type Memory } from './evaluate-kernel.ts';

export interface LoweredRun {
  /** With its scans laid out. */
  readonly graph: Graph;
  readonly schedule: Schedule;
  readonly kernels: readonly Kernel[];
  /** By place: `named:w`, `value:12`. */
  readonly tensors: ReadonlyMap<string, Float64Array>;
}

export interface RunOptions {
  /** The largest batch; the environment's is the one at hand. */
  readonly batch?: number;
  readonly profile?: TargetProfile;
  readonly fuse?: boolean;
}

export function runLowered(given: Graph, environment: Environment, options: RunOptions = {}): LoweredRun {
  const graph = layOutScans(given);
  const profile = options.profile ?? DEFAULT_PROFILE;
  const batch = options.batch ?? environment.batch;
  const schedule = buildSchedule(graph, { fuse: options.fuse ?? false, profile, batch });
  const kernels = schedule.groups.map((group) => lowerGroup(graph, group, { profile, batch }));
  const memory: Memory = { ...environment, tensors: leaves(environment) };
  for (const kernel of kernels) {
    verifyKernel(kernel);
    expect(kernel.bindings.length, printKernel(kernel)).toBeLessThanOrEqual(profile.storageBindings);
    allocate(graph, kernel, memory);
  }
  for (const { kernel, turns } of inOrder(kernels, schedule.loops)) {
    try {
      evaluateKernel(kernel, memory, turns);
    } catch (error) {
      throw new Error(`${String(error)}\n${printKernel(kernel)}`, { cause: error });
    }
  }
  return { graph, schedule, kernels, tensors: memory.tensors };
}

/** Every dispatch with the numbers of its turns, from the outermost loop inwards, loops run through. */
export function inOrder<K>(
  kernels: readonly K[],
  loops: Schedule['loops'],
): readonly { kernel: K; turns: readonly number[] }[] {
  const dispatches: { kernel: K; turns: readonly number[] }[] = [];
  const run = (from: number, to: number, inside: Schedule['loops'], turns: readonly number[]): void => {
    for (let at = from; at <= to;) {
      const loop = inside.find(({ first }) => first === at);
      if (!loop) dispatches.push({ kernel: kernels[at++] as K, turns });
      else {
        const rest = inside.slice(inside.indexOf(loop) + 1);
        for (let turn = 0; turn < loop.turns; turn++) run(at, loop.last, rest, [...turns, turn]);
        at = loop.last + 1;
      }
    }
  };
  run(0, kernels.length - 1, loops, []);
  return dispatches;
}

/** Copies of the leaves' tensors: kernels overwrite some of them. */
function leaves({ parameters, states, inputs }: Environment): Map<string, Float64Array> {
  const all = [...parameters, ...states, ...inputs];
  return new Map(all.map(([name, tensor]) => [`named:${name}`, tensor.data.slice()]));
}

/** Tensors that are written for the first time start as NaN, so that an element left out is seen. */
function allocate(graph: Graph, kernel: Kernel, memory: Memory): void {
  for (const { tensor } of kernel.bindings) {
    const key = place(tensor);
    if (memory.tensors.has(key)) continue;
    const id =
      tensor.kind === 'value'
        ? tensor.value
        : graph.outputs.find((o) => outputName(o) === tensor.name)?.value;
    const node = graph.nodes[id ?? -1];
    if (!node) throw new Error(`nothing tells the size of ${key}`);
    memory.tensors.set(key, new Float64Array(elementsAt(node.type.shape, memory.batch)).fill(NaN));
  }
}

export interface Comparison extends RunOptions {
  /** Of the largest magnitude in the tensor. */
  readonly tolerance?: number;
}

/** Every output of the lowered graph against the interpreter's. Returns the run for further questions. */
export function expectLowered(graph: Graph, environment: Environment, options: Comparison = {}): LoweredRun {
  const run = runLowered(graph, environment, options);
  const values = interpretNodes(graph, environment);
  for (const [i, output] of run.graph.outputs.entries()) {
    const expected = values[graph.outputs[i]?.value ?? -1] as HostTensor;
    expectClose(outputOf(run, output), expected, options.tolerance ?? 2e-6, () => describeRun(run, output));
  }
  return run;
}

export function outputOf(run: LoweredRun, output: GraphOutput): Float64Array {
  const name = outputName(output);
  const found = run.tensors.get(name === undefined ? `value:${output.value}` : `named:${name}`);
  if (!found) throw new Error(`output ${output.name} is nowhere`);
  return found;
}

const describeRun = (run: LoweredRun, output: GraphOutput): string =>
  `${output.role} ${output.name}\n${run.kernels.map(printKernel).join('\n')}`;

/** NaN where NaN is due, infinities equal, numbers within `tolerance` of the largest magnitude. */
export function expectClose(
  actual: Float64Array,
  expected: HostTensor,
  tolerance: number,
  message: () => string,
): void {
  expect(actual.length, message()).toBe(expected.data.length);
  const exact = expected.dtype !== 'f32';
  let largest = 0;
  for (const value of expected.data) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  expected.data.forEach((value, i) => {
    const found = actual[i] as number;
    const near = Math.abs(found - value) <= (exact ? 0 : tolerance * largest);
    if (!near && !Object.is(found + 0, value + 0)) {
      throw new Error(`element ${i} is ${found}, not ${value}\n${message()}`);
    }
  });
}
