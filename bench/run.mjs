// node bench/run.mjs [SUITE…]: runs the benny suites of this folder against the built compiler (npm run build).
// Timings are for reading, never for tests; compare ratios within one run.
import fs from 'node:fs';

const folder = new URL('./suites/', import.meta.url);
const suites = fs
  .readdirSync(folder)
  .filter((name) => name.endsWith('.mjs'))
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.includes(`${name}.mjs`));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(', ')}; there are ${suites.map((s) => s.slice(0, -4)).join(', ')}`);
  process.exit(2);
}
for (const name of suites) {
  if (wanted.length > 0 && !wanted.includes(name.slice(0, -4))) continue;
  const { default: run } = await import(new URL(name, folder));
  await run();
}
process.exit(0);
