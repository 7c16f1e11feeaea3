/**
 * An LSTM as a loop against the same turns written out: twenty steps of training by the interpreter, with and
 * without passes. And what a long loop is compiled to: every kernel once, whatever the number of turns.
 */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { compile } from '../../compiler/index.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import type { Command } from '../../runtime/plan-format.ts';
import { array, random } from '../semantics/calculating.ts';
import { elaborateText } from '../semantics/elaborating.ts';

const program = (layer: string, turns = 8): string => `layer written_out(U: int): x[B, T, D] -> [B, T, U] {
  param Wx[D, 4 * U] = glorot(), Wh[U, 4 * U] = orthogonal(), b[4 * U] = zeros()
  h = zeros(B, U)
  c = zeros(B, U)
  states = zeros(B, 0 + 1, U)
  repeat T as t {
    (i, f, g, o) = split(x[:, t] @ Wx + h @ Wh + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h = sigmoid(o) * tanh(c)
    states = concat(states, unsqueeze(h, 1), axis = 1)
  }
  return states[:, 1:]
}
data d {
  x[B, ${turns}, 3]
  y[B] u32
  batch = 4
}
model net: x[B, T, D] -> [B, 2] {
  h = x -> cell: ${layer}
  return h[:, -1] + mean(h, axis = 1) -> head: dense(2)
}
train on d {
  steps = 20
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with sgd(0.5)
  }
}
`;

const inputs = new Map<string, HostTensor>([
  ['x', random([4, 8, 3], 81)],
  ['y', array([0, 1, 1, 0], 'u32')],
]);

/** Losses of twenty steps of plain gradient descent. */
function train(graph: Graph, shapes: readonly { name: string; shape: readonly number[] }[]): number[] {
  const parameters = new Map(shapes.map(({ name, shape }) => [name, random(shape, name.length)]));
  return Array.from({ length: 20 }, () => {
    const outputs = interpret(graph, environment({ batch: 4, parameters, inputs }));
    for (const [name, weight] of parameters) {
      const gradient = outputs.get(name);
      if (!gradient) throw new Error(`no gradient of ${name}`);
      const data = weight.data.map((value, i) => value - 0.5 * (gradient.data[i] ?? NaN));
      parameters.set(name, { ...weight, data });
    }
    return outputs.get('loss')?.data[0] ?? NaN;
  });
}

function losses(layer: string, optimize: boolean): number[] {
  const { steps, parameters } = elaborateText(program(layer));
  const expanded = expandGradients(steps[0]?.train as Graph);
  return train(optimize ? optimizeGraph(expanded) : expanded, parameters);
}

describe('an LSTM over eight turns', () => {
  const expected = losses('written_out(5)', false);

  it.each([false, true])('trains as the turns written out do (passes: %s)', (optimize) => {
    const found = losses('lstm(5)', optimize);
    expect(found.length).toBe(20);
    found.forEach((loss, step) => {
      expect(Math.abs(loss - (expected[step] ?? NaN)), `step ${step}`).toBeLessThanOrEqual(1e-10);
    });
    expect(found.at(-1)).toBeLessThan((found[0] ?? NaN) / 2);
  });
});

describe('a loop of 512 turns', () => {
  const listingOf = (turns: number) =>
    compile({ file: 'long.net', text: program('lstm(32)', turns) }).listing;
  const loopsOf = (commands: readonly Command[]) => commands.filter((command) => command.kind === 'loop');

  it('has the kernels and commands of one of 8, each once', () => {
    const [long, short] = [listingOf(512), listingOf(8)];
    const codes = long.kernels.map(({ code }) => code.replace(/^\/\/.*\n/gm, ''));
    expect(new Set(codes).size).toBe(codes.length);
    expect(long.kernels.length).toBeLessThanOrEqual(short.kernels.length + 10);
    const gradient = long.routines[0]?.commands ?? [];
    // One forward in time, one backward.
    expect(loopsOf(gradient).map((loop) => loop.count)).toEqual([512, 512]);
    expect(loopsOf(long.routines[2]?.commands ?? []).map((loop) => loop.count)).toEqual([512]);
  });

  it('tells kernels the turn by a binding of their own, and those outside nothing', () => {
    const { kernels, routines } = listingOf(512);
    const commands = routines[0]?.commands ?? [];
    const used = (list: readonly Command[]): number[] =>
      list.flatMap((command) => (command.kind === 'loop' ? [] : [command.kernel]));
    expect(used(commands).every((kernel) => kernels[kernel]?.turns === undefined)).toBe(true);
    const inside = loopsOf(commands).flatMap((loop) => used(loop.body));
    expect(inside.some((kernel) => kernels[kernel]?.turns?.join() === '0')).toBe(true);
    for (const { turns, code } of kernels)
      expect(code.includes('var<uniform> turn: Turn')).toBe(turns?.length === 1);
  });
});
