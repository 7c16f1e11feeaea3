/** A program in the words of its page. */
import type { Listing } from '../plan-format.ts';
import { elements } from '../step-runner.ts';
import { dataFiles } from '../trainer/data-files.ts';
import type { ProgramSummary } from './messages.ts';

/** `netc`: the version that compiled it; `targets`: what there are kernels for. */
export function summarize(
  listing: Listing,
  netc: string,
  targets: ProgramSummary['targets'],
): ProgramSummary {
  const { training, data, parameters } = listing;
  const { epochs, steps } = training ?? {};
  return {
    program: listing.program,
    netc,
    parameters: parameters.reduce((sum, { shape }) => sum + elements(shape), 0),
    seed: training?.seed ?? 0,
    length: steps === undefined ? counted(epochs ?? 0, 'epoch') : counted(steps, 'step'),
    batch: data?.batch ?? 0,
    files: dataFiles(listing),
    targets,
  };
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
