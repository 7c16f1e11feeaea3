// node bench/gpu-attention.mjs [--class small|large] [--quick]
// Attention forward, and forward with its gradients, on the adapter at hand: kernels that store no scores against products
// and softmaxes that do, results compared. Needs dist/ (npm run build) and node_modules. Timings are for reading.
import { parseArgs } from 'node:util';
import { expandGradients } from '../dist/compiler/autodiff/gradient.js';
import { GraphBuilder } from '../dist/compiler/graph/builder.js';
import { binary, sumAll } from '../dist/compiler/graph/convenience.js';
import { DEFAULT_PROFILE } from '../dist/compiler/kernel/profile.js';
import { expandAllAttention } from '../dist/compiler/passes/expand-attention.js';
import { openDevice } from '../dist/runtime/device.js';
import { numbers, prepare } from './gpu-kernels.mjs';

const { values: flags } = parseArgs({
  options: { class: { type: 'string', default: 'large' }, quick: { type: 'boolean', default: false } },
});
const profile = { ...DEFAULT_PROFILE, deviceClass: flags.class };
const device = await openDevice({});
console.log(`adapter ${device.name}${device.software ? ' (software)' : ''}, class ${flags.class}`);

/** Heads of all records, length, channels. */
const SIZES = flags.quick
  ? [[2, 37, 20]]
  : [[64, 64, 32], [96, 127, 64], [96, 256, 64], [96, 1024, 64], [16, 1000, 128], [8, 4096, 64]]; // prettier-ignore

function graphOf(heads, length, channels, causal, gradients) {
  const g = new GraphBuilder('attention');
  const shape = [heads, length, channels];
  const [q, k, v, weights] = ['q', 'k', 'v', 'weights'].map((name) => g.add('parameter', [], { name }, { shape })); // prettier-ignore
  const result = g.add('attention', [q, k, v], { scale: 1 / Math.sqrt(channels), causal });
  g.output('result', result, 'result');
  const loss = sumAll(g, binary(g, 'mul', result, weights));
  if (gradients) [q, k, v].forEach((x, i) => g.output(`d${'qkv'[i]}`, g.add('gradient', [loss, x], {}), 'result')); // prettier-ignore
  return g.finish();
}

/** The largest difference as a share of the largest number. */
function apart(found, expected) {
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return found.reduce((most, x, i) => Math.max(most, Number.isNaN(x) ? Infinity : Math.abs(x - expected[i])), 0) / largest; // prettier-ignore
}

let failures = 0;
for (const [heads, length, channels] of SIZES)
  for (const causal of [false, true])
    for (const gradients of [false, true]) {
      const count = heads * length * channels;
      const names = ['q', 'k', 'v', 'weights'];
      const inputs = Object.fromEntries(names.map((name, i) => [name, numbers(count, i + 1)]));
      const given = graphOf(heads, length, channels, causal, gradients);
      const runs = {
        fused: prepare(device.gpu, expandGradients(given), { profile, inputs }),
        stored: prepare(device.gpu, expandGradients(expandAllAttention.run(given)), { profile, inputs }),
      };
      const times = {};
      for (const [name, run] of Object.entries(runs)) {
        await run.run();
        times[name] = flags.quick ? 0 : await run.time();
      }
      const worst = [];
      for (const { name } of given.outputs) worst.push(apart(await runs.fused.read(name), await runs.stored.read(name))); // prettier-ignore
      const right = worst.every((x) => x < 2e-5);
      if (!right) failures++;
      // Products of all pairs: 2 forward, 5 backward.
      const flops = (2 * (gradients ? 2 + 7 : 2) * count * length) / (causal ? 2 : 1);
      const rate = (milliseconds) =>
        `${milliseconds.toFixed(3)} ms ${(flops / milliseconds / 1e9).toFixed(2)} TFLOP/s`;
      console.log(
        `  ${heads} x ${length} x ${channels}${causal ? ' causal' : ''}${gradients ? ' with gradients' : ''}: ` +
          `${rate(times.fused)} (${runs.fused.kernels.length} kernels), scores stored ${rate(times.stored)} ` +
          `(${runs.stored.kernels.length}), apart ${worst.map((x) => x.toExponential(1)).join(' ')}${right ? '' : '  WRONG'}`,
      );
      Object.values(runs).forEach((run) => run.close());
    }
device.close();
console.log(failures === 0 ? 'all results agree' : `${failures} results are WRONG`);
process.exit(failures === 0 ? 0 : 1);
