/** A program in the words of its page. */
import { elements } from '../step-runner.ts';
import { dataFiles } from '../trainer/data-files.ts';
import { anyListing, type TrainerProgram } from '../trainer/trainer-program.ts';
import type { ProgramSummary } from './messages.ts';

export function summarize(program: TrainerProgram): ProgramSummary {
  const listing = anyListing(program);
  const { training, data, parameters } = listing;
  const { epochs, steps } = training ?? {};
  return {
    program: listing.program,
    netc: program.netc,
    parameters: parameters.reduce((sum, { shape }) => sum + elements(shape), 0),
    seed: training?.seed ?? 0,
    length: steps === undefined ? counted(epochs ?? 0, 'epoch') : counted(steps, 'step'),
    batch: data?.batch ?? 0,
    files: dataFiles(listing),
    targets: { webgpu: program.targets.webgpu !== undefined, cpu: program.targets.cpu !== undefined },
  };
}

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
