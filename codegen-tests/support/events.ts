/** Events of `train --json`, read back from what a run wrote. */
import { expect } from 'vitest';
import type { Recorded } from '../cli/recording-host.ts';

export type Event = Record<string, unknown> & { event: string };

/** The events of a run that ended well. */
export function eventsOf(run: Recorded): Event[] {
  expect(run.stderr).toBe('');
  expect(run.exitCode).toBe(0);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

export const stepsOf = (events: readonly Event[]): Event[] => events.filter((e) => e.event === 'step');

/** The newest evaluation of a split. */
export function lastEvaluation(events: readonly Event[], split: string): Event {
  const found = events.filter((e) => e.event === 'eval' && e['split'] === split).at(-1);
  if (!found) throw new Error(`no evaluation of ${split}`);
  return found;
}
