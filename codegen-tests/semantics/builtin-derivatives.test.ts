/** Builtins that move or pick elements: first and second derivatives against differences. */
import { describe, expect, it } from 'vitest';
import { gradientsOf, random } from './calculating.ts';
import { distinct } from '../ops/sample.ts';

const weights = { x: distinct([2, 3, 4], 51), m: random([3, 5], 52) };

const EXPRESSIONS = [
  'gather(m, u32(stack(stack(2, 2), stack(0, 1), stack(4, 4))), axis = 1)',
  'gather(m, u32(stack(stack(1, 1, 0))), axis = 0)',
  'cumsum(x, axis = 1)',
  'cumsum(m)',
  'best(x)',
  'upsample(x, 2)',
  'upsample(x, 1.5)',
  'upsample(x, 2, mode = bilinear)',
  'upsample(unsqueeze(x, 0), (1.5, 3), mode = bilinear)',
  'pad(m, before = (1, 2), after = (2, 4), mode = reflect)',
  'pad(m, before = (1, 2), after = (2, 9), mode = edge)',
  'scatter_add(m, u32(stack(2, 0, 2, 2)), m[0:1] * stack(stack(1), stack(2), stack(3), stack(4)))',
  'take(m, u32(stack(stack(1, 1), stack(2, 1))))',
  'einsum("ij,kj,ii->ik", m, m, m @ m.T)',
];

describe('derivatives of', () => {
  it.each(EXPRESSIONS)('%s', (expression) => {
    const reports = gradientsOf(
      {
        weights,
        declarations: 'fn best(x) {\n  (values, places) = top_k(x, 2)\n  return values\n}',
        body: `    y = reshape(${expression}, -1)
    loss = sum(tanh(y) * (1 + sin(f32(iota(y.shape[0])))))`,
      },
      { orders: 2 },
    );
    expect(reports.filter((report) => !report.passed)).toEqual([]);
    expect(reports.length).toBe(4);
    expect(reports.some(({ entries, kinks }) => entries > kinks)).toBe(true);
  });
});
