/** Every program at hand: the examples, the library, the language page's, those the tests are written with, parity's. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from '../../../compiler/syntax/parse.ts';

export interface Program {
  name: string;
  text: string;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** `.net` files of the project and, where they lie beside it, of ../shared. */
export function programFiles(): Program[] {
  const folders = ['compiler/std', 'dsl-examples', 'bench', '../shared/parity', '../shared/peers'];
  return folders
    .flatMap((folder) => filesIn(path.join(ROOT, folder), '.net'))
    .map((file) => ({ name: path.relative(ROOT, file), text: fs.readFileSync(file, 'utf8') }));
}

/** The texts in backquotes in the tests that are programs as they stand. */
export function programsInTests(): Program[] {
  const found = new Map<string, Program>();
  for (const file of filesIn(path.join(ROOT, 'codegen-tests'), '.ts')) {
    const source = fs.readFileSync(file, 'utf8');
    for (const [, text = ''] of source.matchAll(/`((?:[^`\\$]|\$(?!\{))*)`/g)) {
      if (!/^\s*(?:#|let|use|fn|layer|model|data|train)\b/m.test(text) || found.has(text)) continue;
      if (parse(text, 'test.net').diagnostics.length > 0) continue;
      found.set(text, { name: `${path.relative(ROOT, file)} ${found.size}`, text });
    }
  }
  return [...found.values()];
}

function filesIn(folder: string, ending: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => path.join(folder, name));
}
