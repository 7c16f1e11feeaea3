import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Embeds std.net before the tests, so that an edit of the library is seen without a build. */
export function setup(): void {
  execFileSync(process.execPath, [
    fileURLToPath(new URL('../../scripts/embed-standard-library.mjs', import.meta.url)),
  ]);
}
