/** The version of this package, from its package.json, wherever the code runs from (sources or dist). */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export function versionText(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file))
      return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('internal: no package.json above the command line');
    folder = parent;
  }
}
