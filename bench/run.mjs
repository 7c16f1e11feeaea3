/**
 * node bench/run.mjs [SUITE…]: runs the benny suites of this folder against the built compiler (npm run build), and writes
 * out/bench/results.json and out/bench/index.html, one page with plots. Timings are for reading, never for tests; compare
 * ratios within one run. PEERS=FOLDER adds other libraries (bench/peers.mjs).
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportPage } from './page.mjs';

const OUT = fileURLToPath(new URL('../out/bench/', import.meta.url));
const folder = new URL('./suites/', import.meta.url);
const suites = fs
  .readdirSync(folder)
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => name.slice(0, -4))
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.includes(name));
if (unknown.length > 0) {
  console.error(`no suite ${unknown.join(', ')}; there are ${suites.join(', ')}`);
  process.exit(2);
}

const report = {
  machine: `${os.cpus().length} x ${os.cpus()[0]?.model.trim() ?? 'processor'}, ${os.platform()} ${os.arch()}, Node ${process.versions.node}`,
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  suites: [],
};
for (const name of wanted.length > 0 ? wanted : suites) {
  const { default: run } = await import(new URL(`${name}.mjs`, folder));
  report.suites.push({ name, plots: await run() });
  // Written after every suite: what is there is not lost when a later one is broken off.
  fs.mkdirSync(OUT, { recursive: true });
  fs.writeFileSync(path.join(OUT, 'results.json'), `${JSON.stringify(report, undefined, 1)}\n`);
  fs.writeFileSync(path.join(OUT, 'index.html'), reportPage(report));
}
console.log(`\n${path.join(OUT, 'index.html')}`);
process.exit(0);
