/** Tensors of f16 in programs: what operations give, by the interpreter, which rounds every value of f16. */
import { describe, expect, it } from 'vitest';
import { roundToHalf } from '../../compiler/graph/scalar-functions.ts';
import { array, calculate, nested, type Nested } from './calculating.ts';
import { elaborateText } from './elaborating.ts';

const columns = {
  h: array(
    [
      [0.5, -2, 3],
      [1024, 0.25, -1],
    ],
    'f16',
  ),
  x: array([
    [0.1, 1 / 3, 3],
    [2049, 70_000, -1e-9],
  ]),
};

const rows: readonly (readonly [string, Nested, string])[] = [
  ['f16(x)', [[0.1, 1 / 3, 3].map(roundToHalf), [2048, Infinity, -0]], 'f16'],
  ['f32(f16(x))', [[0.1, 1 / 3, 3].map(roundToHalf), [2048, Infinity, -0]], 'f32'],
  [
    'h + h',
    [
      [1, -4, 6],
      [2048, 0.5, -2],
    ],
    'f16',
  ],
  [
    'h * 100',
    [
      [50, -200, 300],
      [Infinity, 25, -100],
    ],
    'f16',
  ],
  ['h + 0.1', [[0.5, -2, 3].map((v) => roundToHalf(v + roundToHalf(0.1))), [1024, 0.25, -1].map((v) => roundToHalf(v + roundToHalf(0.1)))], 'f16'], // prettier-ignore
  ['h + f16(0.5)', [[1, -1.5, 3.5], [1024.5, 0.75, -0.5].map(roundToHalf)], 'f16'],
  ['exp(h)', [[0.5, -2, 3].map((v) => roundToHalf(Math.exp(v))), [Infinity, roundToHalf(Math.exp(0.25)), roundToHalf(Math.exp(-1))]], 'f16'], // prettier-ignore
  [
    'h ^ 2',
    [
      [0.25, 4, 9],
      [Infinity, 0.0625, 1],
    ],
    'f16',
  ],
  [
    'h ^ -1',
    [
      [2, -0.5, roundToHalf(1 / 3)],
      [1 / 1024, 4, -1],
    ],
    'f16',
  ],
  ['sum(h, axis = 1)', [1.5, roundToHalf(1023.25)], 'f16'],
  ['mean(h, axis = 1)', [0.5, 1023.25 / 3], 'f32'],
  ['max(h, axis = 1)', [3, 1024], 'f16'],
  ['argmax(h)', [2, 0], 'u32'],
  [
    'h > 0',
    [
      [1, 0, 1],
      [1, 1, 0],
    ],
    'bool',
  ],
  [
    'relu(h)',
    [
      [0.5, 0, 3],
      [1024, 0.25, 0],
    ],
    'f16',
  ],
  [
    'h @ h.T',
    [
      [13.25, roundToHalf(512 - 0.5 - 3)],
      [roundToHalf(512 - 0.5 - 3), Infinity],
    ],
    'f16',
  ],
  [
    'u32(relu(h))',
    [
      [0, 0, 3],
      [1024, 0, 0],
    ],
    'u32',
  ],
  [
    'pad(h, before = (0, 1), after = (0, 0), value = 0.5)',
    [
      [0.5, 0.5, -2, 3],
      [0.5, 1024, 0.25, -1],
    ],
    'f16',
  ],
  [
    'where(h > 0, h, 0.1)',
    [
      [0.5, roundToHalf(0.1), 3],
      [1024, 0.25, roundToHalf(0.1)],
    ],
    'f16',
  ],
  [
    'min(h, inf)',
    [
      [0.5, -2, 3],
      [1024, 0.25, -1],
    ],
    'f16',
  ],
  [
    'is_inf(h * 100)',
    [
      [0, 0, 0],
      [1, 0, 0],
    ],
    'bool',
  ],
];

describe('tensors of f16', () => {
  it.each(rows)('%s', (expression, due, dtype) => {
    const { get } = calculate({ body: `value = ${expression}`, columns });
    for (const mode of ['train', 'evaluate'] as const) {
      const found = get('value', mode);
      expect(found.dtype).toBe(dtype);
      expect(nested(found)).toEqual(due);
    }
  });

  it('go in and out of a model', () => {
    const { models } = elaborateText('model net: x[B, 4] f16 -> (y[B, 4] f16, z[B]) { return (x * 2, sum(f32(x), axis = 1)) }'); // prettier-ignore
    const [net] = models;
    expect(net?.inputs).toEqual([{ name: 'x', shape: [4], dtype: 'f16', storage: 'f32' }]);
    const types = net?.predict.outputs.map(({ name, value }) => [name, net.predict.nodes[value]?.type.dtype]);
    expect(types).toEqual([
      ['y', 'f16'],
      ['z', 'f32'],
    ]);
  });

  it('have derivatives', () => {
    const { get } = calculate({ body: 'value = grad(sum(f32(h * h)), h)', columns });
    expect(get('value').dtype).toBe('f16');
    expect(nested(get('value'))).toEqual([
      [1, -4, 6],
      [2048, 0.5, -2],
    ]);
  });
});
