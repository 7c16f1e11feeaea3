// The command line's entry must be executable for `npx netc`; tsc does not keep the mode.
import fs from 'node:fs';

fs.chmodSync(new URL('../dist/compiler/cli/main.js', import.meta.url), 0o755);
