/**
 * The training loop. In: a listing, a runner with weights and optimizer state in place, a data set, callbacks. Out: events in the
 * order of the steps, files through `writeFile`, and how the run ended.
 * Holds: nothing is awaited inside a step; losses come late, through `LateReads`; evaluation and saving begin
 * when all earlier work is done. Time, files and output come in from outside: no clock and no IO here.
 */
import { BatchOrder } from '../data/batches.ts';
import { countDispatches } from '../device-limits.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Duration, Listing, StepListing, TrainingSpec } from '../plan-format.ts';
import { routineOf, stepOf } from '../listing-access.ts';
import { elements } from '../step-runner.ts';
import { BatchLoader } from './batch-loader.ts';
import { Evaluator } from './evaluate.ts';
import type { StepEvent } from './events.ts';
import { LateReads } from './late-reads.ts';
import type { MetricValues } from './metrics.ts';
import { MetricMean } from './metrics.ts';
import type { Position, RunPlan } from './run-plan.ts';
import { blockOf, completedEpochs, isDue, planRun } from './run-plan.ts';
import type { SavePoint } from './save.ts';
import { Checkpoints } from './save.ts';
import { StepScalars } from './step-scalars.ts';
import { Stopwatch } from './stopwatch.ts';
import { Throttle } from './throttle.ts';
import type { Interlude, LoopOptions, TrainResult } from './training-options.ts';
import { Validation } from './validation.ts';
import { checkWatched } from './watch.ts';
import { writeWeights } from './weights.ts';

/**
 * Trains. Throws RuntimeFailure: E0603 where a loss is not finite, E0602 and E0604 from the device, E0407
 * and E0408 where data and program do not fit.
 */
export async function runTraining(options: LoopOptions): Promise<TrainResult> {
  const trainer = new Trainer(options);
  return await trainer.run();
}

class Trainer {
  readonly #options: LoopOptions;
  readonly #training: TrainingSpec;
  readonly #plan: RunPlan;
  readonly #order: BatchOrder;
  readonly #loader: BatchLoader;
  readonly #validation: Validation;
  readonly #checkpoints: Checkpoints;
  readonly #reads: LateReads;
  readonly #throttle: Throttle;
  readonly #stopwatch = new Stopwatch();
  readonly #scalars: StepScalars;
  #position: Position = { step: 0, batches: 0 };
  #epoch = 0;
  #values: MetricValues = {};
  #loss: number | undefined;

