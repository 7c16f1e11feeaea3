/**
 * `netc inspect FILE`: what the compiler makes of a program, stage by stage. Text goes to standard output as
 * it is; with --json the report of the interface page, or one stage's text in an object.
 */
import { compile } from '../index.ts';
import { fail } from '../diagnostics.ts';
import type { InspectFlags } from './commands.ts';
import { STAGES } from './commands.ts';
import type { Context } from './context.ts';
import { programOptions, readProgram } from './read-program.ts';

export function runInspect(file: string, flags: InspectFlags, context: Context): number {
  if (flags.o !== undefined) {
    fail('E0901', undefined, 'an HTML page (inspect -o) is not supported yet', {
      help: 'without -o the stages are printed as text, with --json as data',
    });
  }
  const compilation = compile(readProgram(file, context), programOptions(context));
  context.report(compilation.warnings);
  if (flags.json) {
    const value = flags.stage
      ? { stage: flags.stage, text: compilation.stage(flags.stage) }
      : compilation.report();
    context.print(`${JSON.stringify(value, undefined, 1)}\n`);
    return 0;
  }
  if (flags.stage) {
    context.print(withNewline(compilation.stage(flags.stage)));
    return 0;
  }
  for (const stage of STAGES) context.print(`=== ${stage} ===\n${withNewline(compilation.stage(stage))}\n`);
  return 0;
}

const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
