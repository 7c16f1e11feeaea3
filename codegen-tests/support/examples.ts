/**
 * The programs of dsl-examples, for tests. What does much work for each takes `BASIC_EXAMPLES`, in which every part of
 * the language and of the kernels occurs; every example is checked and trained for some steps.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompileOptions, SourceText } from '../../compiler/index.ts';

export const EXAMPLES = fileURLToPath(new URL('../../dsl-examples/', import.meta.url));

export const ALL_EXAMPLES = fs.readdirSync(EXAMPLES).filter((name) => name.endsWith('.net'));

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

export const exampleSource = (name: string): SourceText => ({
  file: name,
  text: fs.readFileSync(path.join(EXAMPLES, name), 'utf8'),
});

/** For programs that `use` others of the folder. */
export const withExamples: Pick<CompileOptions, 'resolve'> = {
  resolve: (used) => exampleSource(path.basename(used)).text,
};
