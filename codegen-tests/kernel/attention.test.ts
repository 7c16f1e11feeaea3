/**
 * The kernels of attention without the matrix of scores, on the host, on a processor and on a device, against the interpreter: values,
 * first and second derivatives, at lengths and widths that fill no tile.
 */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, castTo, reshapeTo, sumAll, withNumber } from '../../compiler/graph/convenience.ts';
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import type { DeviceClass } from '../../compiler/kernel/profile.ts';
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import { expandAttention } from '../../compiler/passes/expand-attention.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { tensorOf, uniforms } from '../ops/sample.ts';
import { gpuOrSkip, layoutOf, validateWgsl, validatingDevice } from '../support/gpu.ts';
import { accessOf } from '../support/kernels.ts';
import { difference, kernelsOf, lowered, runGraphs } from '../support/run-graph.ts';
import { runOnCpu } from '../support/run-graph-cpu.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered, type LoweredRun } from '../support/run-schedule.ts';

interface Given {
  readonly records?: Dimension;
  readonly heads?: number;
  /** Queries, keys, channels, channels of the values. */
  readonly sizes: readonly [number, number, number, number?];
  readonly causal?: boolean;
  readonly mask?: 'pairs' | 'keys';
  /** Queries, keys and values are thirds of one tensor. */
  readonly joined?: boolean;
  readonly order?: 0 | 1 | 2;
}

/** A graph of an attention and what is asked of it, and what its leaves read. */
function attention(given: Given): { graph: Graph; environment: Environment } {
  const { records = 2, heads = 2, sizes, causal = false, mask, joined = false, order = 1 } = given;
  const [queries, keys, channels, width = channels] = sizes;
  const b = new GraphBuilder('attention');
  const batch = typeof records === 'number' ? records : 3;
  const inputs = new Map<string, ReturnType<typeof tensorOf>>();
  const leaf = (name: string, shape: readonly number[], seed: number): number => {
    inputs.set(
      name,
      tensorOf([batch, ...shape], seed, (u) => 2 * u - 1),
    );
    return b.add('input', [], { name, storage: 'f32' }, { shape: [records, ...shape] });
  };
  const split = (x: number, third: number): number => {
    const part = b.add('slice', [x], {
      starts: [0, 0, third * heads * channels],
      limits: [records, queries, (third + 1) * heads * channels],
      steps: [1, 1, 1],
    });
    const parted = reshapeTo(b, part, [records, queries, heads, channels]);
    return b.add('transpose', [parted], { permutation: [0, 2, 1, 3] });
  };
  const whole = joined ? leaf('qkv', [queries, 3 * heads * channels], 1) : -1;
  const [q, k, v] = joined
    ? ([0, 1, 2].map((third) => split(whole, third)) as [number, number, number])
    : ([
        leaf('q', [heads, queries, channels], 1),
        leaf('k', [heads, keys, channels], 2),
        leaf('v', [heads, keys, width], 3),
      ] as const);
  const masks: number[] = [];
  if (mask) {
    const shape = mask === 'pairs' ? [queries, keys] : [1, 1, keys];
    const count = shape.reduce((n, d) => n * d, 1);
    // Of pairs the first query sees nothing.
    const allowed = uniforms(count, 9).map((u, i) => Number(u < 0.6 && (mask === 'keys' || i >= keys)));
    inputs.set('mask', hostTensor([1, ...shape], allowed, 'bool'));
    const node = b.add(
      'input',
      [],
      { name: 'mask', storage: 'u32' },
      { shape: [1, ...shape], dtype: 'bool' },
    );
    masks.push(mask === 'pairs' ? reshapeTo(b, node, shape) : node);
  }
  const result = b.add('attention', [q, k, v, ...masks], { scale: 1 / Math.sqrt(channels), causal });
  b.output('result', result, 'result');
  if (order > 0) {
    const bits = b.add('random_bits', [], { stream: 99 }, { shape: b.type(result).shape });
    const weights = withNumber(b, 'mul', castTo(b, bits, 'f32'), 2 ** -32);
    const loss = sumAll(b, binary(b, 'mul', result, weights));
    const variables = joined ? [whole] : [q, k, v];
    const first = variables.map((x) => b.add('gradient', [loss, x], {}));
    first.forEach((id, i) => b.output(`d${i}`, id, 'result'));
    if (order === 2) {
      const squares = first.map((id) => sumAll(b, binary(b, 'mul', id, id)));
      const penalty = squares.reduce((x, y) => binary(b, 'add', x, y));
      variables.forEach((x, i) => b.output(`dd${i}`, b.add('gradient', [penalty, x], {}), 'result'));
    }
  }
  return { graph: b.finish(), environment: environment({ batch, seed: 5, inputs }) };
}

