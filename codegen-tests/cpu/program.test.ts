/** Listings on the CPU: results do not depend on the number of threads, runs queue up, failures are told. */
import { describe, expect, it } from 'vitest';
import { compile, type Listing } from '../../compiler/index.ts';
import { toBase64 } from '../../compiler/targets/wasm/bytes.ts';
import { FunctionBuilder } from '../../compiler/targets/wasm/function-builder.ts';
import { ModuleBuilder } from '../../compiler/targets/wasm/module-builder.ts';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import { CpuProgram } from '../../runtime/cpu/cpu-program.ts';
import type { RunRequest } from '../../runtime/step-runner.ts';
import { recordBytes } from '../../runtime/step-runner.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { profileOn } from '../support/profiles.ts';
import { exampleText } from '../support/examples.ts';
import { failureOf } from '../support/failure.ts';

async function listingOf(example: string): Promise<Listing> {
  const text = exampleText(example);
  return compile({ file: example, text }, { profile: profileOn(await openCpu()) }).listing;
}

/** A step of the first block with bytes that are valid images and labels. */
function stepRequest(listing: Listing, draw: number): RunRequest {
  const step = listing.steps[0]!;
  const routine = listing.routines[step.gradient]!;
  const inputs = routine.inputs.map((input) => {
    const bytes = new Uint8Array(Math.ceil((routine.batch * recordBytes(input)) / 4) * 4);
    const below = listing.data?.fields.find((field) => field.name === input.name)?.below ?? 256;
    if (input.storage === 'u8') bytes.forEach((_, i) => (bytes[i] = (i * 31 + draw * 7) % below));
    return [input.name, bytes] as const;
  });
  return {
    routines: step.update === undefined ? [step.gradient] : [step.gradient, step.update],
    batch: routine.batch,
    uniform: { seed: 7, draw, scalars: new Float64Array(listing.uniform.scalars.length).fill(0.01) },
    inputs: new Map(inputs),
    read: step.gradient,
  };
}

async function started(listing: Listing, threads: number): Promise<CpuProgram> {
  const program = await CpuProgram.create(listing, await openCpu({ threads }));
  writeWeights(program, listing, initialWeights(listing, 7, undefined));
  return program;
}

describe('a program on the CPU', () => {
  it.each(['glyphs.net', 'glyphs-residual.net', 'glyphs-gradient-penalty.net'])(
    '%s: the same bits for any number of threads',
    async (example) => {
      const listing = await listingOf(example);
      const results: unknown[] = [];
      for (const threads of [1, 2, 3]) {
        const program = await started(listing, threads);
        const losses: number[] = [];
        for (let draw = 0; draw < 3; draw++) {
          const outputs = await program.run(stepRequest(listing, draw)).outputs();
          losses.push(outputs.get('loss')?.[0] ?? Number.NaN);
        }
        results.push([losses, await program.readTensors([...listing.parameters, ...listing.optimizer])]);
        expect(losses.every(Number.isFinite)).toBe(true);
        program.dispose();
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );

  it('runs as many as are asked for, in order, with the inputs of the time', async () => {
    const listing = await listingOf('glyphs.net');
    const sequences: number[][] = [];
    for (const waiting of [true, false]) {
      const program = await started(listing, 2);
      const request = stepRequest(listing, 0);
      const pending: Promise<number>[] = [];
      for (let draw = 0; draw < program.slots() + 5; draw++) {
        const { inputs } = stepRequest(listing, draw);
        for (const [name, bytes] of inputs) request.inputs.get(name)!.set(bytes);
        request.uniform.draw = draw;
        const loss = program.run(request).outputs().then((outputs) => outputs.get('loss')![0]!); // prettier-ignore
        pending.push(loss);
        if (waiting) await loss;
      }
      sequences.push(await Promise.all(pending));
      await program.finished();
      program.dispose();
    }
    expect(sequences[1]).toEqual(sequences[0]);
    expect(new Set(sequences[0]).size).toBe(sequences[0]!.length);
  });

  it('writes and reads tensors between the runs around them', async () => {
    const listing = await listingOf('glyphs.net');
    const program = await started(listing, 2);
    const [weight] = listing.parameters;
    const zeros = new Float32Array(weight!.shape.reduce((n, d) => n * d, 1));
    program.run(stepRequest(listing, 0));
    program.writeTensor(weight!, zeros);
    const written = program.readTensor(weight!);
    program.run(stepRequest(listing, 1));
    const later = program.readTensor(weight!);
    expect(await written).toEqual(zeros);
    expect(await later).not.toEqual(zeros);
    program.dispose();
  });
});

describe('what the CPU cannot do', () => {
  it('memory that the engine does not give is told with the figure', async () => {
    const listing = await listingOf('glyphs.net');
    listing.cpu!.bytes = 5_000_000_000;
    const failure = await failureOf(CpuProgram.create(listing, await openCpu({ threads: 1 })));
    expect(failure.diagnostic.code).toBe('E0604');
    expect(failure.message).toMatch(/memory of 50\d{8} bytes/);
  });

  it.each([1, 2])('a fault of the code ends the run with %i threads', async (threads) => {
    const listing = await listingOf('glyphs.net');
    const module = new ModuleBuilder();
    module.export('meet', module.add(new FunctionBuilder({ parameters: ['i32'], results: [] }), 'meet'));
    const outside = new FunctionBuilder({ parameters: ['i32', 'i32', 'i32'], results: [] });
    outside.i32(-4).access('i32.load').op('drop');
    const index = module.add(outside, 'outside');
    listing.routines.forEach((_, i) => module.export(`routine${i}`, index));
    listing.cpu!.module = toBase64(module.finish());
    const program = await started(listing, threads);
    const failure = await failureOf(program.run(stepRequest(listing, 0)).outputs());
    expect(failure.diagnostic.code).toBe('E0604');
    expect(() => program.run(stepRequest(listing, 1))).toThrow(failure);
    program.dispose();
  });
});
