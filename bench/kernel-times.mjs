// How long each dispatch of a step takes on the device. A preload that wraps WebGPU, so that any command can be looked at:
//   node --import ./bench/kernel-times.mjs dist/compiler/cli/main.js train model.net --device gpu --steps 60
// Each dispatch of some later steps gets a pass of its own with two timestamps; medians by dispatch, in microseconds, go to
// standard error. A pass of its own costs the device some idle time between dispatches, which is not in the figures.
import { create, globals } from 'webgpu';

const { GPUAdapter, GPUDevice, GPUCommandEncoder, GPUQueue } = globals;
/** Submits before the first that is measured, and how many are. */
const SKIP = Number(process.env.KERNEL_TIMES_SKIP ?? 20);
const SAMPLES = Number(process.env.KERNEL_TIMES_STEPS ?? 10);
/** Timestamps that one query set holds at most. */
const QUERIES = 4096;

// Dawn rounds timestamps to 65 µs unless told not to, when the instance is made. The runtime takes its instances from this map.
const half = 'enable-dawn-features=vulkan_enable_f16_on_nvidia';
globalThis[Symbol.for('netc.webgpu.instances')] = new Map([
  [half, create([half, 'disable-dawn-features=timestamp_quantization'])],
]);
for (const [name, value] of Object.entries(Object.getOwnPropertyDescriptors(globals))) {
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, value);
}

let device;
let querySet;
let submits = 0;
/** What was dispatched, in order: a label, its grid, and which submit it was of. */
const dispatches = [];

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

const measuring = () => submits >= SKIP && submits < SKIP + SAMPLES && 2 * dispatches.length + 2 <= QUERIES;

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
          if (timed) dispatches.push({ label: pipeline.kernelLabel, grid: [x, y, z], submit: submits });
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
      if (submits === SKIP + SAMPLES) void report();
    },
);

async function report() {
  const bytes = 16 * dispatches.length;
  const resolved = device.createBuffer({ size: bytes, usage: 0x0200 | 0x0004 }); // QUERY_RESOLVE, COPY_SRC
  const readable = device.createBuffer({ size: bytes, usage: 0x0001 | 0x0008 }); // MAP_READ, COPY_DST
  const encoder = device.createCommandEncoder();
  encoder.resolveQuerySet(querySet, 0, 2 * dispatches.length, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, readable, 0, bytes);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(1);
  print(new BigUint64Array(readable.getMappedRange()));
  readable.unmap();
}

function print(stamps) {
  const rows = new Map();
  let place = 0;
  dispatches.forEach(({ label, grid, submit }, index) => {
    place = index > 0 && dispatches[index - 1].submit === submit ? place + 1 : 0;
    const row = rows.get(place) ?? { place, label, grid, times: [] };
    row.times.push(Number(stamps[2 * index + 1] - stamps[2 * index]) / 1000);
    rows.set(place, row);
  });
  const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const lines = [...rows.values()].map((row) => ({ ...row, time: median(row.times) }));
  const total = lines.reduce((sum, { time }) => sum + time, 0);
  console.error(`${lines.length} dispatches, ${total.toFixed(0)} µs in all`);
  for (const { time, place, grid, label } of lines.toSorted((a, b) => b.time - a.time)) {
    const share = `${((100 * time) / total).toFixed(1)} %`;
    console.error(
      `${time.toFixed(1).padStart(9)} ${share.padStart(7)}  ${String(place).padStart(4)}  ${grid.join('x').padEnd(12)} ${label}`,
    );
  }
}
