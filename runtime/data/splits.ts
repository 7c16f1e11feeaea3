/**
 * Dividing records into splits. In: their number, the shares, the run's seed. Out: for each share and for the
 * rest, disjoint record numbers, ascending: inside a split the order is the file's.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataSpec } from '../plan-format.ts';
import { Generator } from '../random/generator.ts';

export interface Division {
  /** Of the parts. */
  names: string[];
  /** One a share, in order. */
  parts: Uint32Array[];
  rest: Uint32Array;
}

/** A part has round(share * records) records. E0407 where a part stays empty or the shares ask for too many. */
export function divideRecords(
  records: number,
  splits: DataSpec['splits'],
  seed: number,
  purpose: string,
): Division {
  const counts = checkShares(records, splits);
  const order = new Generator(seed, purpose).permutation(records);
  let taken = 0;
  const parts = counts.map((count) => {
    taken += count;
    return order.slice(taken - count, taken).sort();
  });
  return { names: splits.map(({ split }) => split), parts, rest: order.slice(taken).sort() };
}

/** How many records, or tokens of a text, each share is. E0407 as `divideRecords`. */
export function checkShares(records: number, splits: DataSpec['splits']): number[] {
  let taken = 0;
  return splits.map(({ split, share, span }) => {
    const count = Math.round(share * records);
    if (count === 0 || taken + count > records) {
      const left = records - taken;
      throw new RuntimeFailure(
        'E0407',
        count === 0
          ? `the split ${split} stays empty: its share of ${records} records is less than one`
          : `the split ${split} asks for ${count} records of ${records}, and ${left} are left`,
        { span },
      );
    }
    taken += count;
    return count;
  });
}
