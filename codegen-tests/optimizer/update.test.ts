import { describe, expect, it } from 'vitest';
import { CompileError } from '../../compiler/diagnostics.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { layoutSlabs, rangesOf } from '../../compiler/optimizer/slabs.ts';
import { UPDATE_RULES } from '../../compiler/optimizer/update-rules.ts';
import { buildAccumulate, buildUpdate } from '../../compiler/optimizer/update.ts';
import type {
  MinimizeProgram,
  Optimizer,
  ParameterDeclaration,
  StepProgram,
} from '../../compiler/semantics/program.ts';
import { referenceUpdate, type Memory } from './reference.ts';

const SPAN = { file: 'test.net', line: 1, column: 1, endLine: 1, endColumn: 2 };
const LIMITS = { bindingBytes: 128 * 1024 * 1024, alignment: 256 };
const EMPTY = { name: 'empty', nodes: [], outputs: [] };
const lr = (value: number) => ({ type: 'constant' as const, value });

/** Every optimizer, with numbers that are nobody's default. */
const OPTIMIZERS: { [K in Optimizer['kind']]: Extract<Optimizer, { kind: K }>[] } = {
  sgd: [
    { kind: 'sgd', lr: lr(0.1), momentum: 0, nesterov: false },
    { kind: 'sgd', lr: lr(0.1), momentum: 0.8, nesterov: false },
    { kind: 'sgd', lr: lr(0.1), momentum: 0.8, nesterov: true },
  ],
  adam: [
    { kind: 'adam', lr: lr(0.03), betas: [0.8, 0.95], eps: 1e-4 },
    { kind: 'adam', lr: lr(0.03), betas: [0, 0.9], eps: 1e-8 },
  ],
  adamw: [{ kind: 'adamw', lr: lr(0.03), betas: [0.8, 0.95], eps: 1e-4, decay: 0.3, decayed: ['a', 'c'] }],
  rmsprop: [{ kind: 'rmsprop', lr: lr(0.02), alpha: 0.9, eps: 1e-4 }],
  adagrad: [{ kind: 'adagrad', lr: lr(0.05), eps: 1e-6 }],
  adadelta: [{ kind: 'adadelta', lr: lr(0.9), rho: 0.85, eps: 1e-4 }],
  lion: [{ kind: 'lion', lr: lr(0.01), betas: [0.85, 0.95], decay: 0.2 }],
};

const parameter = (name: string, shape: number[]): ParameterDeclaration => ({
  name,
  shape,
  initializer: { kind: 'zeros' },
  span: SPAN,
});
const PARAMETERS = [parameter('a', [3, 5]), parameter('b', [7]), parameter('c', [70])];

function stepOf(minimizes: MinimizeProgram[]): StepProgram {
  return { times: 1, train: EMPTY, evaluate: EMPTY, metrics: [], minimizes, span: SPAN };
}

function minimizeOf(
  optimizer: Optimizer,
  transforms: MinimizeProgram['transforms'] = [],
  parameters = ['a', 'b', 'c'],
): MinimizeProgram {
  return { parameters, transforms, optimizer, span: SPAN };
}

const noise = (i: number, t: number): number => Math.sin(1 + 3.7 * i + 11.3 * t) * (1 + (i % 5));

/** Runs the update's graph for some steps; weights by parameter. */
function run(step: StepProgram, steps: number): Map<string, number[]> {
  const layout = layoutSlabs({ parameters: PARAMETERS, steps: [step] }, LIMITS);
  const update = buildUpdate(step, 0, layout, { accumulate: false })!;
  verifyGraph(update.graph);
  const states = new Map<string, HostTensor>();
  for (const node of update.graph.nodes)
    if (node.op === 'state') {
      const n = node.type.shape[0] as number;
      states.set(node.attributes.name, hostTensor([n], new Float64Array(n)));
    }
  for (const p of PARAMETERS) {
    const place = layout.places.get(p.name)!;
    const segment = layout.segments.find((s) => s.parameters.includes(p.name))!;
    const data = states.get(`weights:${segment.id}`)!.data;
    for (let i = 0; i < place.elements; i++)
      data[place.offset - segment.offset + i] = noise(i, place.elements);
  }
  for (let t = 1; t <= steps; t++) {
    for (const p of PARAMETERS) {
      const place = layout.places.get(p.name)!;
      const segment = layout.segments.find((s) => s.parameters.includes(p.name))!;
      const data = states.get(`gradients:${segment.id}`)!.data;
      for (let i = 0; i < place.elements; i++)
        data[place.offset - segment.offset + i] = noise(i + place.elements, t);
      // Of a second minimize the gradient is half of that.
      const other = states.get(`gradients:${segment.id}#1`)?.data;
      if (other) data.forEach((value, i) => (other[i] = value / 2));
    }
    const scalars = new Map(
      update.scalars.map(({ name, formula }): [string, number] => {
        if (formula.kind === 'bias_correction') return [name, 1 - formula.beta ** t];
        if (formula.kind === 'schedule' && formula.schedule.type === 'constant')
          return [name, formula.schedule.value / t];
        throw new Error(formula.kind);
      }),
    );
    for (const [name, value] of interpret(update.graph, environment({ states, scalars })))
      states.set(name, value);
  }
  const weights = new Map<string, number[]>();
  for (const p of PARAMETERS) {
    const place = layout.places.get(p.name)!;
    const segment = layout.segments.find((s) => s.parameters.includes(p.name))!;
    const start = place.offset - segment.offset;
    weights.set(p.name, [...states.get(`weights:${segment.id}`)!.data.slice(start, start + place.elements)]);
  }
  return weights;
}

