/**
 * `npm run examples [NAME…] [--device cpu|gpu] [--speed STEPS] [--page]`: trains the examples to the end and writes
 * docs/examples: a page, curves and pictures. Results of earlier runs are kept. --speed takes that many steps and notes
 * how fast they went, nothing else; --page trains nothing and writes the page again. Exit code 1 where a command fails or
 * a result falls short of what table.mjs wants.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { curve } from './curve.mjs';
import { figures } from './judge.mjs';
import { PAGE, programOf, ROOT } from './netc.mjs';
import { page } from './page.mjs';
import { draw, write } from './produce.mjs';
import { ROWS } from './table.mjs';
import { measure, play, train } from './train.mjs';

const RESULTS = path.join(PAGE, 'results.json');

const { values, positionals } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    speed: { type: 'string' },
    page: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(`no example ${unknown.join(', ')}; there are ${ROWS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const { device, speed: speedSteps } = values;
fs.mkdirSync(PAGE, { recursive: true });
const readResults = () => (fs.existsSync(RESULTS) ? JSON.parse(fs.readFileSync(RESULTS, 'utf8')) : {});

/** Puts a result among those of the file, which another run may have changed since, and writes the page. */
function writePage(changed = {}) {
  const results = { ...readResults(), ...changed };
  const ordered = Object.fromEntries(
    ROWS.filter(({ name }) => results[name]).map(({ name }) => [name, results[name]]),
  );
  fs.writeFileSync(RESULTS, `${JSON.stringify(ordered)}\n`);
  for (const { name, curveOf } of ROWS.filter(({ name }) => results[name])) {
    fs.writeFileSync(path.join(PAGE, `${name}.svg`), curve(results[name].curve, curveOf));
  }
  const lines = (name) => fs.readFileSync(programOf(name), 'utf8').trimEnd().split('\n').length;
  fs.writeFileSync(path.join(PAGE, 'README.md'), page(ROWS, ordered, lines));
}

/**
 * Trains, lets the example make what it makes, and writes that down at once, so that it is not lost when a later one is
 * broken off; false where something failed or falls short.
 */
async function toTheEnd(row) {
  const { name, sheet, text } = row;
  const trained = row.figure === undefined ? train(row, device) : play(row);
  if (trained === undefined) return false;
  const { result, speed } = trained;
  if (sheet !== undefined) result.read = await draw(row, device);
  if (text !== undefined) result.text = write(row, device);
  const speeds = { ...readResults()[name]?.speeds, ...(speed && { [device]: speed }) };
  writePage({ [name]: { ...result, speeds } });
  const judged = figures(row, result);
  for (const { text: figure, holds } of judged)
    console.log(`${name}: ${figure}${holds ? '' : ' FALLS SHORT'}`);
  return judged.every(({ holds }) => holds) && (text === undefined || result.text !== undefined);
}

/** Adds to the results of an example how fast it is on this device; false where that failed. */
function forSpeed(row) {
  // A host program decides for itself where it trains.
  if (readResults()[row.name] === undefined || row.figure !== undefined) return true;
  const speed = measure(row, device, Number(speedSteps));
  if (speed === undefined) return false;
  const known = readResults()[row.name];
  writePage({ [row.name]: { ...known, speeds: { ...known.speeds, [device]: speed } } });
  console.log(`${row.name}: ${speed.stepsPerSecond.toPrecision(3)} steps a second`);
  return true;
}

let sound = true;
for (const row of values.page ? [] : ROWS) {
  const { name, data } = row;
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (data !== undefined && !fs.existsSync(path.join(ROOT, data))) {
    console.log(`${name}: left out, there is no ${data}`);
    continue;
  }
  const well = speedSteps === undefined ? await toTheEnd(row) : forSpeed(row);
  sound &&= well;
}
if (values.page) writePage();
process.exit(sound ? 0 : 1);
