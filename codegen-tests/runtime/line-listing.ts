/**
 * A listing written by hand: fits y = a x + b by gradient descent on the mean squared error, one thread a
 * kernel. Plain enough to be followed with a pencil, and it has every part of a real listing.
 */
import type { Listing, Span, TrainingSpec } from '../../runtime/plan-format.ts';

const SPAN: Span = { file: 'line.net', line: 1, column: 1, endLine: 1, endColumn: 2 };

const UNIFORM = `struct Uniforms { seed: u32, draw: u32, batch: u32, zero: u32, rate: f32 }`;

/** Errors of a batch: loss, mean absolute error, and the derivatives by a and b. */
const GRADIENT = `${UNIFORM}
@group(0) @binding(0) var<storage, read> weights: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;
@group(0) @binding(5) var<uniform> block: Uniforms;
@compute @workgroup_size(1) fn main() {
  var square = 0.0; var distance = 0.0; var da = 0.0; var db = 0.0;
  for (var i = 0u; i < block.batch; i++) {
    let error = weights[0] * x[i] + weights[64] - y[i];
    square += error * error;
    distance += abs(error);
    da += 2.0 * error * x[i];
    db += 2.0 * error;
  }
  let n = f32(block.batch);
  gradient[0] = da / n;
  gradient[64] = db / n;
  result[0] = square / n;
  result[64] = distance / n;
}`;

const EVALUATE = `${UNIFORM}
@group(0) @binding(0) var<storage, read> weights: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;
@group(0) @binding(4) var<uniform> block: Uniforms;
@compute @workgroup_size(1) fn main() {
  var square = 0.0; var distance = 0.0;
  for (var i = 0u; i < block.batch; i++) {
    let error = weights[0] * x[i] + weights[64] - y[i];
    square += error * error;
    distance += abs(error);
  }
  result[0] = square / f32(block.batch);
  result[64] = distance / f32(block.batch);
}`;

const ACCUMULATE = `
@group(0) @binding(0) var<storage, read> gradient: array<f32>;
@group(0) @binding(1) var<storage, read_write> sum: array<f32>;
@compute @workgroup_size(1) fn main() {
  sum[0] += gradient[0];
  sum[64] += gradient[64];
}`;

function update(accumulate: number): string {
  return `${UNIFORM}
@group(0) @binding(0) var<storage, read_write> weights: array<f32>;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<uniform> block: Uniforms;
@compute @workgroup_size(1) fn main() {
  weights[0] -= block.rate * gradient[0] / ${accumulate}.0;
  weights[64] -= block.rate * gradient[64] / ${accumulate}.0;
}`;
}

const PREDICT = `${UNIFORM}
@group(0) @binding(0) var<storage, read> weights: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> block: Uniforms;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < block.batch) { y[id.x] = weights[0] * x[id.x] + weights[64]; }
}`;

export interface LineOptions {
  training: TrainingSpec;
  batch?: number;
  rate?: number;
}

/** Buffers: 0 weights, 1 gradients, 2 accumulators, 3 inputs, 4 results. Routines in the order of the code. */
export function lineListing({ training, batch = 8, rate = 0.1 }: LineOptions): Listing {
  const whole = (buffer: number) => ({ buffer, offset: 0, bytes: 512 });
  const x = { buffer: 3, offset: 0, bytes: 4 * batch };
  const y = { buffer: 3, offset: 1024, bytes: 4 * batch };
  const inputs = [
    { name: 'x', range: x, recordShape: [], storage: 'f32' as const },
    { name: 'y', range: y, recordShape: [], storage: 'f32' as const },
  ];
  const scalar = (name: string, offset: number) => ({
    name,
    dtype: 'f32' as const,
    range: { buffer: 4, offset, bytes: 4 },
    shape: [],
    perRecord: false,
  });
  const outputs = [scalar('loss', 0), scalar('distance', 256)];
  const one: [number, number, number] = [1, 1, 1];
  const dispatch = (kernel: number, bindings: { buffer: number; offset: number; bytes: number }[]) => ({
    kind: 'dispatch' as const,
    kernel,
    groups: one,
    bindings,
    comment: '',
  });
  const still = { batch, dynamicBatch: false, inputs: [], outputs: [] };
  return {
    format: 1,
    program: 'line',
    source: 'line.net',
    buffers: [
      { name: 'parameters', role: 'parameters', bytes: 512 },
      { name: 'gradients', role: 'gradients', bytes: 512 },
      { name: 'accumulators', role: 'accumulators', bytes: 512 },
      { name: 'inputs', role: 'inputs', bytes: 2048 },
      { name: 'results', role: 'results', bytes: 1024 },
    ],
    kernels: [
      kernel('gradient', GRADIENT, ['read', 'read', 'read', 'read_write', 'read_write'], true),
      kernel('accumulate', ACCUMULATE, ['read', 'read_write'], false),
      kernel('update', update(training.accumulate), ['read_write', 'read'], true),
      kernel('evaluate', EVALUATE, ['read', 'read', 'read', 'read_write'], true),
      { ...kernel('predict', PREDICT, ['read', 'read', 'read_write'], true), workgroup: [64, 1, 1] },
    ],
    routines: [
      {
        name: 'gradient',
        batch,
        dynamicBatch: false,
        inputs,
        outputs,
        commands: [dispatch(0, [whole(0), x, y, whole(1), whole(4)])],
      },
      { ...still, name: 'accumulate', commands: [dispatch(1, [whole(1), whole(2)])] },
      {
        ...still,
        name: 'update',
        commands: [dispatch(2, [whole(0), whole(training.accumulate > 1 ? 2 : 1)])],
      },
      {
        name: 'evaluate',
        batch,
        dynamicBatch: true,
        inputs,
        outputs,
        commands: [dispatch(3, [whole(0), x, y, whole(4)])],
      },
      {
        name: 'predict',
        batch,
        dynamicBatch: true,
        inputs: inputs.slice(0, 1),
        outputs: [
          {
            name: 'y',
            dtype: 'f32',
            range: { buffer: 4, offset: 512, bytes: 4 * batch },
            shape: [],
            perRecord: true,
          },
        ],
        commands: [dispatch(4, [whole(0), x, { buffer: 4, offset: 512, bytes: 4 * batch }])],
      },
    ],
    uniform: {
      bytes: 32,
      scalars: [
        { name: 'rate', step: 0, formula: { kind: 'schedule', schedule: { type: 'constant', value: rate } } },
      ],
    },
    parameters: ['a', 'b'].map((name, index) => ({
      name,
      shape: [],
      range: { buffer: 0, offset: 256 * index, bytes: 4 },
      initializer: { kind: 'zeros' },
      span: SPAN,
    })),
    states: [],
    optimizer: [],
    steps: [
      {
        times: 1,
        gradient: 0,
        ...(training.accumulate > 1 ? { accumulate: 1 } : {}),
        update: 2,
        evaluate: 3,
        metrics: [
          { name: 'loss', output: 'loss', after: 'identity' },
          { name: 'distance', output: 'distance', after: 'identity' },
        ],
      },
    ],
    models: [{ name: 'line', predict: 4 }],
    training,
  };
}

function kernel(name: string, code: string, access: ('read' | 'read_write')[], uniform: boolean) {
  return { id: name, name, code, access, uniform, workgroup: [1, 1, 1] as [number, number, number] };
}
