/** The programs of dsl-examples, for tests. */
import fs from 'node:fs';
import path from 'node:path';

export const EXAMPLES = path.resolve(import.meta.dirname, '../../dsl-examples');

/** File names. */
export const EXAMPLE_FILES: readonly string[] = fs
  .readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.net'));

/** Those whose data is part of this repository. */
export const TRAINABLE: readonly string[] = EXAMPLE_FILES.filter((name) => name !== 'mnist.net');

export const exampleFile = (name: string): string => path.join(EXAMPLES, name);

export const exampleText = (name: string): string => fs.readFileSync(exampleFile(name), 'utf8');

/** A copy in a folder that saves nothing, so that a run writes into no folder of others. Its path. */
export function withoutSaves(folder: string, name: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, exampleText(name).replace(/^ *save = .*$/m, ''));
  return file;
}
