/** Warnings about what is declared and never read: where they stand, and where there must be none. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, compile } from '../../compiler/index.ts';
import { findUnused } from '../../compiler/semantics/unused.ts';
import { STANDARD_LIBRARY } from '../../compiler/std/standard-library.generated.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { netc } from '../cli/recording-host.ts';
import { ALL_EXAMPLES, exampleSource, withExamples } from '../support/examples.ts';
import { base, elaborateText, wordsOf } from './elaborating.ts';

const placesIn = (text: string): string[] =>
  elaborateText(text).warnings.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`);

/** Line 7 is the first of the model's body. */
const inModel = (model: string): string[] => placesIn(base({ model }));
/** Line 12 is the first of the step. */
const inStep = (step: string): string[] => placesIn(base({ step }));

describe('a warning stands at', () => {
  it('a param, a state and a binding that nothing reads', () => {
    const text = base({
      model: `param W[8] = ones(), V[8] = ones()
  state seen[8] = zeros()
  h = x + 1
  return x * V -> dense(3)`,
    });
    expect(elaborateText(text).warnings.map(wordsOf)).toMatchInlineSnapshot(`
      [
        "the param \`W\` is never used: training does not move it
      help: remove it, or begin the name with \`_\` if it is meant to stay",
        "the state \`seen\` is never used
      help: remove it, or begin the name with \`_\` if it is meant to stay",
        "this value of \`h\` is never used
      help: remove it, or begin the name with \`_\` if it is meant to stay",
      ]
    `);
    expect(placesIn(text)).toEqual(['E0228 7:9', 'E0228 8:9', 'E0228 9:3']);
  });

  it('a value that another one replaces before it is read', () => {
    expect(inModel('x = x + 1\n  h = x\n  h = x * 2\n  return h -> dense(3)')).toEqual(['E0228 8:3']);
    expect(inModel('h = x\n  if 1 > 2 { h = x * 2 } else { h = x + 1 }\n  return h -> dense(3)')).toEqual([
      'E0228 7:3',
    ]);
  });

  it('an instance that nothing is fed to, and a tuple of which nothing is read', () => {
    expect(inModel('unused = dense(9)\n  return x -> dense(3)')).toEqual(['E0228 7:3']);
    expect(inModel('(a, b) = split(x, 2)\n  return x -> dense(3)')).toEqual(['E0228 7:4']);
  });

  it('a binding of a step, of a `fn`, and of a body that nothing calls', () => {
    expect(inStep('h = net(x)\n    loss = cross_entropy(net(x), y)')).toEqual(['E0228 12:5']);
    const before =
      'fn f(a) {\n  b = a + 1\n  return a\n}\nlayer never: x[N] -> [N] {\n  param p[N] = ones()\n  return x\n}';
    expect(placesIn(base({ before }))).toEqual(['E0228 2:3', 'E0228 6:9']);
  });

  it('a binding in a loop that no turn reads', () => {
    const before = `layer cell: x[B, T, D] -> [B, T, D] {
  scan xt in x along T, h[B, D] = zeros() {
    lost = h + xt
    h = h + xt
    emit h
  }
}`;
    expect(placesIn(base({ before }))).toEqual(['E0228 3:5']);
    expect(inModel('repeat 2 {\n    h = x\n    x = x + 1\n  }\n  return x -> dense(3)')).toEqual([
      'E0228 8:5',
    ]);
  });
});

describe('no warning stands at', () => {
  it('what is read in one branch, in a later turn, or in a size', () => {
    expect(inModel('h = x\n  if 1 > 2 { x = h }\n  return x -> dense(3)')).toEqual([]);
    expect(inModel('h = x\n  if 1 > 2 { h = x * 2 }\n  return h -> dense(3)')).toEqual([]);
    expect(inModel('h = x\n  repeat 3 {\n    x = x + h\n    h = x * 2\n  }\n  return x -> dense(3)')).toEqual(
      [],
    );
    expect(inModel('n = 8\n  param W[n, 3] = zeros()\n  return x @ W')).toEqual([]);
  });

  it('a part of a tuple, the loss, and a name that begins with `_`', () => {
    expect(inModel('(a, b) = split(x, 2)\n  return b -> dense(3)')).toEqual([]);
    expect(inStep('loss = cross_entropy(net(x), y)')).toEqual([]);
    expect(inModel('_h = x + 1\n  return x -> dense(3)')).toEqual([]);
  });

  it('what is reached by a dot from elsewhere', () => {
    const model = 'param W[8] = zeros()\n  return x -> dense(3)';
    expect(placesIn(base({ model }))).toEqual(['E0228 7:9']);
    const step = 'loss = cross_entropy(net(x), y) + l2(net.W)';
    expect(placesIn(base({ model, step }))).toEqual([]);
  });

  it('a carry, and a state that is updated', () => {
    const before = `layer count: x[B, T, D] -> [B, T] {
  state seen[D] = zeros()
  update seen = mean(x, axis = (0, 1))
  scan xt in x along T, h[B, D] = zeros() {
    h = h + xt
    emit sum(xt, axis = 1)
  }
}`;
    expect(placesIn(base({ before }))).toEqual([]);
  });

  it('the standard library and the examples', () => {
    expect(findUnused(parse(STANDARD_LIBRARY, 'std.net').tree.declarations)).toEqual([]);
    expect(ALL_EXAMPLES.length).toBeGreaterThan(25);
    for (const file of ALL_EXAMPLES) expect(check(exampleSource(file), withExamples), file).toEqual([]);
  });
});

describe('the compiler', () => {
  const text = base({ model: 'h = x + 1\n  return x -> dense(3)' });

  it('hands warnings on beside what it compiles, and errors without them', () => {
    expect(compile({ file: 'a.net', text }).warnings).toHaveLength(1);
    const broken = text.replace('dense(3)', 'dense(4)');
    expect(check({ file: 'a.net', text: broken }).map(({ severity }) => severity)).toEqual(['error']);
  });

  it('reports them by `check` with exit code 0', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-unused-'));
    const file = path.join(folder, 'a.net');
    fs.writeFileSync(file, text);
    const run = await netc('check', file);
    fs.rmSync(folder, { recursive: true });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toBe(`${file}: 1 warning\n`);
    expect(run.stderr).toContain('warning[E0228]: this value of `h` is never used');
    expect(run.stderr).toContain(':7:3');
  });
});
