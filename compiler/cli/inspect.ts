/**
 * `netc inspect FILE`: what the compiler makes of a program, stage by stage. Text goes to standard output as
 * it is; with --json the report of the interface page, or one stage's text in an object; with -o a page.
 */
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import { compile } from '../index.ts';
import { fail } from '../diagnostics.ts';
import type { InspectFlags } from './commands.ts';
import { STAGES } from './commands.ts';
import type { Context } from './context.ts';
import { programOptions, readProgram } from './read-program.ts';

export async function runInspect(file: string, flags: InspectFlags, context: Context): Promise<number> {
  if (flags.o !== undefined && (flags.json || flags.stage)) {
    fail(
      'E0701',
      undefined,
      `-o writes a page with all stages, and takes no --${flags.json ? 'json' : 'stage'}`,
      {
        help: 'leave out one of the two',
      },
    );
  }
  const source = readProgram(file, context);
  const compilation = compile(source, programOptions(context));
  context.report(compilation.warnings);
  if (flags.o !== undefined) {
    const { inspectPage } = await import('../inspect-page/page.ts');
    await writeFileAtomic(flags.o, new TextEncoder().encode(inspectPage(source, compilation)));
    context.say(`${file}: ${flags.o}`);
    return 0;
  }
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
