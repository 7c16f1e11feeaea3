/**
 * How long the run is that a host program drives step by step, as far as learning rates ask. In: the listing, the
 * number of training records where the host tells it. Out: the plan of the run. E0219 where a schedule needs the
 * records and they are not known.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Duration, Listing, Schedule, TrainingSpec } from '../plan-format.ts';
import { planRun, type RunPlan } from '../train/run-plan.ts';

export function planOfHost(listing: Listing, training: TrainingSpec, records: number | undefined): RunPlan {
  const batch = listing.routines[listing.steps[0]?.gradient ?? -1]?.batch ?? 1;
  if (records === undefined) {
    const asking = listing.uniform.scalars.find(
      ({ formula }) => formula.kind === 'schedule' && needsRecords(formula.schedule, training),
    );
    if (asking) {
      throw new RuntimeFailure('E0219', 'a learning rate depends on the number of training records', {
        help: `The program trains for ${training.epochs ?? 1} epochs: createTrainer({ records: … }) says how many records there are.`,
      });
    }
  }
  return planRun(training, listing.steps, Math.max(1, Math.floor((records ?? batch) / batch)));
}

function needsRecords(schedule: Schedule, { steps }: TrainingSpec): boolean {
  const inEpochs = (duration: Duration): boolean => duration.unit === 'epoch' && duration.count > 0;
  const whole = (over: Duration | null): boolean => (over === null ? steps === undefined : inEpochs(over));
  switch (schedule.type) {
    case 'cosine':
    case 'linear':
      return inEpochs(schedule.warmup) || whole(schedule.over);
    case 'one_cycle':
      return whole(schedule.over);
    case 'steps':
      return inEpochs(schedule.every);
    case 'constant':
    case 'exponential':
    case 'inverse':
    case 'plateau':
      return false;
    default:
      return schedule satisfies never;
  }
}
