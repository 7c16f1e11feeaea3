/** Compares tensors of the elaborator's tests. */
import { expect } from 'vitest';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';

/** Both there, of one shape, and equal to ten decimals, as sums in another order of doubles are. */
export function expectNear(found: HostTensor | undefined, due: HostTensor | undefined): void {
  if (!found || !due) throw new Error(found ? 'nothing to compare with' : 'nothing was found');
  expect(found.shape).toEqual(due.shape);
  due.data.forEach((e, i) => expect(found.data[i]).toBeCloseTo(e, 10));
}
