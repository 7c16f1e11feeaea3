/** The records a program trains on, as the training loop sees them: host memory, ready to be copied. */

import type { DataTables } from './tables.ts';

export interface Dataset {
  /** Records of each split, `train` first, then in the order of the program. */
  readonly splits: ReadonlyMap<string, number>;
  /**
   * Copies field values of the given records of a split, one record after another, in the field's storage
   * type, to the start of `target` (bytes).
   */
  copy(split: string, field: string, records: Uint32Array, target: Uint8Array): void;
  /** What a model trained on it needs again; absent where nothing was decided by the data. */
  readonly tables?: DataTables;
}

/** Records of one split. */
export interface Records {
  readonly count: number;
  /** As `Dataset.copy`. */
  copy(field: string, records: Uint32Array, target: Uint8Array): void;
}

/** Reads a whole file by a path of the program; the host decides on folders. Undefined: no such file. */
export interface DataReader {
  read(path: string): Promise<Uint8Array | undefined>;
  /** The path as shown in errors. */
  display(path: string): string;
  gunzip(bytes: Uint8Array): Promise<Uint8Array>;
  /** Raw deflate, as in zip files. */
  inflate(bytes: Uint8Array): Promise<Uint8Array>;
}