/** The same by scalar loops; `prepare` transforms the gradients of all parameters of one step. */
function reference(
  optimizer: Optimizer,
  steps: number,
  prepare: (gradients: Map<string, number[]>, weights: Map<string, number[]>) => void = () => undefined,
): Map<string, number[]> {
  const sizes = PARAMETERS.map((p) => [p.name, p.shape.reduce((n, d) => n * d, 1)] as const);
  const weights = new Map(sizes.map(([name, n]) => [name, Array.from({ length: n }, (_, i) => noise(i, n))]));
  const memories = new Map<string, Memory>(sizes.map(([name]) => [name, {}]));
  const decayed = optimizer.kind === 'adamw' ? optimizer.decayed : [];
  for (let t = 1; t <= steps; t++) {
    const gradients = new Map(
      sizes.map(([name, n]) => [name, Array.from({ length: n }, (_, i) => noise(i + n, t))]),
    );
    prepare(gradients, weights);
    const rate = optimizer.lr.type === 'constant' ? optimizer.lr.value / t : NaN;
    for (const [name] of sizes)
      referenceUpdate(optimizer, weights.get(name)!, gradients.get(name)!, memories.get(name)!, t, rate, () =>
        decayed.includes(name),
      );
  }
  return weights;
}

function expectEqual(got: Map<string, number[]>, wanted: Map<string, number[]>): void {
  for (const [name, values] of wanted)
    values.forEach((value, i) => expect(got.get(name)![i], `${name}[${i}]`).toBeCloseTo(value, 10));
}

describe('update rules', () => {
  for (const kind of Object.keys(UPDATE_RULES) as Optimizer['kind'][])
    OPTIMIZERS[kind].forEach((optimizer, i) =>
      it(`${kind} ${i + 1} moves weights as PyTorch's formula does`, () => {
        expectEqual(run(stepOf([minimizeOf(optimizer)]), 5), reference(optimizer, 5));
      }),
    );
});

describe('two minimizes that move the same weights', () => {
  const halved = (gradients: Map<string, number[]>): void =>
    gradients.forEach((g) => g.forEach((v, i) => (g[i] = v / 2)));

  it('keep a state each, and their moves add up', () => {
    const [momentum, adam] = [OPTIMIZERS.sgd[1]!, OPTIMIZERS.adam[0]!];
    const got = run(stepOf([minimizeOf(momentum), minimizeOf(adam)]), 5);
    const [start, one, other] = [reference(adam, 0), reference(momentum, 5), reference(adam, 5, halved)];
    const sum = [...start].map(([name, values]): [string, number[]] => [
      name,
      values.map((value, i) => one.get(name)![i]! + other.get(name)![i]! - value),
    ]);
    expectEqual(got, new Map(sum));
  });

  it('both start from the weights before the step, also where they decay', () => {
    const [adamw, lion] = [OPTIMIZERS.adamw[0]!, OPTIMIZERS.lion[0]!];
    const got = run(stepOf([minimizeOf(adamw), minimizeOf(lion, [], ['b', 'c'])]), 1);
    const [start, one, other] = [reference(lion, 0), reference(adamw, 1), reference(lion, 1, halved)];
    const sum = [...start].map(([name, values]): [string, number[]] => [
      name,
      values.map((value, i) => one.get(name)![i]! + (name === 'a' ? 0 : other.get(name)![i]! - value)),
    ]);
    expectEqual(got, new Map(sum));
  });
});

describe('gradient transforms', () => {
  const sgd: Optimizer = { kind: 'sgd', lr: lr(0.1), momentum: 0, nesterov: false };

  it('clip_value clamps each entry', () => {
    const got = run(stepOf([minimizeOf(sgd, [{ kind: 'clip_value', limit: 0.4 }])]), 2);
    const clamp = (g: number[]): void => g.forEach((v, i) => (g[i] = Math.max(-0.4, Math.min(0.4, v))));
    expectEqual(
      got,
      reference(sgd, 2, (gradients) => gradients.forEach(clamp)),
    );
  });

  it.each([0.5, 1e6])('clip_norm(%f) scales by the norm over all that it moves', (limit) => {
    const got = run(stepOf([minimizeOf(sgd, [{ kind: 'clip_norm', limit }])]), 2);
    const wanted = reference(sgd, 2, (gradients) => {
      const all = [...gradients.values()].flat();
      const scale = Math.min(1, limit / (Math.hypot(...all) + 1e-6));
      gradients.forEach((g) => g.forEach((v, i) => (g[i] = v * scale)));
    });
    expectEqual(got, wanted);
  });

  it('decay adds λw to the weights it names, before what follows in the pipe', () => {
    const transforms: MinimizeProgram['transforms'] = [
      { kind: 'decay', rate: 0.3, parameters: ['b'] },
      { kind: 'clip_norm', limit: 0.7 },
    ];
    const wanted = reference(sgd, 3, (gradients, weights) => {
      gradients.get('b')!.forEach((g, i, list) => (list[i] = g + 0.3 * weights.get('b')![i]!));
      const scale = Math.min(1, 0.7 / (Math.hypot(...[...gradients.values()].flat()) + 1e-6));
      gradients.forEach((g) => g.forEach((v, i) => (g[i] = v * scale)));
    });
    expectEqual(run(stepOf([minimizeOf(sgd, transforms)]), 3), wanted);
  });
});

