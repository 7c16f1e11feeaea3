import { describe, expect, test } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import type { Listing } from '../../runtime/plan-format.ts';
import { Program } from '../../runtime/program.ts';
import type { RunRequest } from '../../runtime/step-runner.ts';
import { gpuOrSkip, nullDevice } from '../support/gpu.ts';
import { lineListing } from './line-listing.ts';
import { failureOf } from '../support/failure.ts';

const TRAINING = { steps: 10, seed: 1, accumulate: 1, save: [] };
const X = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const Y = X.map((x) => 3 * x - 1);

function request(routines: number[], more: Partial<RunRequest> = {}): RunRequest {
  return {
    routines,
    batch: 8,
    uniform: { seed: 1, draw: 0, scalars: Float64Array.of(0.01) },
    inputs: new Map([
      ['x', new Uint8Array(X.slice().buffer)],
      ['y', new Uint8Array(Y.slice().buffer)],
    ]),
    ...more,
  };
}

/** What the kernels of the listing compute, in double precision. */
function lossOf(a: number, b: number, count = 8): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += (a * (X[i] ?? 0) + b - (Y[i] ?? 0)) ** 2;
  return sum / count;
}

/** Replaces a property's method by one that counts calls; returns the counts and an undo. */
function countCreations(gpu: GPUDevice): { counts: Map<string, number>; undo: () => void } {
  const counts = new Map<string, number>();
  const target = gpu as unknown as Record<string, unknown>;
  const names = [
    'createBuffer',
    'createBindGroup',
    'createBindGroupLayout',
    'createPipelineLayout',
    'createShaderModule',
    'createComputePipeline',
    'createComputePipelineAsync',
  ];
  for (const name of names) {
    const method = target[name] as (...values: unknown[]) => unknown;
    target[name] = (...values: unknown[]) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return method.apply(gpu, values);
    };
  }
  return { counts, undo: () => names.forEach((name) => delete target[name]) };
}

