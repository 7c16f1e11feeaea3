/**
 * The numbers the host computes for every step: learning rates and bias corrections, in f64. In: a formula of
 * the listing and where the run stands. Out: its value. Formulas: LANGUAGE.md section 5; s is the number of
 * runs of the step block before, from 0, N those in the whole program.
 */
import type { Duration, ScalarFormula, Schedule } from '../plan-format.ts';

export interface ScheduleContext {
  /** s: runs of this step block before this one. */
  run: number;
  /** N: runs of this step block in the whole program, also where the command line stops earlier. */
  runs: number;
  /** Runs of this step block in one epoch; may be a fraction where several steps share the records. */
  runsPerEpoch: number;
  /** The rate a `plateau` schedule has come to (PlateauRate.rate); its base where absent. */
  plateauRate?: number;
}

/** The value of a scalar of the uniform block. */
export function scalarValue(formula: ScalarFormula, context: ScheduleContext): number {
  switch (formula.kind) {
    case 'schedule':
      return learningRate(formula.schedule, context);
    case 'bias_correction':
      return 1 - formula.beta ** (context.run + 1);
    case 'is_first_run':
      return context.run === 0 ? 1 : 0;
    default:
      return formula satisfies never;
  }
}

/** The learning rate of one run of a step block. */
export function learningRate(schedule: Schedule, context: ScheduleContext): number {
  const s = context.run;
  switch (schedule.type) {
    case 'constant':
      return schedule.value;
    case 'cosine':
      return afterWarmup(schedule, context, (share) => (1 + Math.cos(Math.PI * share)) / 2);
    case 'linear':
      return afterWarmup(schedule, context, (share) => 1 - share);
    case 'exponential':
      return schedule.base * schedule.decay ** s;
    case 'steps':
      return schedule.base * schedule.factor ** Math.floor(s / Math.max(1, inRuns(schedule.every, context)));
    case 'inverse':
      return schedule.base / (1 + schedule.decay * s);
    case 'one_cycle':
      return oneCycle(schedule, context);
    case 'plateau':
      return context.plateauRate ?? schedule.base;
    default:
      return schedule satisfies never;
  }
}

/** A duration as whole runs of the step block. */
export function inRuns(duration: Duration, context: Pick<ScheduleContext, 'runsPerEpoch'>): number {
  return duration.unit === 'step' ? duration.count : Math.round(duration.count * context.runsPerEpoch);
}

/** `base (s + 1) / warmup`, then from base to `to` along the curve, and `to` beyond `over`. */
function afterWarmup(
  schedule: Extract<Schedule, { type: 'cosine' | 'linear' }>,
  context: ScheduleContext,
  curve: (share: number) => number,
): number {
  const { base, to } = schedule;
  const warmup = inRuns(schedule.warmup, context);
  const over = schedule.over ? inRuns(schedule.over, context) : context.runs;
  if (context.run < warmup) return (base * (context.run + 1)) / warmup;
  if (context.run >= over) return to;
  return to + (base - to) * curve((context.run - warmup) / (over - warmup));
}

/**
 * torch.optim.lr_scheduler.OneCycleLR with anneal_strategy 'cos' and two phases: up from `start` to `peak`
 * until run rise * over - 1, down to `to` until run over - 1.
 */
function oneCycle(schedule: Extract<Schedule, { type: 'one_cycle' }>, context: ScheduleContext): number {
  const over = schedule.over ? inRuns(schedule.over, context) : context.runs;
  const top = schedule.rise * over - 1;
  const anneal = (from: number, to: number, share: number): number =>
    to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
  if (context.run <= top) {
    return anneal(schedule.start, schedule.peak, top === 0 ? 1 : context.run / top);
  }
  if (context.run >= over - 1) return schedule.to;
  return anneal(schedule.peak, schedule.to, (context.run - top) / (over - 1 - top));
}
