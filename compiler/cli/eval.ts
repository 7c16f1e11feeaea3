/** `netc eval FILE --weights W`: loss and metrics of whole splits, in evaluation mode. */
import path from 'node:path';
import { openDataset, splitNames } from '../../runtime/data/open-dataset.ts';
import { createRunner } from '../../runtime/create-runner.ts';
import { evaluate } from '../../runtime/train/evaluate.ts';
import { measureStandards, missingStandards } from '../../runtime/train/standardize.ts';
import { evaluatedSplits } from '../../runtime/train/watch.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { trainingParts } from '../../runtime/node/training-parts.ts';
import { fail } from '../diagnostics.ts';
import { compile } from '../index.ts';
import type { EvalFlags } from './commands.ts';
import type { Context } from './context.ts';
import { formatCount, formatNumber } from '../../runtime/report/format.ts';
import { programOptions, readProgram } from './read-program.ts';
import { toJsonLine } from '../../runtime/report/json-line.ts';
import { withTarget, type Target } from './target.ts';
import { readWeights } from '../../runtime/node/weights.ts';

export const runEval = (file: string, flags: EvalFlags, context: Context): Promise<number> =>
  withTarget(context, (target) => evaluateOn(target, file, flags, context));

async function evaluateOn(target: Target, file: string, flags: EvalFlags, context: Context): Promise<number> {
  const options = { ...programOptions(context), profile: target.profile, predictions: false };
  const { listing, warnings } = compile(readProgram(file, context), options);
  context.report(warnings);
  const { training, data, reader } = trainingParts(file, listing, flags.data ?? path.dirname(file));
  const splits = flags.split === undefined ? evaluatedSplits(splitNames(data)) : [flags.split];
  if (splits.length === 0) {
    fail('E0408', data.span, 'the data has no split besides train', {
      help: '--split train evaluates that one',
    });
  }
  const { values, tables } = await readWeights(flags.weights, listing);
  const missing = missingStandards(listing, values);
  const only = missing.length > 0 ? ['train', ...splits] : splits;
  const dataset = await openDataset(data, reader, training.seed, { only, tables });
  const device = await target.open();
  if (target.note !== undefined) context.say(target.note);
  try {
    const runner = await createRunner(listing, device, {
      routines: [
        ...new Set(listing.steps.map(({ evaluate: routine }) => routine)),
        ...(listing.standardize && missing.length > 0 ? [listing.standardize.routine] : []),
      ],
    });
    const { seed } = training;
    const standards =
      missing.length > 0 ? await measureStandards({ listing, runner, dataset, seed }, missing) : [];
    writeWeights(runner, listing, new Map([...initialWeights(listing, seed, values), ...standards]));
    const evaluations = await evaluate({ listing, runner, dataset, splits, seed });
    for (const { split, name, values } of evaluations ?? []) {
      const named = name === undefined ? {} : { name };
      if (flags.json) context.print(`${toJsonLine({ event: 'eval', split, ...named, ...values })}\n`);
      else {
        const shown = Object.entries(values).map(([metric, value]) => `${metric} ${formatNumber(value)}`);
        const where = name === undefined ? split : `${split} ${name}`;
        context.print(
          `${where}  ${shown.join('  ')}  (${formatCount(dataset.splits.get(split) ?? 0)} records)\n`,
        );
      }
    }
    runner.dispose();
  } finally {
    device.close();
  }
  return 0;
}
