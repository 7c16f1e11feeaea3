/** The tile of a matrix product that a workgroup computes, and what of it a thread does. */
export interface TileShape {
  /** Of a workgroup; multiples of four. */
  readonly rows: number;
  readonly columns: number;
  /** Places of K that are in workgroup memory at a time; a multiple of four a slice. */
  readonly depth: number;
  /** Of a thread; multiples of four. */
  readonly threadRows: number;
  readonly threadColumns: number;
  /** Threads that share an element, each taking its part of the depth: a power of two. */
  readonly slices: number;
  /** Workgroups from which on the tile is taken. */
  readonly from: number;
}

/** Threads of one slice. */
export const sliceThreads = (t: TileShape): number => (t.rows * t.columns) / (t.threadRows * t.threadColumns);
