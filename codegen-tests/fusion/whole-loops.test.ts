/** Loops over time that are one dispatch, those that are not, and the values of both. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import { compile } from '../../compiler/index.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import type { Command } from '../../runtime/plan-format.ts';
import { random } from '../semantics/calculating.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';

const CLASSES = ['software', 'small', 'large', 'cpu'] as const;

interface Case {
  readonly body: string;
  /** Loops of dispatches of a step, forward and backward. */
  readonly loops: number;
}

/** What a loop over x[B, T, D] with a weight w[D] does. */
const CASES: Readonly<Record<string, Case>> = {
  'a moving average': {
    body: 'scan xt in x along T, h[B, D] = ones() {\n    h = 0.9 * h + 0.1 * w * xt\n    emit h\n  }',
    // The weight's gradient is a sum of columns, taken turn by turn.
    loops: 1,
  },
  'two carries, one of them by its turn before': {
    body: `scan xt in x along T, h[B, D] = zeros(), g[B, D] = ones() {
    h = tanh(w * h + xt * g)
    g = g * 0.5 + h
    emit g * h
  }`,
    loops: 0,
  },
  'a pooling recurrence over products': {
    body: `scan xt in x along T, c[B, D] = zeros() {
    f = sigmoid(xt @ m)
    c = f * c + (1 - f) * tanh(xt * w)
    emit c
  }`,
    loops: 0,
  },
  'only the last value': {
    body: `s = scan_last(x, w)
  return unsqueeze(s, 1) * x`,
    loops: 0,
  },
  'a start made of a sequence that what follows reads': {
    body: `y = unsqueeze(m, 0)
  return x + sum(softplus(above(y)) * w, axis = 1, keep = true)`,
    loops: 0,
  },
  'a loop in a loop': {
    body: `scan xt in x along T, h[B, D] = zeros() {
    inner = trace(x, h)
    h = 0.5 * h + xt * w + inner[:, -1]
    emit h
  }`,
    loops: 2,
  },
  'neighbours of a carry': {
    body: 'scan xt in x along T, h[B, D] = zeros() {\n    h = 0.5 * reverse(h, axis = 1) + xt * w\n    emit h\n  }',
    loops: 2,
  },
  'a mean of a carry': {
    body: 'scan xt in x along T, h[B, D] = ones() {\n    h = h - w * mean(h, axis = 1, keep = true) + xt\n    emit h\n  }',
    loops: 2,
  },
};

const textOf = ({ body }: Case, { B, T, D }: { B: number; T: number; D: number }): string => `
fn scan_last(x, w) {
  (B, T, D) = x.shape
  history = scan_all(x, w)
  return history[:, -1]
}
fn scan_all(x, w) {
  (B, T, D) = x.shape
  scan xt in x along T, h[B, D] = zeros() {
    h = w * h + sin(xt)
    emit h
  }
}
fn above(x) {
  (B, T, D) = x.shape
  scan xt in x along T, h[B, D] = mean(x, axis = 1) {
    h = max(h, xt)
    emit xt - h
  }
}
fn trace(x, start) {
  (B, T, D) = x.shape
  scan xt in x along T, h[B, D] = start {
    h = h * 0.3 + xt
    emit h
  }
}
layer looped: x[B, T, D] -> [B, T, D] {
  param w[D] = ones(), m[D, D] = glorot()
  ${body}
}
data d {
  x[B, ${T}, ${D}]
  batch = ${B}
}
model net: x[B, T, D] -> [B, T, D] {
  return x -> cell: looped
}
train on d {
  steps = 2
  step {
    loss = mean(net(x) ^ 2)
    minimize loss with sgd(0.5)
  }
}
`;

const loopsIn = (commands: readonly Command[]): number =>
  commands.reduce((n, command) => n + (command.kind === 'loop' ? 1 + loopsIn(command.body) : 0), 0);

describe.each(Object.entries(CASES))('%s', (_, each) => {
  it.each(CLASSES)('is as many loops of dispatches as it must be (%s)', (deviceClass) => {
    const source = { file: 'loop.net', text: textOf(each, { B: 4, T: 6, D: 8 }) };
    const profile = classProfile(deviceClass);
    const { listing } = compile(source, { profile });
    expect(loopsIn(listing.routines[0]?.commands ?? [])).toBe(each.loops);
    const apart = compile(source, { profile, fuse: false }).listing;
    expect(loopsIn(apart.routines[0]?.commands ?? [])).toBeGreaterThanOrEqual(2);
  });

  it.each([
    { B: 3, T: 4, D: 5 },
    { B: 4, T: 3, D: 8 },
    { B: 1, T: 1, D: 1 },
  ])('has the values of the interpreter ($B records, $T turns of $D)', (sizes) => {
    const { program } = compile({ file: 'loop.net', text: textOf(each, sizes) }, { fuse: false });
    const step = program.steps[0]?.train;
    if (!step) throw new Error('a program without a step');
    const graph = optimizeGraph(expandGradients(step));
    const given = environment({
      batch: sizes.B,
      parameters: new Map(program.parameters.map(({ name, shape }, i) => [name, random(shape, 31 + i)])),
      inputs: new Map([['x', random([sizes.B, sizes.T, sizes.D], 7)]]),
    });
    for (const deviceClass of CLASSES)
      for (const fuse of [false, true])
        expectLowered(graph, given, { tolerance: 1e-5, fuse, profile: classProfile(deviceClass) });
  });
});
