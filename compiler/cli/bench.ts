/**
 * `netc bench FILE…`: each program fused against unfused, on one device in one run. In: programs and their data. Out:
 * times of both, in rounds that take turns, once their losses have been found equal. Ctrl-C ends it after the round.
 */
import path from 'node:path';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import type { ProgramDevice } from '../../runtime/create-runner.ts';
import { StepSeries } from '../../runtime/train/step-series.ts';
import { fail } from '../diagnostics.ts';
import { compile, type Compilation } from '../index.ts';
import {
  describeBench,
  largestDifference,
  spreadOf,
  type BenchRecord,
  type Variant,
} from './bench-figures.ts';
import type { BenchFlags } from './commands.ts';
import type { Context } from './context.ts';
import { EXIT, exitCodeOf } from '../../runtime/report/exit-codes.ts';
import { diagnosticsOf } from './failures.ts';
import { toJsonLine } from '../../runtime/report/json-line.ts';
import { programOptions, readProgram } from './read-program.ts';
import { withTarget, type Target } from './target.ts';
import { hearInterrupt } from '../../runtime/report/interrupt.ts';
import { TrainingDisplay } from '../../runtime/report/training-display.ts';
import { trainingParts } from '../../runtime/node/training-parts.ts';

/** Measured steps of each way where --steps does not say. */
const STEPS = 30;
/** Steps before the measured ones: shaders and machine code are made in them. */
const WARM_UP = 4;
/** Rounds are this long where that leaves enough of them: a wait for the device at the end of each counts little. */
const ROUND_MS = 100;
const ROUNDS = 6;
/** Sums in another order give other last bits, which steps carry on; f16 has fewer bits. */
const TOLERANCE = { f32: 2e-3, f16: 3e-2 } as const;

type Way = 'unfused' | 'fused';
const WAYS: readonly Way[] = ['unfused', 'fused'];

/** Thrown between two rounds when the user has had enough. */
class Interrupted extends Error {}

interface Bench {
  readonly context: Context;
  readonly flags: BenchFlags;
  readonly target: Target;
  readonly device: ProgramDevice;
  readonly display: TrainingDisplay;
  readonly signal: AbortSignal;
}

export async function runBench(
  files: readonly string[],
  flags: BenchFlags,
  context: Context,
): Promise<number> {
  if (flags.fuse !== undefined) {
    fail('E0701', undefined, '--fuse chooses between the two that `netc bench` compares', {
      help: '`netc train --fuse off` runs one of them alone',
    });
  }
  const { host } = context;
  const display = new TrainingDisplay(host, {
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
    everyStepEvent: false,
  });
  const interrupt = hearInterrupt(host, () =>
    display.line('interrupted: ending after this round (again: leave at once)'),
  );
  try {
    return await withTarget(context, async (target) => {
      const device = await target.open();
      if (target.note !== undefined) display.line(target.note);
      try {
        return await benchAll(files, { context, flags, target, device, display, signal: interrupt.signal });
      } finally {
        device.close();
      }
    });
  } catch (error) {
    if (error instanceof Interrupted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupt.unhear();
    display.clear();
  }
}

/** A program that fails is reported, and the others still run; the exit code is that of the first failure. */
async function benchAll(files: readonly string[], bench: Bench): Promise<number> {
  const { context, flags, display } = bench;
  let exitCode: number = EXIT.done;
  for (const file of files) {
    try {
      const record = await benchProgram(file, bench);
      display.clear();
      context.print(`${flags.json ? toJsonLine(record) : describeBench(record)}\n`);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      display.clear();
      const diagnostics = diagnosticsOf(error, context.host.environment);
      context.report(diagnostics);
      if (exitCode === EXIT.done) exitCode = exitCodeOf(diagnostics);
    }
  }
  return exitCode;
}

async function benchProgram(file: string, bench: Bench): Promise<BenchRecord> {
  const { context, flags, target, device, display } = bench;
  const source = readProgram(file, context);
  const options = { ...programOptions(context), profile: target.profile, predictions: false };
  const compilations = {} as Record<Way, Compilation>;
  for (const way of WAYS) {
    display.activity(`${file}: compiling ${way} …`);
    compilations[way] = compile(source, { ...options, fuse: way === 'fused' });
  }
  const { listing, program, warnings } = compilations.fused;
  context.report(warnings);
  const { training, data, reader } = trainingParts(file, listing, flags.data ?? path.dirname(file));
  const dataset = await openDataset(data, reader, training.seed, { only: ['train'] });

  const open: StepSeries[] = [];
  const series = {} as Record<Way, StepSeries>;
  try {
    for (const way of WAYS) {
      display.activity(`${file}: preparing ${compilations[way].listing.kernels.length} kernels, ${way} …`);
      const { listing: compiled } = compilations[way];
      series[way] = await StepSeries.create({ listing: compiled, device, dataset, seed: training.seed });
      open.push(series[way]);
      checkInterrupt(bench);
    }
    const steps = flags.steps ?? STEPS;
    const { losses, times } = await measure(file, series, steps, bench);
    const difference = largestDifference(losses.fused, losses.unfused);
    if (!(difference <= TOLERANCE[program.precision])) {
      fail('E0605', undefined, `${file}: fused and unfused losses differ by ${difference}, relatively`, {
        help: 'this is a fault of netc, or of the driver, unless the program itself is unstable: no speed is told of results that are not equal',
      });
    }
    const variant = (way: Way): Variant => ({ ...compilations[way].cost(), ms: spreadOf(times[way]) });
    const [unfused, fused] = [variant('unfused'), variant('fused')];
    return {
      program: listing.program,
      device: device.backend === 'cpu' ? 'cpu' : 'gpu',
      adapter: device.name,
      software: device.backend === 'webgpu' && device.software,
      steps,
      unfused,
      fused,
      speedup: unfused.ms.median / fused.ms.median,
      max_relative_loss_difference: difference,
    };
  } finally {
    open.forEach((one) => one.dispose());
  }
}

/** Rounds that take turns, the first of a pair now the one and now the other. */
async function measure(
  file: string,
  series: Readonly<Record<Way, StepSeries>>,
  steps: number,
  bench: Bench,
): Promise<{ losses: Record<Way, number[]>; times: Record<Way, number[]> }> {
  const { context, display } = bench;
  const losses: Record<Way, number[]> = { unfused: [], fused: [] };
  const times: Record<Way, number[]> = { unfused: [], fused: [] };
  const round = async (way: Way, count: number): Promise<number> => {
    const start = context.host.now();
    losses[way].push(...(await series[way].run(count)));
    checkInterrupt(bench);
    return (context.host.now() - start) / count;
  };
  let slowest = 0;
  for (const way of WAYS) {
    display.activity(`${file}: first steps, ${way} …`);
    await round(way, WARM_UP - 1);
    slowest = Math.max(slowest, await round(way, 1));
  }
  const wanted = Math.ceil(ROUND_MS / Math.max(slowest, 0.01));
  const size = Math.max(1, Math.min(wanted, Math.floor(steps / ROUNDS)));
  for (let done = 0, turn = 0; done < steps; turn += 1) {
    const count = Math.min(size, steps - done);
    display.activity(`${file}: step ${done + count} of ${steps}`);
    for (const way of turn % 2 === 0 ? WAYS : [...WAYS].reverse()) times[way].push(await round(way, count));
    done += count;
  }
  return { losses, times };
}

function checkInterrupt({ signal }: Bench): void {
  if (signal.aborted) throw new Interrupted();
}
