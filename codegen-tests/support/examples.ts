/**
 * The programs of dsl-examples, for tests. What does much work for each takes `BASIC_EXAMPLES`, in which every part of
 * the language and of the kernels occurs; every example is checked and trained for some steps.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { CompileOptions, SourceText } from '../../compiler/index.ts';

export const EXAMPLES = path.resolve(import.meta.dirname, '../../dsl-examples');

export const ALL_EXAMPLES: readonly string[] = fs
  .readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.net'));

export const BASIC_EXAMPLES = [
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

/** The basic ones whose data is part of this repository. */
export const BASIC_TRAINABLE = BASIC_EXAMPLES.filter((name) => name !== 'mnist.net');

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
