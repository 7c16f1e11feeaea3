/**
 * Which records make each batch. In: the number of records, the batch size, the run's seed. Out: record
 * numbers. In training the short rest of an epoch is dropped, in evaluation it runs at its true size.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Span } from '../plan-format.ts';
import { Generator } from '../random/generator.ts';

export interface Batch {
  /** Record numbers inside the split; not to be written to. */
  records: Uint32Array;
  /** The epoch the batch belongs to, from 0. */
  epoch: number;
}

/** Endless training batches; every epoch has an order of its own, which follows from (seed, epoch) alone. */
export class BatchOrder {
  private readonly records: number;
  private readonly batch: number;
  private readonly shuffle: boolean;
  private readonly seed: number;
  private epoch = 0;
  private position = 0;
  private order: Uint32Array | undefined;

  /** E0407 where the records do not fill one batch. */
  constructor(
    records: number,
    batch: number,
    shuffle: boolean,
    seed: number,
    place: { split?: string; span?: Span } = {},
  ) {
    if (records < batch) {
      throw new RuntimeFailure(
        'E0407',
        `the split ${place.split ?? 'train'} has ${records} records, fewer than one batch of ${batch}`,
        { span: place.span, help: `Set batch to ${Math.max(records, 1)} or less, or add records.` },
      );
    }
    this.records = records;
    this.batch = batch;
    this.shuffle = shuffle;
    this.seed = seed;
  }

  get batchesPerEpoch(): number {
    return Math.floor(this.records / this.batch);
  }

  next(): Batch {
    if (this.position === this.batchesPerEpoch) {
      this.epoch++;
      this.position = 0;
      this.order = undefined;
    }
    this.order ??= this.orderOf(this.epoch);
    const start = this.position * this.batch;
    this.position++;
    return { records: this.order.subarray(start, start + this.batch), epoch: this.epoch };
  }

  /** As if so many batches had been taken before the first. */
  skip(batches: number): void {
    this.epoch = Math.floor(batches / this.batchesPerEpoch);
    this.position = batches % this.batchesPerEpoch;
  }

  private orderOf(epoch: number): Uint32Array {
    if (!this.shuffle) return Uint32Array.from({ length: this.records }, (_, i) => i);
    return new Generator(this.seed, `shuffle ${epoch}`).permutation(this.records);
  }
}

/** Batches of an evaluation: file order, the last one short; at most `limit` of them where given. */
export function* evaluationBatches(
  records: number,
  batch: number,
  limit = Infinity,
): IterableIterator<Uint32Array> {
  for (let start = 0, count = 0; start < records && count < limit; start += batch, count++) {
    yield Uint32Array.from({ length: Math.min(batch, records - start) }, (_, i) => start + i);
  }
}
