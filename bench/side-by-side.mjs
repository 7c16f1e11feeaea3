/**
 * netc beside other libraries on the workloads of the side-by-side folder, one after another in each round:
 *   PEERS=FOLDER node bench/side-by-side.mjs [--device cpu|gpu] [--rounds 3] [--only mlp,gpt]
 * PEERS names a copy of that folder with its packages installed, PYTHON the interpreter that has PyTorch. Losses of the first
 * six steps are compared before a speed is printed. Out: medians, the rounds behind them, first steps (netc's from the start of
 * its process, the libraries' by their own clock, without start-up), peaks of memory over the whole process.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'mlp,cnn,gpt' },
  },
});
const PEERS = process.env.PEERS;
if (!PEERS) {
  console.error('PEERS=FOLDER must name a copy of the side-by-side folder with its packages installed');
  process.exit(2);
}
const PYTHON = process.env.PYTHON ?? 'python3';
const NETC = fileURLToPath(new URL('../dist/compiler/cli/main.js', import.meta.url));
const STEPS = { mlp: 400, cnn: 200, gpt: 60 };
const TOLERANCE = 1e-4;
const BUDGET_S = '5';

const backend = flags.device === 'gpu' ? 'webgpu' : 'wasm';
// jax-js without a GPU takes 100 times longer over the convolutions: minutes a round.
const LIBRARIES = [
  { name: 'PyTorch', command: [PYTHON, 'bench_torch.py'], works: ['mlp', 'cnn', 'gpt'] },
  {
    name: `jax-js ${backend}`,
    command: [process.execPath, 'bench-jaxjs.mjs', backend],
    works: backend === 'wasm' ? ['mlp', 'gpt'] : ['mlp', 'cnn', 'gpt'],
  },
];

/** The most memory that a process has taken so far, MB; undefined where the system does not tell. */
function peakOf(pid) {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes && Number(kilobytes) / 1e3;
  } catch {
    return undefined;
  }
}

/** Runs a command to its end. Out: its lines, each with the milliseconds since it was started; its peak of memory, MB. */
function linesOf(command, argv, options = {}) {
  const start = performance.now();
  return new Promise((done, failed) => {
    const child = spawn(command, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = [];
    let rest = '';
    let errors = '';
    let peak;
    const watch = setInterval(() => (peak = peakOf(child.pid) ?? peak), 50);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop();
      lines.push(...parts.map((line) => ({ line, at: performance.now() - start })));
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', failed);
    child.on('close', (code) => {
      clearInterval(watch);
      if (code === 0) done({ lines, peak });
      else failed(new Error(`${command} ${argv.join(' ')} ended with ${code}\n${errors}`));
    });
  });
}

async function netc(work, inputs) {
  const argv = ['train', join(PEERS, 'netc', `${work}.net`), '--data', inputs];
  argv.push(
    '--init',
    join(inputs, `${work}.init.safetensors`),
    '--device',
    flags.device,
    '--json',
    '--quiet',
  );
  argv.push('--log-every', '1', '--steps', String(STEPS[work]), '--out', join(inputs, 'run'));
  const { lines, peak } = await linesOf(process.execPath, [NETC, ...argv]);
  const events = lines.map(({ line, at }) => ({ ...JSON.parse(line), at }));
  const steps = events.filter((event) => event.event === 'step');
  const end = events.find((event) => event.event === 'end');
  return {
    rate: end.steps_per_second,
    first: steps[0].at,
    peak,
    losses: steps.slice(0, 6).map((event) => event.loss),
  };
}

async function library({ command: [command, ...argv] }, work) {
  const env = { ...process.env, THREADS: '2', OMP_WAIT_POLICY: 'passive', BUDGET_S };
  const { lines, peak } = await linesOf(command, [...argv, work], { cwd: PEERS, env });
  const result = JSON.parse(
    lines.find(({ line }) => line.startsWith('RESULT ')).line.slice('RESULT '.length),
  );
  return {
    rate: result.stepsPerS,
    first: result.firstStepMs,
    peak,
    losses: result.losses.slice(0, 6),
  };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const digits = (value) => (value === undefined || Number.isNaN(value) ? '' : value.toPrecision(3));

const inputs = mkdtempSync(join(tmpdir(), 'netc-side-by-side-'));
try {
  await linesOf(process.execPath, [join(PEERS, 'netc', 'make-inputs.mjs'), inputs]);
  const rows = flags.only.split(',').flatMap((work) => [
    { work, name: `netc ${flags.device}`, run: () => netc(work, inputs), results: [] },
    ...LIBRARIES.filter(({ works }) => works.includes(work)).map((entry) => ({
      work,
      name: entry.name,
      run: () => library(entry, work),
      results: [],
    })),
  ]);
  for (let round = 1; round <= Number(flags.rounds); round++) {
    for (const row of rows) {
      const result = await row.run();
      row.results.push(result);
      console.error(`round ${round}, ${row.work}, ${row.name}: ${digits(result.rate)} steps/s`);
      const expected = rows.find(({ work }) => work === row.work).results[0].losses;
      for (const [i, loss] of result.losses.entries()) {
        if (!(Math.abs(loss - expected[i]) <= TOLERANCE)) {
          throw new Error(`${row.name}, ${row.work}: loss ${i + 1} is ${loss}, netc's is ${expected[i]}`);
        }
      }
    }
  }
  console.log('| | | steps/s | rounds | first step, s | peak MB | netc is |');
  console.log('|---|---|---|---|---|---|---|');
  for (const { work, name, results } of rows) {
    const rate = (row) => median(row.results.map((result) => result.rate));
    const own = rate(rows.find((row) => row.work === work));
    const rounds = results.map((result) => digits(result.rate)).join(', ');
    const firsts = results.map((result) => digits(result.first / 1e3)).join(', ');
    const peak = digits(median(results.map((result) => result.peak)));
    const ratio = digits(own / rate({ results }));
    console.log(
      `| ${work} | ${name} | ${digits(rate({ results }))} | ${rounds} | ${firsts} | ${peak} | ${ratio} |`,
    );
  }
} finally {
  rmSync(inputs, { recursive: true, force: true });
}