const CLASSES_WITH_KERNELS: readonly DeviceClass[] = ['cpu', 'small', 'large'];

/** As it is compiled for a class. */
function prepared(graph: Graph, deviceClass: DeviceClass): Graph {
  const profile = classProfile(deviceClass);
  // Kernels of their own also where heads are so wide or so few that scores would be stored.
  const chosen = expandAttention(() => CLASSES_WITH_KERNELS.includes(deviceClass)).run(graph);
  return optimizeGraph(expandGradients(chosen), profile);
}

const CASES: Readonly<Record<string, Given>> = {
  // Its derivatives by q and k are zero.
  'one query, one key': { sizes: [1, 1, 16], order: 0 },
  'one query, three keys': { sizes: [1, 3, 16] },
  'three of each': { sizes: [3, 3, 16], causal: true },
  'whole tiles': { records: 1, heads: 1, sizes: [64, 64, 32] },
  'whole tiles, causal': { records: 1, heads: 1, sizes: [64, 64, 32], causal: true },
  'odd lengths, causal': { records: 1, heads: 1, sizes: [71, 71, 20], causal: true },
  'more keys than queries': { heads: 1, sizes: [5, 67, 16, 24] },
  'more queries than keys, causal': { heads: 1, sizes: [67, 5, 16, 24], causal: true },
  'more keys than queries, causal': { heads: 1, sizes: [35, 70, 16], causal: true },
  'wide heads': { records: 1, heads: 1, sizes: [33, 34, 72, 128] },
  // On a processor the queries are taken in several turns, with sums between.
  'many queries': { records: 1, heads: 1, sizes: [150, 30, 16], causal: true },
  'few queries at a time': { records: 1, heads: 1, sizes: [36, 1000, 16, 20] },
  'a mask of pairs': { heads: 1, sizes: [37, 41, 16], mask: 'pairs' },
  'a mask of keys, causal': { heads: 1, sizes: [37, 41, 16], mask: 'keys', causal: true },
  'thirds of one tensor': { heads: 3, sizes: [37, 37, 16], causal: true, joined: true },
  'any number of records': { records: BATCH, heads: 1, sizes: [5, 7, 16], order: 0 },
};

const kindsOf = ({ kernels }: LoweredRun): string[] =>
  kernels.filter(({ kind }) => kind === 'attention').map(({ ops }) => ops.join(' '));

describe.each(CLASSES_WITH_KERNELS)('on the host, class %s', (deviceClass) => {
  it.each(Object.entries(CASES))('%s', (_, given) => {
    const { graph, environment: leaves } = attention(given);
    const profile = classProfile(deviceClass);
    const run = expectLowered(prepared(graph, deviceClass), leaves, {
      profile,
      fuse: true,
      tolerance: 1e-5,
    });
    const one = 'attention_gradient';
    // With the mask, both kernels read seven tensors and write two results.
    const areApart = given.mask !== undefined && profile.storageBindings < 9;
    const inThreads = areApart ? [one, one, one] : [`${one} ${one}`, `mul reduce_sum ${one}`];
    const backward = deviceClass === 'cpu' ? [`${one} ${one} ${one}`] : inThreads;
    expect(kindsOf(run).sort()).toEqual(
      given.order === 0 ? ['attention'] : ['attention attention_lse', ...backward],
    );
  });
});

