// node bench/gpu-check.mjs [--class small|large] [--only matmul,rows,programs] [--quick] [--tiles TILE,…] [--inputs FOLDER] [FILE.net …]
// What the schedules of a device class give on the adapter at hand, each result checked: products by tile, kernels over rows
// and elements, training steps of the files fused and unfused. `--tiles` adds candidates to the class's list, each written as
// it is printed: rows x columns x depth / rows x columns of a thread / slices, such as 128x64x16/8x4/1. Needs dist/ (npm run
// build) and node_modules. Prints lines for people; timings are for reading.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { GraphBuilder } from '../dist/compiler/graph/builder.js';
import { swapLastAxes } from '../dist/compiler/graph/convenience.js';
import { environment, interpret } from '../dist/compiler/graph/interpret.js';
import { profileOfClass } from '../dist/compiler/kernel/profile.js';
import { chooseTile, tilesOf } from '../dist/compiler/kernel/tile-choice.js';
import { CLASS_LIMITS } from '../dist/runtime/device-class.js';
import { openDevice } from '../dist/runtime/device.js';
import { numbers, prepare } from './gpu-kernels.mjs';
import { rowKernels } from './gpu-row-kernels.mjs';

const { values: flags, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    class: { type: 'string', default: 'large' },
    only: { type: 'string' },
    tiles: { type: 'string' },
    quick: { type: 'boolean', default: false },
    inputs: { type: 'string' },
    steps: { type: 'string', default: '200' },
  },
});
function refuse(message) {
  console.error(message);
  process.exit(2);
}

const PARTS = ['matmul', 'rows', 'programs'];
const wanted = flags.only?.split(',') ?? PARTS.filter((part) => part !== 'programs' || files.length > 0);
const unknown = wanted.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) refuse(`--only takes ${PARTS.join(', ')}, not ${unknown.join(', ') || 'nothing'}`);
if (wanted.includes('programs') !== files.length > 0)
  refuse(files.length > 0 ? '--only leaves out the programs that are given' : 'programs: no file is given');
if (!['software', 'small', 'large'].includes(flags.class)) refuse(`no class ${flags.class}`);
if (!(Number(flags.steps) >= 1)) refuse('--steps is a whole number from 1');

/** As it is printed. */
const nameOf = ({ rows: r, columns: c, depth: d, threadRows, threadColumns, slices }) =>
  `${r}x${c}x${d}/${threadRows}x${threadColumns}/${slices}`;
function tileOf(text) {
  const found = /^(\d+)x(\d+)x(\d+)\/(\d+)x(\d+)\/(\d+)$/.exec(text) ?? refuse(`no tile: ${text}`);
  const [rows, columns, depth, threadRows, threadColumns, slices] = found.slice(1).map(Number);
  return { rows, columns, depth, threadRows, threadColumns, slices, from: 0 };
}
const profile = profileOfClass(flags.class);
const candidates = [...tilesOf(profile), ...(flags.tiles?.split(',').map(tileOf) ?? [])];
const device = await openDevice({ features: ['shader-f16'], limits: CLASS_LIMITS[flags.class] });
const { gpu } = device;
console.log(`adapter ${device.name}${device.software ? ' (software)' : ''}, class ${flags.class}`);
for (const name of ['maxComputeWorkgroupStorageSize', 'maxComputeInvocationsPerWorkgroup', 'maxStorageBuffersPerShaderStage'])
  console.log(`  ${name} ${device.limits[name]}`); // prettier-ignore
let failures = 0;
if (wanted.includes('matmul')) await products();
if (wanted.includes('rows')) await rows();
device.close();
if (wanted.includes('programs')) for (const file of files) program(file);
console.log(failures === 0 ? 'all results are right' : `${failures} results are WRONG`);
process.exit(failures === 0 ? 0 : 1);

function check(right, what) {
  if (!right) failures++;
  return right ? what : `${what}  WRONG`;
}

/** Sizes of the workloads of side-by-side benchmarks first, then square ones. */
function sizes() {
  const small = [
    ['NN', 128, 512, 784, 1],
    ['TN', 784, 512, 128, 1],
    ['NT', 128, 512, 256, 1],
    ['NN', 1024, 512, 128, 1],
    ['NT', 1024, 128, 512, 1],
    ['TN', 128, 512, 1024, 1],
    ['NN', 1024, 96, 128, 1],
    ['NT', 64, 64, 32, 64],
  ];
  if (flags.quick) return [...small, ['NN', 256, 256, 256, 1]];
  return [...small, ...[512, 1024, 2048, 4096].flatMap((n) => ['NN', 'NT', 'TN'].map((layout) => [layout, n, n, n, 1]))]; // prettier-ignore
}

