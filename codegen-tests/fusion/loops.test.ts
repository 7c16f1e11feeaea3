/** The turns of loops over time: how many kernels one takes, what is left outside of them, and that the values stay. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import { compile } from '../../compiler/index.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import type { Command, Routine } from '../../runtime/plan-format.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { uniforms } from '../ops/sample.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';

const CLASSES = ['software', 'small', 'large', 'cpu'] as const;

/** Layers from x[B, T, D] to [B, T, U], those of the library and loops by hand. */
const LAYERS: Readonly<Record<string, string>> = {
  rnn: 'rnn(U)',
  lstm: 'lstm(U)',
  'lstm, backward in time': 'lstm(U, reverse = true)',
  gru: 'gru(U)',
  'minimal gated unit': 'minimal(U)',
  'leaky integrator': 'leaky(U)',
  'fast weights': 'fast(U)',
};

const program = (layer: string, sizes = { B: 4, T: 5, D: 3, U: 8 }): string => `
let U = ${sizes.U}
layer minimal(U: int): x[B, T, D] -> [B, T, U] {
  param Wx[D, 2 * U] = glorot(), Wh[U, 2 * U] = orthogonal(), b[2 * U] = zeros()
  scan xt in x along T, h[B, U] = zeros() {
    (f, n) = split(xt @ Wx + h @ Wh + b, 2)
    h = h + sigmoid(f) * (tanh(n) - h)
    emit h
  }
}
layer leaky(U: int): x[B, T, D] -> [B, T, U] {
  param Wx[D, U] = glorot(), Wh[U, U] = orthogonal(), rate[U] = ones()
  scan xt in 2 * x + 1 along T, h[B, U] = ones() {
    h = h + sigmoid(rate) * (tanh(xt @ Wx + h @ Wh) - h)
    emit h * xt[:, :1]
  }
}
layer fast(U: int): x[B, T, D] -> [B, T, U] {
  param W[D, U] = glorot(), rate[D] = ones()
  scan xt in x along T, h[D, D] = ones() {
    h = tanh(sigmoid(xt * rate).T @ (xt @ h))
    emit (xt @ h) @ W
  }
}
data d {
  x[B, ${sizes.T}, ${sizes.D}]
  y[B] u32
  batch = ${sizes.B}
}
model net: x[B, T, D] -> [B, 2] {
  h = x -> cell: ${LAYERS[layer]}
  return h[:, -1] + mean(h, axis = 1) -> head: dense(2)
}
train on d {
  steps = 2
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with sgd(0.5)
  }
}
`;

const compiled = (layer: string, deviceClass: (typeof CLASSES)[number], fuse = true) =>
  compile({ file: 'loop.net', text: program(layer) }, { profile: classProfile(deviceClass), fuse });

/** The number of dispatches in a turn of each loop. */
const turnsOf = (routine: Routine | undefined): number[] =>
  (routine?.commands ?? []).flatMap((command: Command) =>
    command.kind === 'loop' ? [command.body.length] : [],
  );

const FEW = Object.keys(LAYERS).filter((layer) => layer !== 'fast weights');

it.each(CLASSES)(
  'works out before the loop what a product of a turn reads as it lies (%s)',
  (deviceClass) => {
    const { listing } = compiled('fast weights', deviceClass);
    const [loop] = (listing.routines[0]?.commands ?? []).filter((command) => command.kind === 'loop');
    const names = (loop?.body ?? []).map((command) =>
      command.kind === 'loop' ? 'loop' : listing.kernels[command.kernel]?.name,
    );
    expect(names).toEqual(['matmul', 'matmul_tanh']);
  },
);

describe.each(FEW)('%s', (layer) => {
  it.each(CLASSES)('takes two kernels a turn forward and two backward (%s)', (deviceClass) => {
    const { listing } = compiled(layer, deviceClass);
    const training = turnsOf(listing.routines[0]);
    expect(training).toHaveLength(2);
    for (const kernels of training) expect(kernels).toBeLessThanOrEqual(2);
    const [evaluation] = turnsOf(listing.routines.find(({ name }) => name.endsWith('evaluate')));
    expect(evaluation).toBeLessThanOrEqual(2);
    const apart = turnsOf(compiled(layer, deviceClass, false).listing.routines[0]);
    for (const [loop, kernels] of training.entries()) expect(apart[loop]).toBeGreaterThan(2 * kernels);
  });
});

describe.each(Object.keys(LAYERS))('%s', (layer) => {
  it.each([
    { B: 3, T: 4, D: 3, U: 5 },
    { B: 4, T: 3, D: 2, U: 8 },
    { B: 1, T: 2, D: 1, U: 1 },
  ])('has the values of the interpreter ($B records, $U units)', (sizes) => {
    const text = program(layer, sizes);
    const { program: elaborated } = compile({ file: 'loop.net', text }, { fuse: false });
    const step = elaborated.steps[0]?.train;
    if (!step) throw new Error('a program without a step');
    const graph = optimizeGraph(expandGradients(step));
    const tensor = (shape: readonly number[], seed: number) =>
      hostTensor(
        shape,
        [
          ...uniforms(
            shape.reduce((n, d) => n * d, 1),
            seed,
          ),
        ].map((u) => Math.fround(2 * u - 1)),
      );
    const given = environment({
      batch: sizes.B,
      parameters: new Map(elaborated.parameters.map(({ name, shape }, i) => [name, tensor(shape, 31 + i)])),
      inputs: new Map([
        ['x', tensor([sizes.B, sizes.T, sizes.D], 7)],
        [
          'y',
          hostTensor(
            [sizes.B],
            Array.from({ length: sizes.B }, (_, i) => i % 2),
            'u32',
          ),
        ],
      ]),
    });
    for (const deviceClass of CLASSES)
      for (const fuse of [false, true])
        expectLowered(graph, given, { tolerance: 1e-5, fuse, profile: classProfile(deviceClass) });
  });
});

describe('what stands before and behind a loop', () => {
  const namesOf = (layer: string): { before: string[]; between: string[] } => {
    const { listing } = compiled(layer, 'software');
    const commands = listing.routines[0]?.commands ?? [];
    const [forward, backward] = [...commands.keys()].filter((at) => commands[at]?.kind === 'loop');
    const names = (from: number, to: number): string[] =>
      commands
        .slice(from, to)
        .flatMap((command) => (command.kind === 'loop' ? [] : [listing.kernels[command.kernel]?.name ?? '']));
    return { before: names(0, forward ?? 0), between: names((forward ?? 0) + 1, backward ?? 0) };
  };

  it('is no kernel that works out for all turns what a turn can work out itself', () => {
    for (const layer of ['lstm', 'gru']) {
      const { before, between } = namesOf(layer);
      // The product by the input, and copies of what the carries start from.
      expect(before.filter((name) => name !== 'copy')).toHaveLength(1);
      // Between the loops stand the head and the loss: none of the gates.
      expect(between.filter((name) => /tanh|concat/.test(name))).toEqual([]);
    }
  });

  it('saves the pre-activations and the states, once', () => {
    const { memory } = compiled('lstm', 'software').report();
    const { B, T, U } = { B: 4, T: 5, U: 8 };
    const sizes = memory.lifetimes
      .filter(({ tensor }) => tensor.startsWith('step/'))
      .map(({ bytes }) => bytes);
    const atLeast = (bytes: number): number => sizes.filter((size) => size >= bytes).length;
    // h and c with what they start from; of four gates each: x @ Wx, the sums before the gates, and their gradients.
    expect(atLeast(4 * T * B * 4 * U)).toBe(3);
    expect(atLeast(4 * T * B * U)).toBe(5);
  });
});
