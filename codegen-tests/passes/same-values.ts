/** Compares the outputs of two runs of the interpreter. */
import { expect } from 'vitest';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';

/** Equal up to the rounding of doubles, relative to the largest magnitude of the tensor; NaN equals NaN. */
export function expectSameValues(found: Map<string, HostTensor>, expected: Map<string, HostTensor>): void {
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, tensor] of expected) {
    const other = found.get(name);
    expect({ shape: other?.shape, dtype: other?.dtype }).toEqual({
      shape: tensor.shape,
      dtype: tensor.dtype,
    });
    const largest = tensor.data.reduce(
      (most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most),
      1,
    );
    tensor.data.forEach((x, i) => {
      const y = other?.data[i] ?? NaN;
      const isSame = Object.is(x, y) || x === y || Math.abs(x - y) <= 1e-12 * largest;
      expect(isSame, `${name}, element ${i}: ${y} instead of ${x}`).toBe(true);
    });
  }
}
