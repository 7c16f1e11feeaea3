/** What `netc bench` makes of its measurements: times, losses, and how they are printed. */
import { formatBytes, formatCount, formatNumber } from '../../runtime/report/format.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** One of the two ways to compile a program. */
export interface Variant {
  /** Dispatches of a round of the steps, a loop's turns counted once. */
  readonly kernels: number;
  /** Bytes they read and write, each tensor once a kernel. */
  readonly bytes: number;
  /** Milliseconds a step. */
  readonly ms: Spread;
}

/** A line of `bench --json`. */
export interface BenchRecord {
  readonly program: string;
  readonly device: string;
  readonly adapter: string;
  readonly software: boolean;
  readonly steps: number;
  readonly unfused: Variant;
  readonly fused: Variant;
  readonly speedup: number;
  readonly max_relative_loss_difference: number;
}

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    min: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    max: at(sorted.length - 1),
  };
}

/** Losses below this share of the largest one are compared as if they were as large: noise has no relation to them. */
const FLOOR = 0.01;

/** The largest difference of two curves in relation to the second; NaN where one has a value that is not finite. */
export function largestDifference(losses: readonly number[], wanted: readonly number[]): number {
  const floor = FLOOR * Math.max(...wanted.map(Math.abs));
  return Math.max(
    ...wanted.map((loss, i) => {
      const difference = Math.abs((losses[i] ?? NaN) - loss);
      return difference === 0 ? 0 : difference / Math.max(Math.abs(loss), floor);
    }),
  );
}

/** A table for people. */
export function describeBench(record: BenchRecord): string {
  const { program, adapter, software, steps, speedup } = record;
  const rows = (['unfused', 'fused'] as const).map((name) => {
    const { kernels, bytes, ms } = record[name];
    const times = [ms.min, ms.median, ms.max].map((value) => value.toFixed(value < 10 ? 2 : 1));
    return [name, formatCount(kernels), formatBytes(bytes), ...times];
  });
  const table = [['', 'kernels', 'bytes moved', 'ms a step: min', 'median', 'max'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
  const difference = record.max_relative_loss_difference;
  return [
    `${program} on ${adapter}${software ? ' (a software adapter)' : ''}, ${formatCount(steps)} steps each`,
    ...lines.map((line) => `  ${line.trimEnd()}`),
    `  speedup ${speedup.toFixed(2)}; ${difference === 0 ? 'equal losses' : `losses equal to ${formatNumber(difference)}`}`,
  ].join('\n');
}