describe('slabs', () => {
  const adamw = OPTIMIZERS.adamw[0]!;

  it('puts decayed weights side by side, aligned, in one segment', () => {
    const layout = layoutSlabs({ parameters: PARAMETERS, steps: [stepOf([minimizeOf(adamw)])] }, LIMITS);
    expect(layout.segments.map((s) => s.parameters)).toEqual([['a', 'c', 'b']]);
    expect([...layout.places.values()].map((p) => p.offset)).toEqual([0, 64, 192]);
    expect(rangesOf(layout, layout.segments[0]!, ['a', 'c'])).toEqual([[0, 192]]);
    expect(rangesOf(layout, layout.segments[0]!, ['b'])).toEqual([[192, 256]]);
  });

  it('gives each minimize a segment of its own, and the unmoved another', () => {
    const steps = [stepOf([minimizeOf(adamw, [], ['c'])]), stepOf([minimizeOf(adamw, [], ['a'])])];
    const layout = layoutSlabs({ parameters: PARAMETERS, steps }, LIMITS);
    expect(layout.segments.map((s) => [s.parameters, s.owners])).toEqual([
      [['a'], ['1.0']],
      [['b'], []],
      [['c'], ['0.0']],
    ]);
  });

  it('gives a weight larger than a binding a slab of its own and a segment a piece', () => {
    const steps = [stepOf([minimizeOf(adamw)])];
    const limits = { bindingBytes: 300, bufferBytes: 600, alignment: 256 };
    const layout = layoutSlabs({ parameters: PARAMETERS, steps }, limits);
    const pieces = layout.segments.filter(({ parameters }) => parameters.join() === 'c');
    const slab = layout.places.get('c')!.slab;
    expect(pieces.map((piece) => [piece.slab, piece.offset, piece.elements])).toEqual([
      [slab, 0, 64],
      [slab, 64, 64],
    ]);
    expect(layout.segments.filter((segment) => segment.slab === slab)).toEqual(pieces);
    // Decay touches all of it, piece by piece.
    for (const piece of pieces) expect(rangesOf(layout, piece, ['c'])).toEqual([[0, 64]]);
    expect(new Set(layout.segments.map(({ id }) => id)).size).toBe(layout.segments.length);
  });

  it('opens another slab where one binding is full, and refuses a weight that fits in none', () => {
    const steps = [stepOf([minimizeOf(adamw)])];
    const layout = layoutSlabs({ parameters: PARAMETERS, steps }, { bindingBytes: 600, alignment: 256 });
    expect(layout.slabs).toEqual([64, 128, 64]);
    const tight = (): unknown =>
      layoutSlabs({ parameters: PARAMETERS, steps }, { bindingBytes: 300, alignment: 256 });
    expect(tight).toThrow(CompileError);
    expect(tight).toThrow('c');
  });
});

describe('accumulation', () => {
  it('adds the k-th part of the gradients', () => {
    const step = stepOf([minimizeOf(OPTIMIZERS.rmsprop[0]!)]);
    const layout = layoutSlabs({ parameters: PARAMETERS, steps: [step] }, LIMITS);
    const graph = buildAccumulate(step, 0, layout, 4);
    const n = layout.slabs[0]!;
    const states = new Map([
      ['accumulators:0', hostTensor([n], new Float64Array(n).fill(1))],
      ['gradients:0', hostTensor([n], new Float64Array(n).fill(2))],
    ]);
    expect([...interpret(graph, environment({ states })).get('accumulators:0')!.data]).toEqual(
      Array(n).fill(1.5),
    );
  });

  it('feeds the update from the accumulators', () => {
    const step = stepOf([minimizeOf(OPTIMIZERS.rmsprop[0]!)]);
    const layout = layoutSlabs({ parameters: PARAMETERS, steps: [step] }, LIMITS);
    const { graph } = buildUpdate(step, 0, layout, { accumulate: true })!;
    const states = graph.nodes.flatMap((node) => (node.op === 'state' ? [node.attributes.name] : []));
    expect(states).toEqual(['weights:0', 'accumulators:0', 'square:0.0:0']);
  });
});