describe('Program on an adapter', () => {
  test('runs gradient and update in one submit, and reads the loss before the update', async (context) => {
    const program = await Program.create(lineListing({ training: TRAINING }), await gpuOrSkip(context));
    const handle = program.run(request([0, 2], { read: 0 }));
    const outputs = await handle.outputs();
    expect(outputs.get('loss')?.[0]).toBeCloseTo(lossOf(0, 0), 2);
    const weights = await program.readTensors(lineListing({ training: TRAINING }).parameters);
    // d/da mean((a x + b - y)^2) at 0 is -2 mean(x y), d/db is -2 mean(y).
    const meanXY = X.reduce((sum, x, i) => sum + x * (Y[i] ?? 0), 0) / 8;
    const meanY = Y.reduce((sum, y) => sum + y, 0) / 8;
    expect(weights.get('a')?.[0]).toBeCloseTo(0.02 * meanXY, 4);
    expect(weights.get('b')?.[0]).toBeCloseTo(0.02 * meanY, 4);
    program.dispose();
  });

  test('a short batch counts only its records', async (context) => {
    const listing = lineListing({ training: TRAINING });
    const program = await Program.create(listing, await gpuOrSkip(context));
    const [a, b] = listing.parameters;
    program.writeTensor(a!, Float32Array.of(2));
    program.writeTensor(b!, Float32Array.of(0.5));
    const outputs = await program.run(request([3], { read: 3, batch: 3 })).outputs();
    expect(outputs.get('loss')?.[0]).toBeCloseTo(lossOf(2, 0.5, 3), 4);
    expect(await program.readTensor(a!)).toEqual(Float32Array.of(2));
    program.dispose();
  });

  test('reads as many runs as it has slots before the first is awaited', async (context) => {
    const program = await Program.create(lineListing({ training: TRAINING }), await gpuOrSkip(context));
    const handles = Array.from({ length: program.slots(0) }, () => program.run(request([0, 2], { read: 0 })));
    expect(() => program.run(request([0, 2], { read: 0 }))).toThrow('internal: all readback slots');
    const losses: number[] = [];
    for (const handle of handles) losses.push((await handle.outputs()).get('loss')?.[0] ?? NaN);
    expect(losses[0]).toBeCloseTo(lossOf(0, 0), 2);
    for (let i = 1; i < losses.length; i += 1) expect(losses[i]).toBeLessThan(losses[i - 1] ?? 0);
    program.dispose();
  });

  test('predictions come record by record, at the true size', async (context) => {
    const listing = lineListing({ training: TRAINING });
    const program = await Program.create(listing, await gpuOrSkip(context));
    program.writeTensor(listing.parameters[0]!, Float32Array.of(3));
    program.writeTensor(listing.parameters[1]!, Float32Array.of(-1));
    const outputs = await program.run(request([4], { read: 4, batch: 5 })).outputs();
    expect(outputs.get('y')).toEqual(Y.slice(0, 5));
    program.dispose();
  });

  test('a loop runs its body as often as it says', async (context) => {
    const listing = lineListing({ training: TRAINING });
    const gradient = listing.routines[0]!;
    const update = listing.routines[2]!;
    listing.routines.push({
      ...gradient,
      name: 'three steps',
      commands: [{ kind: 'loop', count: 3, body: [...gradient.commands, ...update.commands] }],
    });
    const device = await gpuOrSkip(context);
    const looped = await Program.create(listing, device);
    looped.run(request([5]));
    const single = await Program.create(lineListing({ training: TRAINING }), device);
    for (let i = 0; i < 3; i += 1) single.run(request([0, 2]));
    expect(await looped.readTensors(listing.parameters)).toEqual(
      await single.readTensors(listing.parameters),
    );
    looped.dispose();
    single.dispose();
  });

  test('clears buffers by role before the pass', async (context) => {
    const training = { ...TRAINING, accumulate: 2 };
    const listing = lineListing({ training });
    const program = await Program.create(listing, await gpuOrSkip(context));
    for (let step = 0; step < 2; step += 1) {
      program.run(request([0, 1], { clear: ['accumulators'] }));
      program.run(request([0, 1, 2]));
    }
    const plain = await Program.create(lineListing({ training: TRAINING }), await gpuOrSkip(context));
    for (let step = 0; step < 2; step += 1) plain.run(request([0, 2]));
    const accumulated = await program.readTensors(listing.parameters);
    const expected = await plain.readTensors(listing.parameters);
    expect(accumulated.get('a')?.[0]).toBeCloseTo(expected.get('a')?.[0] ?? NaN, 5);
    expect(accumulated.get('b')?.[0]).toBeCloseTo(expected.get('b')?.[0] ?? NaN, 5);
    program.dispose();
    plain.dispose();
  });

  test('tensors larger than the staging buffer come whole', async (context) => {
    const listing = lineListing({ training: TRAINING });
    const count = 1_500_000;
    const large = { name: 'large', shape: [count], range: { buffer: 5, offset: 0, bytes: 4 * count } };
    listing.buffers.push({ name: 'states', role: 'states', bytes: 4 * count });
    listing.states.push({ ...large, initializer: { kind: 'zeros' } });
    const program = await Program.create(listing, await gpuOrSkip(context));
    const values = Float32Array.from({ length: count }, (_, i) => i);
    program.writeTensor(large, values);
    const [a] = listing.parameters;
    program.writeTensor(a!, Float32Array.of(7));
    const read = await program.readTensors([a!, large]);
    expect(read.get('a')).toEqual(Float32Array.of(7));
    expect(Buffer.compare(Buffer.from(read.get('large')!.buffer), Buffer.from(values.buffer))).toBe(0);
    program.dispose();
  });
});

