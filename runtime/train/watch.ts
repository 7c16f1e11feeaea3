/**
 * Names of evaluated values: `valid.loss`, or `valid.critic.loss` where steps are named.
 * In: a listing, its splits. Out: the names there are; RuntimeFailure E0408 for one that is watched and not
 * among them.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Listing, StepListing } from '../plan-format.ts';
import { averagedSplit } from './evaluate.ts';
import type { MetricValues } from './metrics.ts';

/** Values of one evaluation under all their names. */
export type Watched = ReadonlyMap<string, number>;

/** Splits that are evaluated: all but the one that trains. */
export function evaluatedSplits(splits: Iterable<string>): string[] {
  return [...splits].filter((split) => split !== 'train');
}

/** Names of a step's metric in a split. The step's name may be left out where there is one step only. */
export function watchNames(
  split: string,
  steps: readonly StepListing[],
  block: number,
  metric: string,
): string[] {
  const name = steps[block]?.name;
  const short = `${split}.${metric}`;
  if (name === undefined) return [short];
  const long = `${split}.${name}.${metric}`;
  return steps.length === 1 ? [long, short] : [long];
}

/** Adds the values of one step in one split under their names. */
export function noteValues(
  into: Map<string, number>,
  split: string,
  steps: readonly StepListing[],
  block: number,
  values: MetricValues,
): void {
  for (const [metric, value] of Object.entries(values)) {
    for (const name of watchNames(split, steps, block, metric)) into.set(name, value);
  }
}

/** Everything the listing watches: `save`, `stop`, and schedules of the kind `plateau`. */
export function watchedNames(listing: Listing): string[] {
  const { training } = listing;
  const saves = (training?.save ?? []).flatMap((save) => (save.kind === 'best' ? [save.watch] : []));
  const stop = training?.stop ? [training.stop.watch] : [];
  const schedules = listing.uniform.scalars.flatMap(({ formula }) =>
    formula.kind === 'schedule' && formula.schedule.type === 'plateau' ? [formula.schedule.watch] : [],
  );
  return [...new Set([...saves, ...stop, ...schedules])];
}

/** Throws RuntimeFailure E0408 where something is watched that no evaluation gives. */
export function checkWatched(listing: Listing, splits: Iterable<string>): void {
  const plain = evaluatedSplits(splits);
  const averaged = listing.averages === undefined ? [] : plain.map(averagedSplit);
  const known = [...plain, ...averaged].flatMap((split) =>
    listing.steps.flatMap((step, block) =>
      step.metrics.flatMap((metric) => watchNames(split, listing.steps, block, metric.name)),
    ),
  );
  for (const name of watchedNames(listing)) {
    if (known.includes(name)) continue;
    const help =
      known.length === 0
        ? 'the data has no split but train; add one, for example `split valid = 10%`'
        : `evaluated are ${known.join(', ')}`;
    throw new RuntimeFailure('E0408', `${name} is watched, but no evaluation gives it`, { help });
  }
}
