/** Puts data of the examples into dsl-examples/data. In: files by name. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../dsl-examples/data/', import.meta.url));

/** Writes what `make` returns, a text or bytes for each name, where the script `url` is the one that was started. */
export function writeWhenStarted(url, make) {
  if (process.argv[1] !== fileURLToPath(url)) return;
  for (const [name, content] of Object.entries(make())) {
    mkdirSync(dirname(join(FOLDER, name)), { recursive: true });
    writeFileSync(join(FOLDER, name), content);
  }
}
