// How long each dispatch of a step takes on the device. A preload that wraps WebGPU, so that any command can be looked at:
//   node --import ./bench/kernel-times.mjs dist/compiler/cli/main.js train model.net --device gpu --steps 60
// Each dispatch of some later steps gets a pass of its own with two timestamps; medians by dispatch, in microseconds, go to
// standard error when the command ends, of as many steps as there were. Needs dist/. A pass of its own costs the device some idle time between dispatches, which is not in the figures.
import { create, globals } from 'webgpu';
import { HALF_ON_NVIDIA } from '../dist/runtime/device.js';
import { keepInstance } from '../dist/runtime/node/webgpu-instance.js';

const { GPUAdapter, GPUDevice, GPUCommandEncoder, GPUQueue } = globals;
/** Submits before the first that is measured, and how many are. */
const SKIP = Number(process.env.KERNEL_TIMES_SKIP ?? 20);
const SAMPLES = Number(process.env.KERNEL_TIMES_STEPS ?? 10);
/** Timestamps that one query set holds at most. */
const QUERIES = 4096;

// Dawn rounds timestamps to 65 µs unless told not to, when the instance is made.
const exact = 'disable-dawn-features=timestamp_quantization';
keepInstance([HALF_ON_NVIDIA], create([HALF_ON_NVIDIA, exact]), globals);

let device;
let querySet;
let submits = 0;
/** What was dispatched since the last submit, in order: a label and its grid. */
let dispatches = [];
/** By place in a step: label, grid and the times so far, in microseconds. */
const rows = new Map();

function wrap(type, method, make) {
  const original = type.prototype[method];
  type.prototype[method] = make(original);
}

wrap(
  GPUAdapter,
  'requestDevice',
  (original) =>
    async function (descriptor = {}) {
      const features = [...(descriptor.requiredFeatures ?? []), 'timestamp-query'];
      device = await original.call(this, { ...descriptor, requiredFeatures: features });
      querySet = device.createQuerySet({ type: 'timestamp', count: QUERIES });
      return device;
    },
);

wrap(
  GPUDevice,
  'createComputePipelineAsync',
  (original) =>
    async function (descriptor) {
      const pipeline = await original.call(this, descriptor);
      pipeline.kernelLabel = descriptor.label ?? '';
      return pipeline;
    },
);

const measuring = () => submits >= SKIP && submits < SKIP + SAMPLES;

wrap(
  GPUCommandEncoder,
  'beginComputePass',
  (original) =>
    function (descriptor) {
      if (!measuring()) return original.call(this, descriptor);
      const encoder = this;
      let pipeline;
      const groups = new Map();
      return {
        setPipeline: (next) => (pipeline = next),
        setBindGroup: (index, group, offsets) => groups.set(index, [group, offsets]),
        dispatchWorkgroups(x, y = 1, z = 1) {
          const at = 2 * dispatches.length;
          const timed = at + 2 <= QUERIES;
          const timestampWrites = { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
          const pass = original.call(encoder, timed ? { timestampWrites } : {});
          pass.setPipeline(pipeline);
          for (const [index, [group, offsets]] of groups) {
            if (offsets === undefined) pass.setBindGroup(index, group);
            else pass.setBindGroup(index, group, offsets);
          }
          pass.dispatchWorkgroups(x, y, z);
          pass.end();
          if (timed) dispatches.push({ label: pipeline.kernelLabel, grid: [x, y, z] });
        },
        end: () => undefined,
      };
    },
);

wrap(
  GPUQueue,
  'submit',
  (original) =>
    function (buffers) {
      original.call(this, buffers);
      submits += 1;
      if (dispatches.length === 0) return;
      const timed = dispatches;
      dispatches = [];
      void collect(timed, (commands) => original.call(this, commands));
    },
);

/** Adds the times of one submit; those that are not there when the process ends are not counted. */
async function collect(timed, submit) {
  const bytes = 16 * timed.length;
  const resolved = device.createBuffer({ size: bytes, usage: 0x0200 | 0x0004 }); // QUERY_RESOLVE, COPY_SRC
  const readable = device.createBuffer({ size: bytes, usage: 0x0001 | 0x0008 }); // MAP_READ, COPY_DST
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2 * timed.length, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, bytes);
  submit([encoder.finish()]);
  try {
    await readable.mapAsync(1);
  } catch {
    return; // The device was closed meanwhile.
  }
  const stamps = new BigUint64Array(readable.getMappedRange());
  timed.forEach(({ label, grid }, place) => {
    const row = rows.get(place) ?? { place, label, grid, times: [] };
    row.times.push(Number(stamps[2 * place + 1] - stamps[2 * place]) / 1000);
    rows.set(place, row);
  });
  resolved.destroy();
  readable.destroy();
}

process.on('exit', () => {
  if (rows.size > 0) return print();
  const asked = `the first ${SKIP} are skipped, the next ${SAMPLES} timed`;
  const help = 'take more steps, or set KERNEL_TIMES_SKIP';
  console.error(`no dispatch was timed: ${submits} submits were made, of which ${asked}; ${help}`);
});

function print() {
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const lines = [...rows.values()].map((row) => ({ ...row, time: median(row.times) }));
  const total = lines.reduce((sum, { time }) => sum + time, 0);
  const steps = Math.max(...lines.map(({ times }) => times.length));
  console.error(`${lines.length} dispatches, ${total.toFixed(0)} µs in all, medians of ${steps} steps`);
  for (const { time, place, grid, label } of lines.toSorted((a, b) => b.time - a.time)) {
    const share = `${((100 * time) / total).toFixed(1)} %`;
    console.error(
      `${time.toFixed(1).padStart(9)} ${share.padStart(7)}  ${String(place).padStart(4)}  ${grid.join('x').padEnd(12)} ${label}`,
    );
  }
}
