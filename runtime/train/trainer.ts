/**
 * The training loop. In: a listing, a runner with weights and optimizer state in place, a data set, callbacks. Out: events in the
 * order of the steps, files through `writeFile`, and how the run ended.
 * Holds: nothing is awaited inside a step; losses come late, through `LateReads`; evaluation and saving begin
 * when all earlier work is done. Time, files and output come in from outside: no clock and no IO here.
 */
import { BatchOrder } from '../data/batches.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Duration, StepListing, TrainingSpec } from '../plan-format.ts';
import { routineOf, stepOf } from '../listing-access.ts';
import { BatchLoader } from './batch-loader.ts';
import { Evaluator } from './evaluate.ts';
import type { StepEvent } from './events.ts';
import { LateReads } from './late-reads.ts';
import type { MetricValues } from './metrics.ts';
import { MetricMean } from './metrics.ts';
import type { Position, RunPlan } from './run-plan.ts';
import { blockOf, completedEpochs, isDue, planRun, positionOf } from './run-plan.ts';
import { RunKeeper } from './run-keeper.ts';
import type { SavePoint } from './save.ts';
import { Checkpoints } from './save.ts';
import { startEvent } from './start-event.ts';
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
  readonly #keeper: RunKeeper | undefined;
  #position: Position;
  /** The evaluation behind the last step was given up. */
  #unfinished: boolean;
  #epoch = 0;
  #values: MetricValues = {};
  #loss: number | undefined;

  constructor(options: LoopOptions) {
    const { listing, runner, dataset, seed, signal, maxSteps, keep, resume } = options;
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
    this.#position = positionOf(this.#plan, resume?.step ?? 0);
    this.#unfinished = resume?.unfinished ?? false;
    this.#order.skip(this.#position.batches);
    const staged = steps.flatMap(({ gradient, evaluate, evaluateAverages = [] }) =>
      [gradient, evaluate].concat(evaluateAverages),
    );
    this.#loader = new BatchLoader(listing, dataset, new Set(staged));
    this.#checkpoints = new Checkpoints(options, resume?.saves);
    this.#keeper = keep && new RunKeeper(options, keep, this.#checkpoints);
    this.#reads = new LateReads(Math.min(...steps.map((step) => runner.slots(step.gradient))));
    this.#throttle = new Throttle(runner);
    this.#scalars = new StepScalars(listing, this.#plan, resume);
    const judging = { listing, runner, dataset, seed, ...(signal ? { signal } : {}) };
    const evaluator = new Evaluator(judging, this.#loader);
    const parts = { training, evaluator, checkpoints: this.#checkpoints, scalars: this.#scalars };
    this.#validation = new Validation(options, parts, resume?.validation);
  }

  async run(): Promise<TrainResult> {
    const { clock, signal } = this.#options;
    const startedAt = clock();
    this.#options.emit(startEvent(this.#options, this.#plan));
    if (this.#unfinished) await this.#afterStep();
    while (this.#position.step < this.#plan.steps && !this.#validation.stopped && !signal?.aborted) {
      if (this.#options.interlude?.wanted()) {
        await this.#holdFor(this.#options.interlude);
        continue;
      }
      await this.#step();
      await this.#afterStep();
    }
    await this.#settle();
    // Before what only the end of a run brings: it may go on for longer another time.
    await this.#keep();
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
    this.#position = positionOf(this.#plan, step);
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

  /** Evaluation, saving and keeping, where they are due; the clock of the rate stands still meanwhile. */
  async #afterStep(): Promise<void> {
    const { clock } = this.#options;
    const before = positionOf(this.#plan, this.#position.step - 1);
    const due = (every: Duration): boolean => isDue(every, this.#plan, before, this.#position);
    const evaluating = this.#validation.every !== undefined && due(this.#validation.every);
    const saves = this.#training.save
      .filter((save) => save.kind === 'every')
      .filter((save) => due(save.every));
    const resting = evaluating || saves.length > 0;
    if (!resting && this.#keeper?.due(false) !== true) return;
    await this.#settle();
    this.#stopwatch.pause(clock());
    if (evaluating) this.#unfinished = !(await this.#validation.evaluate(this.#point()));
    for (const save of saves) await this.#checkpoints.periodic(save, this.#point());
    if (this.#keeper?.due(resting)) await this.#keep();
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

  /** The state of the run as it is now, all earlier work being done. */
  async #keep(): Promise<void> {
    await this.#keeper?.keep({
      step: this.#position.step,
      unfinished: this.#unfinished,
      plateaus: this.#scalars.plateaus,
      saves: this.#checkpoints.state,
      validation: this.#validation.state,
    });
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
    return isDue(every, this.#plan, positionOf(this.#plan, step - 1), positionOf(this.#plan, step));
  }

  #point(): SavePoint {
    return { step: this.#position.step, epoch: completedEpochs(this.#plan, this.#position) };
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
