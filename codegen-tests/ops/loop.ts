/** A loop of a graph for tests, written as what one turn does. */
import type { GraphBuilder } from '../../compiler/graph/builder.ts';
import { ScanBuilder, scanResult } from '../../compiler/graph/scan-builder.ts';

export interface Turn {
  /** By the carry's leaf. */
  readonly next: ReadonlyMap<number, number>;
  readonly emits: readonly number[];
}

/** A scan; returns a reader of its results. */
export function loop(
  b: GraphBuilder,
  turns: number,
  reverse: boolean,
  build: (scan: ScanBuilder, body: GraphBuilder) => Turn,
): (index: number) => number {
  const scan = new ScanBuilder(b, 'turn', { turns, reverse });
  const { next, emits } = build(scan, scan.body);
  const made = scan.finish(next, emits);
  return (index) => scanResult(b, made, index);
}
