/**
 * netc beside other libraries on the workloads of the side-by-side folder, one after another in each round:
 *   PEERS=FOLDER node bench/side-by-side.mjs [--device cpu|gpu] [--rounds 3] [--only mlp,gpt] [--libraries PyTorch]
 * PEERS names a copy of that folder with its packages installed, PYTHON the interpreter that has PyTorch; `--libraries` takes
 * those whose names hold one of these words. Losses of the first six steps are compared before a speed is printed. Out: medians,
 * the rounds behind them, first steps (netc's from the start of its process, the libraries' by their own clock, without
 * start-up), peaks of memory over the whole process.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LIBRARIES, PEERS, runLibrary } from './peers.mjs';
import { runCommand } from './run-command.mjs';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'mlp,cnn,gpt' },
    libraries: { type: 'string', default: '' },
  },
});
const NETC = fileURLToPath(new URL('../dist/compiler/cli/main.js', import.meta.url));
/** Of netc, by work. */
const STEPS = { mlp: 400, cnn: 200, gpt: 60 };
const TOLERANCE = 1e-4;
const SECONDS = 5;

function refuse(message) {
  console.error(message);
  process.exit(2);
}
const works = flags.only.split(',');
const unknown = works.filter((work) => !(work in STEPS));
const rounds = Number(flags.rounds);
if (!PEERS) refuse('PEERS=FOLDER must name a copy of the side-by-side folder with its packages installed');
if (unknown.length > 0) refuse(`no work ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}`);
if (!['cpu', 'gpu'].includes(flags.device)) refuse(`--device is cpu or gpu, not ${flags.device}`);
if (!(Number.isInteger(rounds) && rounds > 0)) refuse('--rounds is a whole number from 1');
const words = flags.libraries.split(',');
const libraries = LIBRARIES.filter(
  ({ name, on }) => on.includes(flags.device) && words.some((word) => name.includes(word)),
);
if (libraries.length === 0) refuse(`no library of ${flags.device} is called ${flags.libraries}`);

async function netc(work, inputs) {
  const command = [
    ...[process.execPath, NETC, 'train', join(PEERS, 'netc', `${work}.net`), '--data', inputs],
    ...['--init', join(inputs, `${work}.init.safetensors`), '--device', flags.device, '--json', '--quiet'],
    ...['--log-every', '1', '--steps', String(STEPS[work]), '--out', join(inputs, 'run')],
  ];
  const { lines, peak } = await runCommand(command);
  const events = lines.map(({ line, at }) => ({ ...JSON.parse(line), at }));
  const steps = events.filter((event) => event.event === 'step');
  const { steps_per_second: rate } = events.find((event) => event.event === 'end');
  return { rate, first: steps[0].at, peak, losses: steps.slice(0, 6).map(({ loss }) => loss) };
}

async function timed(entry, work) {
  const { stepsPerS: rate, firstStepMs: first, peak, losses } = await runLibrary(entry, work, SECONDS);
  return { rate, first, peak, losses: losses.slice(0, 6) };
}

/** Of one round; undefined where a library failed in it: it keeps its other rounds. Where netc fails nothing can be compared. */
async function resultOf({ work, name, library, run }, round) {
  try {
    return await run();
  } catch (error) {
    if (library === undefined) throw error;
    console.error(`round ${round}, ${work}, ${name}: failed, ${error.message.split('\n', 1)[0]}`);
    return undefined;
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const digits = (value) => (value === undefined || Number.isNaN(value) ? '' : value.toPrecision(3));

const inputs = mkdtempSync(join(tmpdir(), 'netc-side-by-side-'));
try {
  await runCommand([process.execPath, join(PEERS, 'netc', 'make-inputs.mjs'), inputs]);
  const rows = works.flatMap((work) => [
    { work, name: `netc ${flags.device}`, run: () => netc(work, inputs), results: [] },
    ...libraries
      .filter((entry) => entry.works.includes(work))
      .map((entry) => ({
        work,
        name: entry.name,
        library: entry,
        run: () => timed(entry, work),
        results: [],
      })),
  ]);
  for (let round = 1; round <= rounds; round++) {
    for (const row of rows) {
      const result = await resultOf(row, round);
      if (result === undefined) continue;
      row.results.push(result);
      console.error(`round ${round}, ${row.work}, ${row.name}: ${digits(result.rate)} steps/s`);
      const expected = rows.find(({ work }) => work === row.work).results[0].losses;
      for (const [i, loss] of expected.entries()) {
        const found = result.losses[i];
        if (Math.abs(found - loss) <= TOLERANCE) continue;
        throw new Error(`${row.name}, ${row.work}: loss ${i + 1} is ${found}, netc's is ${loss}`);
      }
    }
  }
  console.log('| | | steps/s | rounds | first step, s | peak MB | netc is |');
  console.log('|---|---|---|---|---|---|---|');
  const rate = ({ results }) => median(results.map((result) => result.rate));
  for (const { work, name, results } of rows) {
    if (results.length === 0) continue;
    const all = results.map((result) => digits(result.rate)).join(', ');
    const firsts = results.map((result) => digits(result.first / 1e3)).join(', ');
    const peak = digits(median(results.map((result) => result.peak)));
    const ratio = digits(rate(rows.find((row) => row.work === work)) / rate({ results }));
    console.log(
      `| ${work} | ${name} | ${digits(rate({ results }))} | ${all} | ${firsts} | ${peak} | ${ratio} |`,
    );
  }
} finally {
  rmSync(inputs, { recursive: true, force: true });
}
