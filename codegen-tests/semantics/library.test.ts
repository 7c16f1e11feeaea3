/** Every function and layer of std.net: its value by a closed form, its derivatives by differences. */
import { describe, expect, it } from 'vitest';
import { STANDARD_LIBRARY } from '../../compiler/std/standard-library.generated.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { ACTIVATION_CASES } from './library-activations.ts';
import { caseGradients, caseValue, type LibraryCase } from './library-case.ts';
import { CONVOLUTION_CASES } from './library-convolution.ts';
import { LAYER_CASES } from './library-layers.ts';
import { LOSS_CASES } from './library-losses.ts';
import { RECURRENT_CASES } from './library-recurrent.ts';
import { sourceOf } from './calculating.ts';
import { elaborateText } from './elaborating.ts';

const CASES: readonly LibraryCase[] = [
  ...ACTIVATION_CASES,
  ...LOSS_CASES,
  ...LAYER_CASES,
  ...CONVOLUTION_CASES,
  ...RECURRENT_CASES,
];

/** Their values in training and evaluation differ: tested in state.test.ts and dropout.test.ts. */
const BY_MODE = ['batchnorm', 'dropout'];

const declared = parse(STANDARD_LIBRARY, 'std.net').tree.declarations.flatMap((declaration) =>
  declaration.kind === 'fn' || declaration.kind === 'layer' ? [declaration.name.text] : [],
);

/** Far apart for a double: the formulas have no constants of single precision. */
function near(found: number, due: number): boolean {
  if (Object.is(found, due) || found === due) return true;
  return Math.abs(found - due) <= 1e-9 * Math.max(1, Math.abs(due));
}

describe('the standard library', () => {
  it('has a case for each of its declarations', () => {
    const covered = new Set([...CASES.map((each) => each.of), ...BY_MODE]);
    expect(declared.filter((name) => !covered.has(name))).toEqual([]);
    expect([...covered].filter((name) => !declared.includes(name))).toEqual([]);
    expect(declared.length).toBeGreaterThan(35);
  });

  it.each(CASES.map((each) => [`${each.of}: ${each.what ?? each.declarations ?? ''}`, each] as const))(
    'computes %s',
    (_name, each) => {
      const found = caseValue(each);
      expect(found.shape).toEqual(each.expected.shape);
      const wrong = [...found.data].flatMap((value, i) => {
        const due = each.expected.data[i] ?? NaN;
        return near(value, due) ? [] : [{ i, value, due }];
      });
      expect(wrong).toEqual([]);
    },
  );

  it.each(
    CASES.filter((each) => each.orders > 0).map(
      (each) => [`${each.of}: ${each.what ?? each.declarations ?? ''}`, each] as const,
    ),
  )('differentiates %s', (_name, each) => {
    const reports = caseGradients(each);
    expect(reports.filter((report) => !report.passed)).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.some((report) => report.entries > report.kinks)).toBe(true);
  });

  it('declares the checkpoint of every layer as the language has it', () => {
    const shapes = (layer: string, input: string, dtype = '') =>
      Object.fromEntries(
        elaborateText(
          sourceOf({
            declarations: `model net: x[...] ${dtype} -> [...] { return x -> it: ${layer} }`,
            body: `    y = net(${input})`,
          }),
        ).parameters.map(({ name, shape }) => [name.slice('net.it.'.length), shape]),
      );
    const x = 'zeros(B, 3, 8)';
    expect(shapes('dense(5)', x)).toEqual({ weight: [8, 5], bias: [5] });
    expect(shapes('embedding(7, 4)', 'u32(zeros(B))', 'u32')).toEqual({ weight: [7, 4] });
    expect(shapes('positions(9, 8)', x)).toEqual({ weight: [9, 8] });
    expect(shapes('layernorm', x)).toEqual({ weight: [8], bias: [8] });
    expect(shapes('rmsnorm', x)).toEqual({ weight: [8] });
    expect(shapes('batchnorm', x)).toEqual({ weight: [3], bias: [3] });
    expect(shapes('groupnorm(3)', x)).toEqual({ weight: [3], bias: [3] });
    expect(shapes('attention(2)', x)).toEqual({
      'qkv.weight': [8, 24],
      'qkv.bias': [24],
      'proj.weight': [8, 8],
      'proj.bias': [8],
    });
    expect(shapes('dropout(0.5)', x)).toEqual({});
    expect(shapes('conv1d(6, 4, groups = 3)', x)).toEqual({ weight: [6, 1, 4], bias: [6] });
    expect(shapes('conv_transpose1d(6, 4, groups = 3)', x)).toEqual({ weight: [3, 2, 4], bias: [6] });
    const image = 'zeros(B, 4, 8, 9)';
    expect(shapes('conv2d(6, (3, 5), groups = 2)', image)).toEqual({ weight: [6, 2, 3, 5], bias: [6] });
    expect(shapes('conv2d(6, 3, bias = false)', image)).toEqual({ weight: [6, 4, 3, 3] });
    expect(shapes('conv_transpose2d(6, (3, 5))', image)).toEqual({ weight: [4, 6, 3, 5], bias: [6] });
    expect(shapes('maxpool(2)', image)).toEqual({});
    expect(shapes('avgpool(2)', image)).toEqual({});
    expect(shapes('rnn(5)', x)).toEqual({ Wx: [8, 5], Wh: [5, 5], b: [5] });
    expect(shapes('lstm(5)', x)).toEqual({ Wx: [8, 20], Wh: [5, 20], b: [20] });
    expect(shapes('gru(5)', x)).toEqual({ Wx: [8, 15], Wh: [5, 15], bx: [15], bh: [15] });
  });
});
