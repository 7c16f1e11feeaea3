/**
 * `netc fmt FILE… [--check]`: canonical layout. Files with syntax errors are left alone, the others are written whole
 * or not at all. With --check nothing is written: the files that are laid out otherwise are named, exit code 1.
 */
import fs from 'node:fs';
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import { CompileError } from '../diagnostics.ts';
import { format } from '../syntax/format/format.ts';
import type { FormatFlags } from './commands.ts';
import type { Context } from './context.ts';
import { EXIT, exitCodeOf } from '../../runtime/report/exit-codes.ts';
import { diagnosticsOf } from './failures.ts';
import { readProgram } from './read-program.ts';

export async function runFormat(
  files: readonly string[],
  { check = false }: FormatFlags,
  context: Context,
): Promise<number> {
  let exitCode: number = EXIT.done;
  for (const file of new Set(files)) {
    try {
      const changed = await formatFile(file, check, context);
      if (check && changed) exitCode = Math.max(exitCode, EXIT.wrong);
    } catch (thrown) {
      const diagnostics = diagnosticsOf(thrown, context.host.environment);
      context.report(diagnostics);
      exitCode = Math.max(exitCode, exitCodeOf(diagnostics));
    }
  }
  return exitCode;
}

/** Whether the file is laid out otherwise; then it is written, but for `check`. */
async function formatFile(file: string, check: boolean, context: Context): Promise<boolean> {
  const { text } = readProgram(file, context);
  const formatted = format(text, file);
  if (formatted.diagnostics) throw new CompileError(formatted.diagnostics);
  const changed = formatted.text !== text;
  if (changed && !check) await replaceText(file, formatted.text);
  if (context.flags.json) context.print(`${JSON.stringify({ file, changed })}\n`);
  else if (check && changed) context.print(`${file}\n`);
  else if (changed) context.say(`${file}: laid out`);
  return changed;
}

/** Behind a link the file itself is written; its permissions stay. */
async function replaceText(file: string, text: string): Promise<void> {
  const target = fs.realpathSync(file);
  const { mode } = fs.statSync(target);
  await writeFileAtomic(target, new TextEncoder().encode(text));
  fs.chmodSync(target, mode);
}
