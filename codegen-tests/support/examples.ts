/** The programs of dsl-examples, for tests. */
import fs from 'node:fs';
import path from 'node:path';
import type { CompileOptions, SourceText } from '../../compiler/index.ts';

export const EXAMPLES = path.resolve(import.meta.dirname, '../../dsl-examples');

/** File names; all of them are checked and trained for some steps. */
export const ALL_EXAMPLES: readonly string[] = fs
  .readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.net'));

/**
 * Those that tests take which do much work for each: every part of the language and every kind of kernel occurs in
 * them, and a software driver compiles their shaders in seconds.
 */
export const EXAMPLE_FILES: readonly string[] = [
  'flowers.net',
  'glyphs-autoencoder.net',
  'glyphs-cnn.net',
  'glyphs-gradient-penalty.net',
  'glyphs-residual.net',
  'glyphs-rows.net',
  'glyphs.net',
  'mnist.net',
  'sums.net',
];

/** Of these, those whose data is part of this repository. */
export const TRAINABLE: readonly string[] = EXAMPLE_FILES.filter((name) => name !== 'mnist.net');

export const exampleFile = (name: string): string => path.join(EXAMPLES, name);

export const exampleText = (name: string): string => fs.readFileSync(exampleFile(name), 'utf8');

export const exampleSource = (name: string): SourceText => ({ file: name, text: exampleText(name) });

/** For programs that `use` others of the folder. */
export const withExamples: Pick<CompileOptions, 'resolve'> = {
  resolve: (used) => exampleText(path.basename(used)),
};

/** A copy in a folder that saves nothing, so that a run writes into no folder of others. Its path. */
export function withoutSaves(folder: string, name: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, exampleText(name).replace(/^ *save = .*$/m, ''));
  return file;
}

/** A copy in a folder that trains only: it neither evaluates nor saves, and finds what it uses. Its path. */
export function trainingCopy(folder: string, name: string): string {
  const file = path.join(folder, name);
  const text = exampleText(name)
    .replace(/^ *(save|eval|stop) = .*$/gm, '')
    .replace(/^use "/m, `use "${EXAMPLES}/`);
  fs.writeFileSync(file, text);
  return file;
}
