/**
 * Compiling a program as what it is in its own folder, so that what comes out does not depend on where that lies. In: the
 * program's folder, the command's flags. Out: options, and mistakes told with the paths that lead to their files from here.
 */
import path from 'node:path';
import { CompileError, type Diagnostic, type Span } from '../diagnostics.ts';
import type { CompileOptions } from '../index.ts';
import type { Context } from './context.ts';
import { programOptions } from './read-program.ts';

/** Options under which files are named as the program names them, so that its folder leaves no trace. */
export function optionsIn(
  folder: string,
  context: Context,
): { options: CompileOptions; texts: Map<string, string> } {
  const options = programOptions(context);
  const texts = new Map<string, string>();
  return {
    texts,
    options: {
      ...options,
      resolve(used, from) {
        const text = options.resolve?.(used, `${folder}/${from}`);
        if (text !== undefined) texts.set(used, text);
        return text;
      },
    },
  };
}

/** Mistakes are told with the paths that lead to their files from here. */
export function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CompileError) || folder === '.') throw error;
    throw new CompileError(error.diagnostics.map((diagnostic) => under(folder, diagnostic)));
  }
}

/** A place in a file that is named from the folder. */
export const spanUnder = (folder: string, inside: Span): Span =>
  folder === '.' || inside.file === 'std.net' || path.isAbsolute(inside.file)
    ? inside
    : { ...inside, file: `${folder}/${inside.file}` };

function under(folder: string, { span, related, ...rest }: Diagnostic): Diagnostic {
  const place = (inside: Span): Span => spanUnder(folder, inside);
  return {
    ...rest,
    ...(span ? { span: place(span) } : {}),
    ...(related ? { related: related.map((each) => ({ ...each, span: place(each.span) })) } : {}),
  };
}