  constructor(options: LoopOptions) {
    const { listing, runner, dataset, seed, signal, maxSteps } = options;
    const { training, data, steps } = listing;
    if (training === undefined) throw new Error('internal: the listing has no training');
    this.#options = options;
    this.#training = training;
    checkWatched(listing, dataset.splits.keys());
    const batch = routineOf(listing, steps[0]?.gradient ?? -1).batch;
    const place = { split: 'train', ...(data ? { span: data.span } : {}) };
    this.#order = new BatchOrder(
      dataset.splits.get('train') ?? 0,
      batch,
      data?.shuffle ?? false,
      seed,
      place,
    );
    this.#plan = planRun(training, steps, this.#order.batchesPerEpoch, maxSteps);
    const staged = steps.flatMap(({ gradient, evaluate, evaluateAverages = [] }) =>
      [gradient, evaluate].concat(evaluateAverages),
    );
    this.#loader = new BatchLoader(listing, dataset, new Set(staged));
    this.#checkpoints = new Checkpoints(options);
    this.#reads = new LateReads(Math.min(...steps.map((step) => runner.slots(step.gradient))));
    this.#throttle = new Throttle(runner);
    this.#scalars = new StepScalars(listing, this.#plan);
    this.#validation = new Validation(options, {
      training,
      evaluator: new Evaluator(
        { listing, runner, dataset, seed, ...(signal ? { signal } : {}) },
        this.#loader,
      ),
      checkpoints: this.#checkpoints,
      scalars: this.#scalars,
    });
  }

  async run(): Promise<TrainResult> {
    const { clock, signal } = this.#options;
    const startedAt = clock();
    this.#emitStart();
    while (this.#position.step < this.#plan.steps && !this.#validation.stopped && !signal?.aborted) {
      if (this.#options.interlude?.wanted()) {
        await this.#holdFor(this.#options.interlude);
        continue;
      }
      const before = this.#position;
      await this.#step();
      await this.#afterStep(before);
    }
    await this.#settle();
    const interrupted =
      signal?.aborted === true && this.#position.step < this.#plan.steps && !this.#validation.stopped;
    await (interrupted ? this.#saveInterrupted() : this.#finish());
    this.#emitEnd(startedAt);
    return {
      steps: this.#position.step,
      interrupted,
      stopped: this.#validation.stopped,
      ...(this.#loss === undefined ? {} : { loss: this.#loss }),
      evaluations: this.#validation.newest,
    };
  }

  async #holdFor(interlude: Interlude): Promise<void> {
    const { clock } = this.#options;
    await this.#settle();
    this.#stopwatch.pause(clock());
    const { step } = this.#position;
    await interlude.hold(step, () => this.#checkpoints.bytes(step));
    this.#stopwatch.resume(clock());
  }

  /** One step: `accumulate` batches, the update with the last of them. */
  async #step(): Promise<void> {
    const { listing, runner, seed, progress } = this.#options;
    const step = this.#position.step + 1;
    const block = blockOf(this.#plan, step);
    const spec = stepOf(listing, block);
    const routine = routineOf(listing, spec.gradient);
    const reading = this.#isRead(step);
    const mean = new MetricMean(spec.metrics);
    const uniform = { seed, draw: 0, scalars: this.#scalars.next(block) };
    for (let part = 0; part < this.#plan.accumulate; part += 1) {
      const last = part === this.#plan.accumulate - 1;
      const wait = (reading ? this.#reads.room() : undefined) ?? this.#throttle.room();
      if (wait) await wait;
      this.#reads.check();
      const { records, epoch } = this.#order.next();
      uniform.draw = this.#position.batches + part;
      const handle = runner.run({
        routines: routinesOf(spec, last),
        batch: records.length,
        uniform,
        inputs: this.#loader.load(routine, 'train', records),
        ...(reading ? { read: spec.gradient } : {}),
        ...(part === 0 && spec.accumulate !== undefined ? { clear: ['accumulators'] as const } : {}),
      });
      this.#epoch = epoch;
      if (!reading) continue;
      this.#reads.add(handle, (outputs) => {
        mean.add(outputs, records.length);
        if (last) this.#noteStep(step, epoch, spec, mean.values());
      });
    }
    this.#position = { step, batches: this.#position.batches + this.#plan.accumulate };
    progress?.({
      step,
      steps: this.#plan.steps,
      epoch: this.#epoch,
      stepsPerSecond: this.#stopwatch.stepsPerSecond,
      values: this.#values,
    });
  }

  /** The values of a step have arrived: reports them, and ends the run where the loss is broken. */
  #noteStep(step: number, epoch: number, spec: StepListing, values: MetricValues): void {
    this.#stopwatch.read(step, this.#options.clock());
    this.#values = values;
    this.#loss = values.loss ?? this.#loss;
    if (this.#isReported(step)) {
      const named = spec.name === undefined ? {} : { name: spec.name };
      const event: StepEvent = { event: 'step', step, epoch, ...named, ...values };
      this.#options.emit(event);
    }
    if (values.loss === undefined || Number.isFinite(values.loss)) return;
    const figures = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    const name = spec.name === undefined ? '' : ` (${spec.name})`;
    throw new RuntimeFailure(
      'E0603',
      `the loss of step ${step}${name} is not finite: ${figures.join(', ')}`,
      {
        help: 'lower the learning rate, or clip the gradient: clip_norm(1.0) -> …',
      },
    );
  }

  /** Evaluation and saving, where they are due; the clock of the rate stands still meanwhile. */
  async #afterStep(before: Position): Promise<void> {
    const { clock } = this.#options;
    const due = (every: Duration): boolean => isDue(every, this.#plan, before, this.#position);
    const evaluating = this.#validation.every !== undefined && due(this.#validation.every);
    const saves = this.#training.save
      .filter((save) => save.kind === 'every')
      .filter((save) => due(save.every));
    if (!evaluating && saves.length === 0) return;
    await this.#settle();
    this.#stopwatch.pause(clock());
    if (evaluating) await this.#validation.evaluate(this.#point());
    for (const save of saves) await this.#checkpoints.periodic(save, this.#point());
    this.#stopwatch.resume(clock());
  }

  /** The last evaluation, the best weights where they are wanted back, the last file. */
  async #finish(): Promise<void> {
    const { finalPath, listing, runner } = this.#options;
    const { step } = this.#position;
    await this.#validation.evaluateAtEnd(this.#point());
    const best = this.#validation.bestBefore(step);
    if (best !== undefined) writeWeights(runner, listing, best);
    if (finalPath !== undefined) await this.#checkpoints.write(finalPath, this.#point(), best);
  }

  async #saveInterrupted(): Promise<void> {
    const { interruptPath, finalPath, listing } = this.#options;
    const path = interruptPath ?? finalPath ?? `${listing.program}-interrupted.safetensors`;
    await this.#checkpoints.write(path, this.#point());
  }

  /** Waits until everything submitted is done and everything read is reported. */
  async #settle(): Promise<void> {
    await this.#reads.drain();
    await this.#options.runner.finished();
  }

  #isReported(step: number): boolean {
    return step === 1 || step === this.#plan.steps || step % this.#options.logEvery === 0;
  }

  /** Besides what is reported: where something follows that builds on the weights being sound. */
  #isRead(step: number): boolean {
    const { readEvery } = this.#options;
    if (this.#isReported(step) || (readEvery !== undefined && step % readEvery === 0)) return true;
    const { every } = this.#validation;
    if (every === undefined) return false;
    const after = { step, batches: this.#position.batches + this.#plan.accumulate };
    return isDue(every, this.#plan, this.#position, after);
  }

  #point(): SavePoint {
    return { step: this.#position.step, epoch: completedEpochs(this.#plan, this.#position) };
  }

  #emitStart(): void {
    const { listing, runner, device, seed, compileSeconds, emit } = this.#options;
    emit({
      event: 'start',
      program: listing.program,
      device: device.name,
      backend: device.backend,
      seed,
      parameters: listing.parameters.reduce((sum, parameter) => sum + elements(parameter.shape), 0),
      compile_seconds: compileSeconds,
      dispatches: dispatchesOfRound(listing, this.#plan),
      memory_bytes: runner.memoryBytes,
    });
  }

  #emitEnd(startedAt: number): void {
    const { clock, processStart, emit } = this.#options;
    const { firstRead, stepsPerSecond } = this.#stopwatch;
    emit({
      event: 'end',
      steps: this.#position.step,
      seconds: clock() - startedAt,
      first_step_seconds: firstRead === undefined ? 0 : firstRead - processStart,
      steps_per_second: stepsPerSecond,
      ...(this.#loss === undefined ? {} : { loss: this.#loss }),
    });
  }
}

function routinesOf(step: StepListing, last: boolean): number[] {
  const routines = [step.gradient];
  if (step.accumulate !== undefined) routines.push(step.accumulate);
  if (last && step.update !== undefined) routines.push(step.update);
  return routines;
}

/** Dispatches of one round of the steps. */
function dispatchesOfRound(listing: Listing, plan: RunPlan): number {
  const of = (routine: number | undefined): number =>
    routine === undefined ? 0 : countDispatches(routineOf(listing, routine).commands);
  return plan.round.reduce((sum, block) => {
    const step = stepOf(listing, block);
    return sum + plan.accumulate * (of(step.gradient) + of(step.accumulate)) + of(step.update);
  }, 0);
}
