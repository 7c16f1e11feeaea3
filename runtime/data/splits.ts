/**
 * Dividing records into splits. In: their number, the shares, the run's seed. Out: for each share and for the
 * rest, disjoint record numbers, ascending: inside a split the order is the file's.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataSpec } from '../plan-format.ts';
import { Generator } from '../random/generator.ts';

export interface Division {
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
  const order = new Generator(seed, purpose).permutation(records);
  let taken = 0;
  const parts = splits.map(({ split, share, span }) => {
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
    return order.slice(taken - count, taken).sort();
  });
  return { parts, rest: order.slice(taken).sort() };
}
