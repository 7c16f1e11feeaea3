/**
 * `npm run examples [NAME…] [--device cpu|gpu] [--page]`: trains the examples to the end and writes docs/examples: a page,
 * curves and pictures. Results of earlier runs are kept, those of other devices too; --page trains nothing and writes the
 * page again. Exit code 1 where a result falls short of what table.mjs wants.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { curve, page } from './page.mjs';
import { ROWS } from './table.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NETC = path.join(ROOT, 'dist/compiler/cli/main.js');
const PROGRAMS = path.join(ROOT, 'dsl-examples');
const RUNS = path.join(ROOT, 'out/examples');
const PAGE = path.join(ROOT, 'docs/examples');
const RESULTS = path.join(PAGE, 'results.json');
/** Points of a curve. */
const POINTS = 120;

const { values, positionals } = parseArgs({
  options: { device: { type: 'string', default: 'cpu' }, page: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(`no example ${unknown.join(', ')}; there are ${ROWS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

/** Standard output of a command; undefined, and its errors shown, where it fails. */
function netc(...argv) {
  const run = spawnSync(process.execPath, [NETC, ...argv], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return run.status === 0 ? run.stdout : undefined;
}

const programOf = (name) => path.join(PROGRAMS, `${name}.net`);
const weightsOf = (name) => path.join(RUNS, name, 'weights.safetensors');

/** A copy that saves nowhere but into its run folder, beside the original, so that `use` and data are found. */
function trainingFlags({ name, data, init }) {
  const flags = ['--json', '--log-every', '5', '--device', values.device, '--out', path.join(RUNS, name)];
  if (data !== undefined) flags.push('--data', path.join(ROOT, data));
  if (init !== undefined) flags.push('--init', weightsOf(init.weights), '--init-only', init.only);
  return flags;
}

/** At most POINTS means of neighbouring losses, of the first block of steps. */
function thinned(steps) {
  const first = steps.filter(({ name }) => name === steps[0]?.name);
  const size = Math.ceil(first.length / POINTS);
  return Array.from({ length: Math.ceil(first.length / size) }, (_, i) => {
    const part = first.slice(i * size, (i + 1) * size);
    return [part.at(-1).step, part.reduce((sum, { loss }) => sum + loss, 0) / part.length];
  });
}

function train(row) {
  const stdout = netc('train', programOf(row.name), ...trainingFlags(row));
  if (stdout === undefined) return undefined;
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const of = (kind) => events.filter(({ event }) => event === kind);
  const [start] = of('start');
  const [end] = of('end');
  const judged =
    row.split === undefined
      ? of('step').at(-1)
      : of('eval')
          .filter(({ split }) => split === row.split)
          .at(-1);
  const value = row.metric === undefined ? undefined : judged?.[row.metric];
  const other = row.wanted?.other === undefined ? undefined : judged?.[row.wanted.other];
  return {
    result: {
      parameters: start.parameters,
      ...(value === undefined ? {} : { value }),
      ...(other === undefined ? {} : { other }),
      steps: end.steps,
      curve: thinned(of('step')),
    },
    speed: { device: start.device, dispatches: start.dispatches, stepsPerSecond: end.steps_per_second },
  };
}

/** What a generative example produces: a sheet of pictures beside the page, or a text. */
function produce({ name, sheet, text }) {
  const flags = ['--weights', weightsOf(name), '--device', values.device];
  if (sheet !== undefined) {
    const file = path.join(PAGE, `${name}.png`);
    const outputs = sheet.outputs.flatMap((output) => ['-o', `${output}=${file}`]);
    netc(
      'predict',
      programOf(name),
      '--model',
      sheet.model,
      ...flags,
      '--random',
      '60',
      ...outputs,
      '--quiet',
    );
  }
  if (text === undefined) return undefined;
  const { prompt, tokens, temperature } = text;
  const numbers = ['--tokens', String(tokens), '--temperature', String(temperature)];
  return netc('generate', programOf(name), ...flags, '--prompt', prompt, ...numbers);
}

fs.mkdirSync(PAGE, { recursive: true });
const results = fs.existsSync(RESULTS) ? JSON.parse(fs.readFileSync(RESULTS, 'utf8')) : {};
let short = false;

function writePage() {
  const ordered = Object.fromEntries(
    ROWS.filter(({ name }) => results[name]).map(({ name }) => [name, results[name]]),
  );
  fs.writeFileSync(RESULTS, `${JSON.stringify(ordered)}\n`);
  for (const [name, result] of Object.entries(ordered))
    fs.writeFileSync(path.join(PAGE, `${name}.svg`), curve(result.curve));
  const lines = (name) => fs.readFileSync(programOf(name), 'utf8').trimEnd().split('\n').length;
  fs.writeFileSync(path.join(PAGE, 'README.md'), page(ROWS, ordered, lines));
}

for (const row of values.page ? [] : ROWS) {
  const { name, data, wanted } = row;
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (data !== undefined && !fs.existsSync(path.join(ROOT, data))) {
    console.log(`${name}: left out, there is no ${data}`);
    continue;
  }
  const trained = train(row);
  if (trained === undefined) {
    short = true;
    continue;
  }
  const { result, speed } = trained;
  const holds = wanted === undefined || wanted.holds(result.value, result.other);
  short ||= !holds;
  console.log(
    `${name}: ${result.value ?? 'trained'} ${holds ? '' : `(wanted ${wanted.sign} ${wanted.bound ?? `${wanted.share} of ${result.other}`})`}`,
  );
  const text = produce(row);
  const speeds = { ...results[name]?.speeds, [values.device]: speed };
  results[name] = { ...result, ...(text === undefined ? {} : { text }), speeds };
  // Written after each: what is there is not lost when a later one is broken off.
  writePage();
}
if (values.page) writePage();
process.exit(short ? 1 : 0);