async function products() {
  console.log(
    '\nproducts, GFLOP/s by tile (rows x columns x depth, of a thread, slices); * is what the class takes',
  );
  for (const [layout, m, n, k, products] of sizes()) {
    const a = numbers(products * m * k, 1);
    const b = numbers(products * k * n, 2);
    const build = () => {
      const g = new GraphBuilder('product');
      const shape = (x, y, turned) => [products, ...(turned ? [y, x] : [x, y])];
      const x = g.add('parameter', [], { name: 'a' }, { shape: shape(m, k, layout[0] === 'T') });
      const y = g.add('parameter', [], { name: 'b' }, { shape: shape(k, n, layout[1] === 'T') });
      const left = layout[0] === 'T' ? swapLastAxes(g, x) : x;
      const right = layout[1] === 'T' ? swapLastAxes(g, y) : y;
      g.output('c', g.add('matmul', [left, right], {}), 'result');
      return g.finish();
    };
    const chosen = chooseTile(profile, m, n, k, products);
    const parts = [];
    const one = async (label, run) => {
      const milliseconds = await run.time();
      await run.run();
      const right = sampled(await run.read('c'), { a, b, layout, m, n, k, products });
      const rate = (2 * products * m * n * k) / milliseconds / 1e6;
      parts.push(check(right, `${label} ${rate.toFixed(0)}`));
      run.close();
    };
    for (const tile of candidates) {
      const only = { ...profile, tiles: [{ ...tile, from: 0 }] };
      // One that reaches far past the edge is refused as the class's list would refuse it.
      if (!chooseTile(only, m, n, k, products)) continue;
      const mark = tile === chosen ? '*' : '';
      await one(`${mark}${nameOf(tile)}`, prepare(gpu, build(), { profile: only, inputs: { a, b } }));
    }
    const without = prepare(gpu, build(), { profile: { ...profile, tiles: [] }, inputs: { a, b } });
    await one(`${chosen ? '' : '*'}registers`, without);
    console.log(
      `  ${layout} ${products === 1 ? '' : `${products} of `}${m} x ${n} x ${k}: ${parts.join(', ')}`,
    );
  }
}

/** 200 elements of the product in double precision. */
function sampled(result, { a, b, layout, m, n, k, products }) {
  const bound = 2e-6 * Math.sqrt(k) * 2;
  for (let i = 0; i < 200; i++) {
    const z = (i * 7919) % products;
    const row = i === 0 ? m - 1 : (i * 104729) % m;
    const column = i === 0 ? n - 1 : (i * 1299709) % n;
    let sum = 0;
    for (let j = 0; j < k; j++)
      sum +=
        a[z * m * k + (layout[0] === 'T' ? j * m + row : row * k + j)] *
        b[z * k * n + (layout[1] === 'T' ? column * k + j : j * n + column)];
    if (!(Math.abs(result[z * m * n + row * n + column] - sum) <= bound * Math.max(1, Math.sqrt(k) / 3))) return false; // prettier-ignore
  }
  return true;
}

async function rows() {
  console.log('\nrows and elements, GB/s of what has to be read and written');
  for (const { name, tensors, bytes, build } of rowKernels(flags.quick)) {
    const g = new GraphBuilder('rows');
    const ids = Object.entries(tensors).map(([key, shape]) =>
      g.add('parameter', [], { name: key }, { shape }),
    );
    g.output('result', build(g, ...ids), 'result');
    const graph = g.finish();
    const arrays = Object.entries(tensors).map(([key, shape], i) => [key, numbers(shape.reduce((x, y) => x * y), i + 3)]); // prettier-ignore
    const run = prepare(gpu, graph, { profile, inputs: Object.fromEntries(arrays) });
    const milliseconds = await run.time();
    await run.run();
    const found = await run.read('result');
    const parameters = new Map(arrays.map(([key, data]) => [key, { shape: tensors[key], dtype: 'f32', data: Float64Array.from(data) }])); // prettier-ignore
    const expected = interpret(graph, environment({ parameters })).get('result').data;
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const right = expected.every((x, i) => Math.abs(found[i] - x) <= 3e-5 * largest);
    const threads = run.kernels.map((kernel) => `${kernel.kind} ${kernel.workgroup[0]}`).join(' + ');
    console.log(check(right, `  ${name}: ${(bytes / milliseconds / 1e6).toFixed(1)} GB/s, ${milliseconds.toFixed(3)} ms (${threads})`)); // prettier-ignore
    run.close();
  }
}

/** Steps a second of a program in a process of its own, fused and unfused; losses against the CPU's. */
function program(file) {
  const name = path.basename(file, '.net');
  const folder = flags.inputs;
  const init = folder && path.join(folder, `${name}.init.safetensors`);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'gpu-check-'));
  const train = (steps, ...more) => {
    const command = [
      fileURLToPath(new URL('../dist/compiler/cli/main.js', import.meta.url)),
      ...['train', file, '--json', '--steps', String(steps), ...more],
      ...(folder ? ['--data', folder] : []),
      ...(init && fs.existsSync(init) ? ['--init', init] : []),
      ...['--out', path.join(scratch, 'out')],
    ];
    const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    const events = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)); // prettier-ignore
    const end = events.find(({ event }) => event === 'end');
    if (!end) console.log(stderr);
    return { end, losses: events.filter(({ event }) => event === 'step').map(({ loss }) => loss) };
  };
  console.log(`\n${name}`);
  const few = flags.quick ? 3 : 8;
  const wantedLosses = train(few, '--device', 'cpu', '--log-every', '1').losses;
  for (const fuse of ['on', 'off']) {
    const onGpu = ['--device', 'gpu', '--class', flags.class, '--fuse', fuse];
    const { losses } = train(few, ...onGpu, '--log-every', '1');
    const near = losses.length === few && losses.every((loss, i) => Math.abs(loss - wantedLosses[i]) <= 1e-3 * Math.abs(wantedLosses[i])); // prettier-ignore
    const line = `  --fuse ${fuse}: losses ${losses.map((loss) => loss.toFixed(5)).join(' ')}`;
    console.log(check(near, line));
    if (flags.quick) continue;
    const { end } = train(Number(flags.steps), ...onGpu, '--log-every', '50');
    if (end) console.log(`    ${end.steps_per_second.toFixed(1)} steps/s, first step ${end.first_step_seconds.toFixed(2)} s, loss at ${end.steps}: ${end.loss}`); // prettier-ignore
  }
  console.log(`  --device cpu: losses ${wantedLosses.map((loss) => loss.toFixed(5)).join(' ')}`);
  fs.rmSync(scratch, { recursive: true, force: true });
}
