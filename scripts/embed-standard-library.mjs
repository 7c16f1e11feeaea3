// Writes compiler/std/standard-library.generated.ts from std.net, so that the compiler stays free of file access.
import fs from 'node:fs';

const folder = new URL('../compiler/std/', import.meta.url);
const text = fs.readFileSync(new URL('std.net', folder), 'utf8');
const target = new URL('standard-library.generated.ts', folder);
const body = `// Generated from std.net by scripts/embed-standard-library.mjs.\nexport const STANDARD_LIBRARY = ${JSON.stringify(text)};\n`;
if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== body) fs.writeFileSync(target, body);
