/** `netc train FILE`: compiles in memory and trains. In: a program, its data, perhaps weights. Out: events, weights files. */
import path from 'node:path';
import { trainCommand, type TrainJob } from '../../runtime/node/train-command.ts';
import { compile } from '../index.ts';
import type { TrainFlags } from './commands.ts';
import type { Context } from './context.ts';
import { fingerprintOf } from './fingerprint.ts';
import { programOptions, readProgram } from './read-program.ts';
import { withTarget, type Target } from './target.ts';

export const runTrain = (file: string, flags: TrainFlags, context: Context): Promise<number> =>
  withTarget(context, (target) => trainCommand(flags, context.host, () => compileJob(file, context, target)));

function compileJob(file: string, context: Context, target: Target): TrainJob {
  const { host } = context;
  const source = readProgram(file, context);
  const options = { ...programOptions(context), profile: target.profile, predictions: false };
  const compileStart = host.now();
  const { program, listing, warnings } = compile(source, options);
  const compileSeconds = (host.now() - compileStart) / 1000;
  context.report(warnings);
  return {
    listing,
    file,
    folder: path.dirname(file),
    compileSeconds,
    open: () => target.open(),
    fingerprint: fingerprintOf(program),
    command: `netc train ${file}`,
    ...(target.note === undefined ? {} : { note: target.note }),
  };
}
