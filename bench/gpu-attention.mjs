// node bench/gpu-attention.mjs [--class small|large] [--quick]
// Attention forward, and forward with its gradients, on the adapter at hand: kernels that store no scores against products
// and softmaxes that do, results compared; --quick times nothing. For GPUs: a software adapter takes minutes to prepare these
// kernels. Needs dist/ (npm run build) and node_modules. Timings are for reading.
import { parseArgs } from 'node:util';
import { expandGradients } from '../dist/compiler/autodiff/gradient.js';
import { GraphBuilder } from '../dist/compiler/graph/builder.js';
import { binary, sumAll, withNumber } from '../dist/compiler/graph/convenience.js';
import { profileOfClass } from '../dist/compiler/kernel/profile.js';
import { expandAllAttention } from '../dist/compiler/passes/expand-attention.js';
import { CLASS_LIMITS } from '../dist/runtime/device-class.js';
import { openDevice } from '../dist/runtime/device.js';
import { numbers, prepare } from './gpu-kernels.mjs';

const { values: flags } = parseArgs({
  options: { class: { type: 'string', default: 'large' }, quick: { type: 'boolean', default: false } },
});
if (!['small', 'large'].includes(flags.class)) {
  console.error(`--class is small or large, the classes that have kernels of attention, not ${flags.class}`);
  process.exit(2);
}
const profile = profileOfClass(flags.class);
const device = await openDevice({ limits: CLASS_LIMITS[flags.class] });
console.log(`adapter ${device.name}${device.software ? ' (software)' : ''}, class ${flags.class}`);

/** Heads of all records, queries, keys, channels. */
const QUICK = [
  [2, 37, 37, 20],
  [3, 33, 65, 16],
];
const WHOLE = [
  ...QUICK,
  [1, 1, 1, 16],
  [64, 64, 64, 32],
  [96, 127, 127, 64],
  [96, 256, 256, 64],
  [4, 512, 512, 128],
  [96, 64, 1024, 64],
  [96, 1024, 1024, 64],
  [16, 1000, 1000, 128],
  [8, 4096, 4096, 64],
];
const SIZES = flags.quick ? QUICK : WHOLE;

const MASKS = ['all', 'causal', 'some'];

function graphOf({ heads, queries, keys, channels, mask }, gradients) {
  const g = new GraphBuilder('attention');
  const leaf = (name, shape) => g.add('parameter', [], { name }, { shape });
  const [q, weights] = ['q', 'weights'].map((name) => leaf(name, [heads, queries, channels]));
  const [k, v] = ['k', 'v'].map((name) => leaf(name, [heads, keys, channels]));
  const masks = mask === 'some' ? [withNumber(g, 'gt', leaf('mask', [1, queries, keys]), 0.5)] : [];
  const attributes = { scale: 1 / Math.sqrt(channels), causal: mask === 'causal' };
  const result = g.add('attention', [q, k, v, ...masks], attributes);
  g.output('result', result, 'result');
  const loss = sumAll(g, binary(g, 'mul', result, weights));
  const wanted = gradients ? Object.entries({ dq: q, dk: k, dv: v }) : [];
  wanted.forEach(([name, x]) => g.output(name, g.add('gradient', [loss, x], {}), 'result'));
  return g.finish();
}

function inputsOf({ heads, queries, keys, channels, mask }) {
  const lengths = { q: queries, k: keys, v: keys, weights: queries };
  const inputs = Object.entries(lengths).map(([name, n], i) => [name, numbers(heads * n * channels, i + 1)]);
  // A query that sees nothing has no softmax: each sees the first key.
  const seen = Float32Array.from({ length: queries * keys }, (_, i) => (i % keys === 0 || i % 3 === 1 ? 1 : 0)); // prettier-ignore
  return Object.fromEntries(mask === 'some' ? [...inputs, ['mask', seen]] : inputs);
}

/** The same of some heads alone: they do not depend on each other. */
function ofHeads(inputs, heads, from, to) {
  const part = ([name, all]) => [name, all.subarray((from * all.length) / heads, (to * all.length) / heads)];
  return Object.fromEntries(Object.entries(inputs).map((entry) => (entry[0] === 'mask' ? entry : part(entry)))); // prettier-ignore
}

/** The largest difference as a share of the largest number. */
function apart(found, expected) {
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return found.reduce((most, x, i) => Math.max(most, Number.isNaN(x) ? Infinity : Math.abs(x - expected[i])), 0) / largest; // prettier-ignore
}

const stored = (given, inputs) =>
  prepare(device.gpu, expandGradients(expandAllAttention.run(given)), { profile, inputs });

async function timed(run) {
  await run.run();
  return flags.quick ? 0 : await run.time();
}

/** Differences of every result; where all scores do not fit into one binding, of the first and the last heads that do. */
async function compare(fused, size, gradients, inputs) {
  const { heads, queries, keys } = size;
  const fitting = Math.min(heads, Math.floor(profile.bindingBytes / (4 * queries * keys)));
  if (fitting === 0) throw new Error(`the scores of one head of ${queries} x ${keys} exceed a binding`);
  const worst = new Map();
  let time;
  for (const from of new Set([0, heads - fitting])) {
    const given = graphOf({ ...size, heads: fitting }, gradients);
    const run = stored(given, ofHeads(inputs, heads, from, from + fitting));
    const taken = await timed(run);
    if (fitting === heads) time = taken;
    for (const { name } of given.outputs) {
      const expected = await run.read(name);
      const each = expected.length / fitting;
      const found = (await fused.read(name)).subarray(from * each, (from + fitting) * each);
      worst.set(name, Math.max(worst.get(name) ?? 0, apart(found, expected)));
    }
    run.close();
  }
  return { worst: [...worst.values()], time };
}

let failures = 0;
async function check(size, gradients) {
  const { heads, queries, keys, channels, mask } = size;
  const inputs = inputsOf(size);
  const graph = expandGradients(graphOf(size, gradients));
  const fused = prepare(device.gpu, graph, { profile, inputs });
  const time = await timed(fused);
  const { worst, time: other } = await compare(fused, size, gradients, inputs);
  const right = worst.every((x) => x < 2e-5);
  if (!right) failures++;
  // Products of all pairs: 2 forward, 7 for the gradients, which work the scores out twice again.
  const flops = (2 * (gradients ? 9 : 2) * heads * queries * keys * channels) / (mask === 'causal' ? 2 : 1);
  const rate = (ms) =>
    ms === 0 ? 'not timed' : `${ms.toFixed(3)} ms ${(flops / ms / 1e9).toFixed(2)} TFLOP/s`;
  const beside = other === undefined ? 'not timed: they do not fit into one binding' : rate(other);
  const what = `${heads} x ${queries} x ${keys} x ${channels}, ${mask}${gradients ? ', with gradients' : ''}`;
  const differences = worst.map((x) => x.toExponential(1)).join(' ');
  console.log(
    `  ${what}: ${rate(time)} (${fused.kernels.length} kernels), scores stored ${beside}, apart ${differences}${right ? '' : '  WRONG'}`,
  );
  fused.close();
}

console.log('heads x queries x keys x channels, pairs that see each other');
for (const [heads, queries, keys, channels] of SIZES)
  for (const mask of MASKS)
    for (const gradients of [false, true]) await check({ heads, queries, keys, channels, mask }, gradients);
device.close();
console.log(failures === 0 ? 'all results agree' : `${failures} results are WRONG`);
process.exit(failures === 0 ? 0 : 1);
