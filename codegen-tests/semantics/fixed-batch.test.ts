/**
 * What cuts, indexes or measures the batch: possible in training, and in evaluation and prediction over batches of the
 * same size. In: programs. Out: their values, and the place that asks for it.
 */
import { describe, expect, it } from 'vitest';
import { build, at } from './reference.ts';
import { calculate, gradientsOf, listOf, nested, random } from './calculating.ts';
import { base, elaborateText, onlyError } from './elaborating.ts';

const x = random([4, 3], 111);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('the batch as an axis like others', () => {
  it('is cut and indexed', () => {
    expect(listOf('x[:3] * 1', { columns: { x } })).toEqual((nested(x) as number[][]).slice(0, 3));
    expect(listOf('x[1] * 1', { columns: { x } })).toEqual((nested(x) as number[][])[1]);
    expect(listOf('x[::2] - x[1::2]', { columns: { x } })).toEqual(
      nested(build([2, 3], ([i = 0, d = 0]) => Math.fround(at(x, [2 * i, d]) - at(x, [2 * i + 1, d])))),
    );
  });

  it('is taken apart and put together', () => {
    const pairs = build([4, 4, 3], ([i = 0, j = 0, d = 0]) => at(x, [i, d]) - at(x, [j, d]));
    const found = listOf('reshape(unsqueeze(x, 1) - unsqueeze(x, 0), B * B, 3)', { columns: { x } });
    expect(found).toEqual((nested(pairs) as number[][][]).flat());
    expect(listOf('reshape(x, 2, B / 2, 3) * 1', { columns: { x } })).toEqual([
      (nested(x) as number[][]).slice(0, 2),
      (nested(x) as number[][]).slice(2),
    ]);
  });

  it('is run along by a scan', () => {
    const declarations = `fn sums(x) {
  (B, D) = x.shape
  scan row in x along B, total[D] = zeros() {
    total = 0.5 * total + row
    emit total
  }
}
layer along_time: x[B, T] -> [B, T] {
  scan row in x along B, total[T] = zeros() {
    total = 0.5 * total + row
    emit total
  }
}
model net: x[B, T] -> [B, T] { return x -> along_time }
`;
    const due = build([4, 3], ([b = 0, d = 0]) =>
      range(b + 1).reduce((sum, i) => 0.5 * sum + at(x, [i, d]), 0),
    );
    for (const call of ['sums(x) * 1', 'net(x) * 1']) {
      const found = listOf(call, { declarations, columns: { x } }) as number[][];
      found.flat().forEach((value, i) => expect(value).toBeCloseTo(due.data[i] ?? NaN, 12));
    }
    const reports = gradientsOf(
      {
        declarations,
        weights: { w: random([3], 112) },
        columns: { x },
        body: '    loss = sum(sums(x * w) ^ 2)',
      },
      { orders: 2 },
    );
    expect(reports.map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('has a size that decides and that windows and margins need', () => {
    const { list } = calculate({
      columns: { x },
      body: `    if B > 3 { z = x[0, 0] * 0 + 1 } else { z = x[0, 0] * 0 + 2 }
    y = z * 1
    m = pad(x, before = (1, 0), after = (0, 0), mode = reflect) * 1`,
    });
    for (const mode of ['train', 'evaluate'] as const) {
      expect(list('y', mode)).toEqual(1);
      expect((list('m', mode) as number[][])[0]).toEqual((nested(x) as number[][])[1]);
    }
  });
});

/** Line and column of what fixes a step's evaluation and a model's prediction. */
const fixed = (text: string): unknown => {
  const { steps, models } = elaborateText(text);
  const place = (span: { line: number; column: number } | undefined): string =>
    span ? `${span.line}:${span.column}` : 'any';
  return [...steps, ...models].map(({ fixedBy }) => place(fixedBy));
};

describe('what asks for a batch of one size', () => {
  it.each([
    ['nothing', base(), ['any', 'any']],
    ['a range', base({ step: 'loss = cross_entropy(net(x[:2]), y[:2])' }), ['12:32', 'any']],
    [
      'a decision',
      base({ step: 'if B > 2 { z = 1 }\n    loss = cross_entropy(net(x), y)' }),
      ['12:8', 'any'],
    ],
    [
      'a size with the batch in it twice',
      base({ step: 'd = reshape(x @ x.T, -1)\n    loss = cross_entropy(net(x), y) + mean(d)' }),
      ['12:9', 'any'],
    ],
    [
      'windows along it, in a model',
      base({
        model: 'ok = conv(transpose(reshape(x, B, 4, 2), 1, 2, 0), ones(3, 2, 1))\n  return x -> dense(3)',
      }),
      ['7:13', '7:13'],
    ],
    ['a margin, in a model', base({ model: 'h = pad(x, before = (1, 2), mode = reflect)\n  return x -> dense(3)' }), ['7:38', '7:38']], // prettier-ignore
  ])('is told by its place: %s', (_name, text, due) => {
    expect(fixed(text)).toEqual(due);
  });

  it('has no size without data', () => {
    const text = 'model net: x[B, 3] -> [B, 3] {\n  scan r in x along B, h[3] = zeros() {\n    h = h + r\n    emit h\n  }\n}\n'; // prettier-ignore
    expect(onlyError(text, 'E0217', 2, 21)).toMatchInlineSnapshot(`
      "the size of the batch is not known here: a \`scan\` cannot run along it
      help: run along another axis, or give the program a \`data\` block, whose \`batch\` is a number
      note 1:7: \`net\` is called here"
    `);
  });

  it('is still wrong where the range leaves the batch', () => {
    expect(onlyError(base({ step: 'loss = mean(net(x)[5])' }), 'E0216', 12, 24)).toMatchInlineSnapshot(`
      "index 5 is out of range: the axis has B
      note 4:11: B: the batch of \`d\`"
    `);
  });
});
