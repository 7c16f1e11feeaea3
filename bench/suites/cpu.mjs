// The CPU target: products at several sizes in GFLOP/s for one thread and all, training steps of the programs that are
// compared with other libraries (../shared/peers), and those libraries' rows where they are installed: PEERS=FOLDER names a
// copy of that folder with its packages.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import b from 'benny';
import { openCpu } from '../../dist/runtime/cpu/cpu-device.js';
import { cpuProgram } from '../cpu-program.mjs';

const SHARED = fileURLToPath(new URL('../../../shared/peers/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../dsl-examples/', import.meta.url));

/** y = x @ w for m rows, k inner, n columns. */
const product = ({ m, n, k }) => `
data d {
  x[B, ${k}]
  batch = ${m}
}
model product: x[B, ${k}] -> y[B, ${n}] { return x -> dense(${n}) }
train on d {
  steps = 1, seed = 1
  step {
    loss = mean(product(x))
    minimize loss with sgd(lr = 0.1)
  }
}
`;

const SIZES = [
  { m: 1024, n: 1024, k: 1024 },
  { m: 128, n: 512, k: 784 },
  { m: 1024, n: 128, k: 128 },
  { m: 1024, n: 512, k: 128 },
];

async function suite(title, cases, describe) {
  const open = [];
  const benches = [];
  for (const { name, source, options } of cases) {
    const program = await cpuProgram(source, options);
    open.push(program);
    // V8 compiles the hot functions anew after the first runs.
    for (let turn = 0; turn < 4; turn++) await program.run();
    benches.push(b.add(name, () => program.run()));
  }
  await b.suite(
    title,
    ...benches,
    b.cycle(),
    b.complete((summary) => {
      for (const [i, result] of summary.results.entries())
        console.log(`  ${result.name}: ${describe(result, cases[i])}`);
    }),
  );
  open.forEach((program) => program.close());
}

const perSecond = ({ details }) => 1 / details.median;

export default async function run() {
  const { threads } = await openCpu();
  const counts = threads > 1 ? [1, threads] : [1];
  await suite(
    'products',
    SIZES.flatMap((size) =>
      counts.map((count) => ({
        name: `${size.m} x ${size.n} x ${size.k}, threads: ${count}`,
        source: { file: 'product.net', text: product(size) },
        options: { threads: count, part: 'predict' },
        flops: 2 * size.m * size.n * size.k,
      })),
    ),
    (result, { flops }) => `${((flops * perSecond(result)) / 1e9).toFixed(1)} GFLOP/s`,
  );
  const programs = [
    ...['mlp', 'cnn', 'gpt'].map((name) => path.join(SHARED, `netc/${name}.net`)),
    path.join(EXAMPLES, 'glyphs.net'),
  ].filter((file) => fs.existsSync(file));
  await suite(
    'training steps',
    programs.map((file) => ({
      name: path.basename(file),
      source: { file, text: fs.readFileSync(file, 'utf8') },
      options: { threads },
    })),
    (result) => `${perSecond(result).toFixed(1)} steps/s`,
  );
  runPeers();
}

/** The other libraries on the same work, in the same run. */
function runPeers() {
  const folder = process.env.PEERS;
  if (!folder) return console.log('other libraries: left out (PEERS=FOLDER names where they are installed)');
  for (const work of ['matmul', 'mlp', 'cnn', 'gpt']) {
    const rows = [
      ['PyTorch, 2 threads', process.env.PYTHON ?? 'python3', ['bench_torch.py', work]],
      ['jax-js wasm', process.execPath, ['bench-jaxjs.mjs', 'wasm', work]],
      ['jax-js wasm-threads', process.execPath, ['bench-jaxjs.mjs', 'wasm-threads', work]],
      ['TensorFlow.js wasm', process.execPath, ['bench-tfjs.mjs', 'wasm', work]],
    ];
    for (const [name, command, argv] of rows) {
      const env = { ...process.env, THREADS: '2', OMP_WAIT_POLICY: 'passive' };
      const { stdout } = spawnSync(command, argv, { cwd: folder, env, encoding: 'utf8', timeout: 200_000 });
      const line = (stdout ?? '').split('\n').find((text) => text.startsWith('RESULT '));
      const found = line ? JSON.parse(line.slice('RESULT '.length)) : {};
      const figure = found.gflops
        ? `${found.gflops} GFLOP/s`
        : found.stepsPerS
          ? `${found.stepsPerS} steps/s`
          : 'not run';
      console.log(`  ${name}, ${work}: ${figure}`);
    }
  }
}
