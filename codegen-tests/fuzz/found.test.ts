/** Programs that random search has found to go wrong, shrunk: on every variant since then. A new one is a file in `found/`. */
import fs from 'node:fs';
import path from 'node:path';
import { testFailure } from './random-programs.ts';
import { readFailure } from './search.ts';

const FOLDER = path.join(import.meta.dirname, 'found');

for (const name of fs.readdirSync(FOLDER).sort()) {
  const { text, seed } = readFailure(path.join(FOLDER, name));
  testFailure(name, text, seed);
}