describe('Program on the validating device', () => {
  test('creates nothing while it runs', async () => {
    const device = await nullDevice();
    const { counts, undo } = countCreations(device.gpu);
    try {
      const program = await Program.create(lineListing({ training: TRAINING }), device);
      expect(counts.get('createComputePipelineAsync')).toBe(5);
      expect(counts.get('createBindGroup')).toBe(5);
      counts.clear();
      for (let i = 0; i < 3; i += 1) await program.run(request([0, 2], { read: 0 })).outputs();
      await program.run(request([3], { read: 3 })).outputs();
      await program.readTensors(lineListing({ training: TRAINING }).parameters);
      expect([...counts]).toEqual([]);
      program.dispose();
    } finally {
      undo();
    }
  });

  test('kernels with the same source and bindings share a pipeline, dispatches their bind group', async () => {
    const listing = lineListing({ training: TRAINING });
    const [first] = listing.kernels;
    listing.kernels.push({ ...first!, id: 'again', name: 'again' });
    const routine = listing.routines[0]!;
    const again = routine.commands.map((command) => ({ ...command, kernel: listing.kernels.length - 1 }));
    listing.routines.push({ ...routine, name: 'again', commands: again });
    const device = await nullDevice();
    const { counts, undo } = countCreations(device.gpu);
    try {
      const program = await Program.create(listing, device);
      expect(counts.get('createComputePipelineAsync')).toBe(5);
      expect(counts.get('createBindGroup')).toBe(5);
      program.dispose();
    } finally {
      undo();
    }
  });

  test('makes only the routines that are wanted', async () => {
    const device = await nullDevice();
    const { counts, undo } = countCreations(device.gpu);
    try {
      const program = await Program.create(lineListing({ training: TRAINING }), device, { routines: [4] });
      expect(counts.get('createComputePipelineAsync')).toBe(1);
      program.dispose();
    } finally {
      undo();
    }
  });

  test('one submit, one pass and one write of the block a run', async () => {
    const device = await nullDevice();
    const program = await Program.create(lineListing({ training: TRAINING }), device);
    const { queue } = device.gpu;
    const calls: string[] = [];
    const target = queue as unknown as Record<string, unknown>;
    for (const name of ['submit', 'writeBuffer']) {
      const method = target[name] as (...values: unknown[]) => unknown;
      target[name] = (...values: unknown[]) => {
        calls.push(name);
        return method.apply(queue, values);
      };
    }
    try {
      program.run(request([0, 2]));
    } finally {
      delete target.submit;
      delete target.writeBuffer;
    }
    expect(calls).toEqual(['writeBuffer', 'writeBuffer', 'writeBuffer', 'submit']);
    program.dispose();
  });

  test('names the kernel that does not compile, and where', async () => {
    const listing = lineListing({ training: TRAINING });
    listing.kernels[1]!.code = '@compute @workgroup_size(1) fn main() {\n  let x: u32 = 1.5;\n}';
    const failure = await failureOf(Program.create(listing, await nullDevice()));
    expect(failure.diagnostic.code).toBe('E0604');
    expect(failure.message).toMatch(/kernel accumulate \(accumulate\): WGSL 2:\d+: /);
  });

  test('names the kernel whose bindings do not fit its code', async () => {
    const listing = lineListing({ training: TRAINING });
    listing.kernels[2]!.access = ['read', 'read'];
    const failure = await failureOf(Program.create(listing, await nullDevice()));
    expect(failure.diagnostic.code).toBe('E0604');
    expect(failure.message).toContain('kernel update (update)');
  });

  const refused: [string, (listing: Listing) => void, RegExp][] = [
    [
      'a buffer',
      (l) => (l.buffers[0]!.bytes = 1e12),
      /buffer parameters needs 1000000000000 bytes; .* allows \d+/,
    ],
    [
      'a binding',
      (l) => (firstDispatch(l).bindings[0]!.bytes = 1e12),
      /kernel gradient needs 1000000000000 bytes/,
    ],
    [
      'an offset',
      (l) => (firstDispatch(l).bindings[0]!.offset = 100),
      /binds at byte 100; .* multiples of 256/,
    ],
    [
      'bindings',
      (l) => (l.kernels[0]!.access = Array(99).fill('read') as 'read'[]),
      /needs 99 storage bindings/,
    ],
    [
      'workgroups',
      (l) => (firstDispatch(l).groups = [65536, 1, 1]),
      /needs 65536 workgroups; .* allows 65535/,
    ],
    ['threads', (l) => (l.kernels[0]!.workgroup = [64, 64, 1]), /needs 4096 threads/],
  ];
  test.each(refused)('refuses too much of %s, with figures', async (_, change, message) => {
    const listing = lineListing({ training: TRAINING });
    change(listing);
    const failure = await failureOf(Program.create(listing, await nullDevice()));
    expect(failure.diagnostic.code).toBe('E0604');
    expect(failure.message).toMatch(message);
  });

  test('an error outside any call fails the next one', async () => {
    const device = await nullDevice();
    const program = await Program.create(lineListing({ training: TRAINING }), device);
    device.gpu.createBindGroupLayout({ entries: [{ binding: 0, visibility: 99, buffer: {} }] });
    const failure = await failureOf(program.finished().then(() => program.finished()));
    expect(failure.diagnostic.code).toBe('E0604');
    expect(() => program.run(request([0]))).toThrow(RuntimeFailure);
    program.dispose();
  });

  test('a lost device ends reads and runs with E0602', async () => {
    const real = await nullDevice();
    let lose: (reason: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const device: Device = { ...real, lost };
    const program = await Program.create(lineListing({ training: TRAINING }), device);
    const handle = program.run(request([0, 2], { read: 0 }));
    lose('unplugged');
    const failure = await failureOf(handle.outputs());
    expect(failure.diagnostic).toMatchObject({ code: 'E0602', message: 'the device was lost: unplugged' });
    expect(() => program.run(request([0]))).toThrow('unplugged');
    program.dispose();
  });

  test('a routine without outputs reads as an empty set', async () => {
    const listing = lineListing({ training: TRAINING });
    listing.routines[0]!.outputs = [];
    const program = await Program.create(listing, await nullDevice());
    expect(await program.run(request([0, 2], { read: 0 })).outputs()).toEqual(new Map());
    program.dispose();
  });

  test('a fixed batch is never run with another number of records', async () => {
    const program = await Program.create(lineListing({ training: TRAINING }), await nullDevice());
    expect(() => program.run(request([0], { batch: 5 }))).toThrow('internal: 5 records for gradient');
    program.dispose();
  });

  test('may be disposed with results in flight', async () => {
    const program = await Program.create(lineListing({ training: TRAINING }), await nullDevice());
    program.run(request([0, 2], { read: 0 }));
    const awaited = program.run(request([0, 2], { read: 0 }));
    program.dispose();
    const ended = await awaited.outputs().then(
      () => 'read',
      (error: unknown) => (error instanceof RuntimeFailure ? error.diagnostic.code : String(error)),
    );
    expect(['read', 'E0602']).toContain(ended);
  });

  test('counts the memory of every buffer', async () => {
    const device = await nullDevice();
    let bytes = 0;
    const target = device.gpu as unknown as Record<string, unknown>;
    const createBuffer = device.gpu.createBuffer.bind(device.gpu);
    target.createBuffer = (descriptor: GPUBufferDescriptor) => {
      bytes += descriptor.size;
      return createBuffer(descriptor);
    };
    try {
      const program = await Program.create(lineListing({ training: TRAINING }), device);
      expect(program.memoryBytes).toBe(bytes);
      await program.run(request([4], { read: 4 })).outputs();
      expect(program.memoryBytes).toBe(bytes);
      program.dispose();
    } finally {
      delete target.createBuffer;
    }
  });
});

function firstDispatch(listing: Listing) {
  const command = listing.routines[0]?.commands[0];
  if (command?.kind !== 'dispatch') throw new Error('the first command is a dispatch');
  return command;
}
