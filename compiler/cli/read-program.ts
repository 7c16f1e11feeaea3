/** Reads a program's text and what it uses from disk. In: a path as given. Out: text under that name. */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, reasonOf } from '../../runtime/node/files.ts';
import { fail } from '../diagnostics.ts';
import type { CompileOptions, SourceText } from '../index.ts';
import type { Context } from './context.ts';
import { compileOptionsOf } from './flags.ts';

/** Text of a file in UTF-8; E0702 where it cannot be had. */
export function readProgram(file: string, context: Context): SourceText {
  const text = readText(file);
  context.remember(file, text);
  return { file, text };
}

/** Compile options for the program of `file`: the flags, and the files that `use` names beside it. */
export function programOptions(context: Context): CompileOptions {
  return {
    ...compileOptionsOf(context.flags),
    resolve(used, from) {
      const file = path.resolve(path.dirname(from), used);
      if (!fs.existsSync(file)) return undefined;
      const text = readText(file);
      // Errors name the file as its `use` does, beside the file that uses it.
      const folder = from.slice(0, from.lastIndexOf('/') + 1);
      context.remember(path.isAbsolute(used) ? used : folder + used, text);
      return text;
    },
  };
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch (error) {
    return fail('E0702', undefined, `cannot read '${file}': ${reasonOf(error)}`, helpFor(file, error));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail('E0702', undefined, `cannot read '${file}': it is not text in UTF-8`);
  }
}

/** Where a file is missing, the `.net` files of its folder. */
function helpFor(file: string, error: unknown): { help?: string } {
  if (errorCode(error) !== 'ENOENT') return {};
  const folder = path.dirname(file);
  try {
    const programs = fs.readdirSync(folder).filter((name) => name.endsWith('.net'));
    if (programs.length === 0) return {};
    const shown = programs.slice(0, 8).map((name) => path.join(folder, name));
    return { help: `programs in that folder: ${shown.join(', ')}${programs.length > 8 ? ', …' : ''}` };
  } catch {
    return { help: `there is no folder '${folder}'` };
  }
}
