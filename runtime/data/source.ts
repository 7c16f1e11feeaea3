/** What opening a source of any format takes and gives. */
import type { DataSpec } from '../plan-format.ts';
import type { DataReader, Records } from './dataset.ts';
import type { DataTables } from './tables.ts';

export interface OpenRequest {
  spec: DataSpec;
  reader: DataReader;
  seed: number;
  /** Shares to take out; what is left is the training split, or the whole of another source. */
  splits: DataSpec['splits'];
  /** What is decided already; absent: this source decides. */
  tables: DataTables | undefined;
  /** Where that comes from, for errors. */
  decidedBy: 'weights' | 'training split';
}

export interface OpenedSource {
  /** One a share, in order. */
  parts: Records[];
  rest: Records;
  tables: DataTables;
}