it.each(Object.entries(CASES))('in WebAssembly: %s', async (_, given) => {
  const { graph, environment: leaves } = attention(given);
  const job = { graph: prepared(graph, 'cpu'), environment: leaves, fuse: true };
  const { outputs } = await runOnCpu(job);
  for (const [name, expected] of interpret(job.graph, leaves))
    expect(difference(outputs.get(name) as Float64Array, expected, 1e-5), name).toBeUndefined();
});

it('has no shares of queries behind the last in WebAssembly, however large the scores', async () => {
  const b = new GraphBuilder('large scores');
  const shape = [1, 1, 5, 16];
  const inputs = new Map(
    ['q', 'k', 'v'].map((name, seed) => [
      name,
      tensorOf(shape, seed, (u) => (name === 'q' ? 1e35 : 1) * (1 + u)),
    ]),
  );
  const [q, k, v] = [...inputs.keys()].map((name) =>
    b.add('input', [], { name, storage: 'f32' }, { shape }),
  ) as [number, number, number];
  const result = b.add('attention', [q, k, v], { scale: 1, causal: true });
  const loss = sumAll(b, binary(b, 'mul', result, result));
  b.output('dv', b.add('gradient', [loss, v], {}), 'result');
  const leaves = environment({ inputs });
  const graph = prepared(b.finish(), 'cpu');
  const { outputs } = await runOnCpu({ graph, environment: leaves, fuse: true });
  const expected = interpret(graph, leaves).get('dv') as HostTensor;
  expect(difference(outputs.get('dv') as Float64Array, expected, 1e-5)).toBeUndefined();
});

/**
 * As it is compiled for a large device. A software driver takes about ten seconds over the kernel forward and minutes over
 * those backward, so that one is run here; `bench/gpu-attention.mjs` runs all of them on a GPU.
 */
it('has the values of the interpreter on a device', async (context) => {
  const { gpu } = await gpuOrSkip(context);
  const given: Given = { heads: 1, sizes: [35, 70, 16], causal: true, order: 0 };
  const { graph, environment: leaves } = attention(given);
  const profile = classProfile('large');
  const job = { graph: prepared(graph, 'large'), environment: leaves, fuse: true, profile };
  expect(kernelsOf(job).map(({ kind }) => kind)).toEqual(['attention']);
  const [results] = await runGraphs(gpu, [job]);
  for (const [name, expected] of interpret(job.graph, leaves))
    expect(difference(results?.get(name) as Float64Array, expected, 1e-5)).toBeUndefined();
});

it.for(['small', 'large'] as const)(
  'is WGSL within the limits that class %s asks for',
  async (deviceClass, context) => {
    const profile = classProfile(deviceClass);
    const device = await validatingDevice(context, profile);
    for (const given of Object.values(CASES)) {
      const { graph, environment: leaves } = attention(given);
      const { kernels } = lowered({
        graph: prepared(graph, deviceClass),
        environment: leaves,
        fuse: true,
        profile,
      });
      for (const kernel of kernels.filter(({ kind }) => kind === 'attention')) {
        const access = accessOf(kernel);
        const shader = kernelToWgsl(kernel, { access, scalars: [], batch: leaves.batch, profile });
        expect(await validateWgsl(shader.code, layoutOf({ ...shader, access }), device)).toEqual([]);
      }
    }
  },
);

it('has second derivatives, of what it is in primitives', () => {
  for (const sizes of [
    [3, 5, 16],
    [33, 7, 16],
  ] as const) {
    const { graph, environment: leaves } = attention({ records: 1, heads: 1, sizes, causal: true, order: 2 });
    const expanded = prepared(graph, 'large');
    expectLowered(expanded, leaves, { profile: classProfile('large'), fuse: true, tolerance: 1e-4 });
    const inPrimitives = interpret(prepared(graph, 'software'), leaves);
    const found = interpret(expanded, leaves);
    expect([...found.keys()]).toEqual([...inPrimitives.keys()]);
    expect(found.size).toBe(7);
    for (const [name, expected] of inPrimitives)
      expect(difference((found.get(name) as HostTensor).data, expected, 1e-9), name).toBeUndefined();
  }
});
