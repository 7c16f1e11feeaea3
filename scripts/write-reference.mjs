/** `npm run docs`: writes docs/reference-tables.md from the compiler's own tables. */
import fs from 'node:fs';
import { referenceTables } from '../dist/compiler/reference/tables.js';

fs.writeFileSync(new URL('../docs/reference-tables.md', import.meta.url), referenceTables());
