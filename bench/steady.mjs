/**
 * Whether a long run stays what it is: `node bench/steady.mjs --device cpu|gpu [--steps 10000]`. In: the example mlp. Out:
 * every thousand steps the live heap (after a collection), other memory of the process, buffers of the device, new ones since
 * the line before, the delays of the event loop, the rate.
 */
import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { globals } from 'webgpu';
import { compile, profileOf } from '../dist/compiler/index.js';
import { openCpu } from '../dist/runtime/cpu/cpu-device.js';
import { openDataset } from '../dist/runtime/data/open-dataset.js';
import { openDevice } from '../dist/runtime/device.js';
import { folderReader } from '../dist/runtime/node/data-reader.js';
import { train } from '../dist/runtime/train/train.js';

const { values } = parseArgs({
  options: { device: { type: 'string', default: 'cpu' }, steps: { type: 'string', default: '10000' } },
});
const LINES = 10;
const steps = Number(values.steps);
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

/** Of the device, seen from outside. */
const buffers = { live: 0, made: 0 };
const sizes = new WeakMap();
watch('GPUDevice', 'createBuffer', (_device, buffer) => {
  sizes.set(buffer, buffer.size);
  buffers.live += buffer.size;
  buffers.made += 1;
});
watch('GPUBuffer', 'destroy', (buffer) => (buffers.live -= sizes.get(buffer) ?? 0));

function watch(type, method, seen) {
  const { prototype } = globals[type];
  const original = prototype[method];
  prototype[method] = function (...given) {
    const result = original.apply(this, given);
    seen(this, result);
    return result;
  };
}

const folder = fileURLToPath(new URL('../dsl-examples/', import.meta.url));
// As it is, but for its length and its files.
const text = fs
  .readFileSync(`${folder}glyphs.net`, 'utf8')
  .replace('epochs = 10', `steps = ${steps}`)
  .replace(/^ *save = .*\n/m, '');
const device = values.device === 'cpu' ? await openCpu() : await openDevice();
const { listing } = compile({ file: 'glyphs.net', text }, { profile: profileOf(device), predictions: false });
const dataset = await openDataset(listing.data, folderReader(folder), listing.training.seed);
const delay = monitorEventLoopDelay({ resolution: 1 });
let begun = performance.now();
let made = 0;

console.log(`${steps} steps of glyphs.net on ${device.name}`);
console.log(
  '  step  live heap MB  rss MB  outside heap MB  device MB  new buffers  delay ms: mean   99 %  longest  steps/s',
);
await train({
  listing,
  device,
  dataset,
  seed: listing.training.seed,
  compileSeconds: 0,
  emit: (event) => {
    if (event.event === 'start') device.memoryBytes = event.memory_bytes;
  },
  progress: ({ step }) => {
    if (step === 1) delay.enable();
    if (step % (steps / LINES) === 0) report(step);
  },
  logEvery: 10,
  writeFile: async () => undefined,
});
device.close();

function report(step) {
  const rate = (1000 * steps) / LINES / (performance.now() - begun);
  const [mean, most, longest] = [delay.mean, delay.percentile(99), delay.max].map((ns) => ns / 1e6);
  collect();
  const { heapUsed, rss, external } = process.memoryUsage();
  const held = values.device === 'cpu' ? device.memoryBytes : buffers.live;
  const columns = [
    String(step).padStart(6),
    megabytes(heapUsed).padStart(12),
    megabytes(rss).padStart(6),
    megabytes(external).padStart(15),
    megabytes(held).padStart(9),
    String(buffers.made - made).padStart(11),
    mean.toFixed(2).padStart(14),
    most.toFixed(1).padStart(5),
    longest.toFixed(0).padStart(7),
    rate.toFixed(0).padStart(7),
  ];
  console.log(columns.join('  '));
  made = buffers.made;
  delay.reset();
  begun = performance.now();
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(2);
}
