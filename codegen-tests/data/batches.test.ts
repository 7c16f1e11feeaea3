import { describe, expect, test } from 'vitest';
import { BatchOrder, evaluationBatches } from '../../runtime/data/batches.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';

const collect = (order: BatchOrder, count: number): { records: number[]; epoch: number }[] =>
  Array.from({ length: count }, () => {
    const batch = order.next();
    return { records: [...batch.records], epoch: batch.epoch };
  });

describe('BatchOrder', () => {
  test('file order without shuffle; the short rest is dropped', () => {
    expect(collect(new BatchOrder(7, 3, false, 1), 3)).toEqual([
      { records: [0, 1, 2], epoch: 0 },
      { records: [3, 4, 5], epoch: 0 },
      { records: [0, 1, 2], epoch: 1 },
    ]);
  });

  test('shuffled: no record twice in an epoch, another order in the next, every record in turn', () => {
    const order = new BatchOrder(10, 3, true, 4);
    expect(order.batchesPerEpoch).toBe(3);
    const epochs = Array.from({ length: 20 }, () => collect(order, 3).flatMap((batch) => batch.records));
    for (const records of epochs) {
      expect(new Set(records).size).toBe(9);
      expect(Math.max(...records)).toBeLessThan(10);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(new Set(epochs.flat()).size).toBe(10);
  });

  test('the seed decides the order', () => {
    expect(collect(new BatchOrder(50, 5, true, 1), 12)).toEqual(collect(new BatchOrder(50, 5, true, 1), 12));
    expect(collect(new BatchOrder(50, 5, true, 1), 1)).not.toEqual(
      collect(new BatchOrder(50, 5, true, 2), 1),
    );
  });

  test.each([0, 1, 3, 4, 7])('begun behind %i batches, it goes on the same', (before) => {
    const order = new BatchOrder(13, 4, true, 9);
    collect(order, before);
    const resumed = new BatchOrder(13, 4, true, 9);
    resumed.skip(before);
    expect(collect(resumed, 8)).toEqual(collect(order, 8));
  });

  test('fewer records than a batch', () => {
    expect(() => new BatchOrder(7, 8, true, 1)).toThrow(RuntimeFailure);
    expect(() => new BatchOrder(7, 8, true, 1)).toThrow(/E0407: the split train has 7 records/);
    expect(new BatchOrder(8, 8, true, 1).batchesPerEpoch).toBe(1);
  });
});

describe('evaluationBatches', () => {
  test('keeps the short one', () => {
    expect([...evaluationBatches(7, 3)].map((records) => [...records])).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect([...evaluationBatches(6, 3)].map((records) => records.length)).toEqual([3, 3]);
    expect([...evaluationBatches(2, 3)].map((records) => records.length)).toEqual([2]);
  });
  test('stops at the limit', () => {
    expect([...evaluationBatches(7, 3, 2)].map((records) => [...records])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });
});
