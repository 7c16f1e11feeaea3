import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { compileProgram } from '../../compiler/compile-program.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { Program as RuntimeProgram } from '../../runtime/program.ts';
import { gpuOrSkip } from '../support/gpu.ts';
import { denseProgram } from './dense-program.ts';

const noise = (i: number): number => Math.sin(1 + i * 12.9898) * 0.5;

describe('compileProgram', () => {
  it('gives the same listing twice', () => {
    const once = JSON.stringify(
      compileProgram(denseProgram(), { profile: DEFAULT_PROFILE, fuse: true, predictions: true }).listing,
    );
    expect(
      JSON.stringify(
        compileProgram(denseProgram(), { profile: DEFAULT_PROFILE, fuse: true, predictions: true }).listing,
      ),
    ).toBe(once);
  });

  it('leaves out the models where nobody predicts, and nothing else', () => {
    const file = fileURLToPath(new URL('../../dsl-examples/glyphs.net', import.meta.url));
    const source = { file: 'glyphs.net', text: fs.readFileSync(file, 'utf8') };
    const whole = compile(source).listing;
    const { listing } = compile(source, { predictions: false });
    const names = whole.routines.map(({ name }) => name).filter((name) => !name.endsWith('.predict'));
    expect(names.length).toBeLessThan(whole.routines.length);
    expect(listing.routines.map(({ name }) => name)).toEqual(names);
    expect(listing.models).toEqual([]);
    expect(listing.steps).toEqual(whole.steps);
    expect(listing.parameters).toEqual(whole.parameters);
  });

  it('updates all weights in one dispatch', () => {
    const { routines } = compileProgram(denseProgram(), {
      profile: DEFAULT_PROFILE,
      fuse: true,
      predictions: true,
    });
    const update = routines.find((r) => r.role === 'update')!;
    const writers = update.dispatches.filter((d) =>
      d.kernel.bindings.some((b) => b.writes && b.tensor.kind === 'named'),
    );
    expect(writers).toHaveLength(1);
  });

  for (const fuse of [true, false])
    it(`computes on the device what the interpreter computes (fuse ${fuse})`, async (context) => {
      const device = await gpuOrSkip(context);
      const program = denseProgram();
      const { listing, lowered } = compileProgram(program, {
        profile: DEFAULT_PROFILE,
        fuse,
        predictions: true,
      });
      const runner = await RuntimeProgram.create(listing, device);
      try {
        const parameters = new Map(
          program.parameters.map((p, k) => {
            const n = p.shape.reduce((a, b) => a * b, 1);
            return [
              p.name,
              hostTensor(
                p.shape,
                Array.from({ length: n }, (_, i) => Math.fround(noise(i + 100 * k))),
              ),
            ];
          }),
        );
        for (const tensor of listing.parameters)
          runner.writeTensor(tensor, Float32Array.from(parameters.get(tensor.name)!.data));
        const bytes = Uint8Array.from({ length: 8 * 12 }, (_, i) => (i * 37) % 256);
        const labels = Uint32Array.from({ length: 8 }, (_, i) => i % 5);
        const given = new Map([
          ['x', bytes],
          ['y', new Uint8Array(labels.buffer)],
        ]);
        const step = listing.steps[0]!;
        const scalars = Float64Array.from(
          listing.uniform.scalars.map(({ name }) => (name.startsWith('lr') ? 0.01 : 0.1)),
        );

        for (const [routine, batch] of [
          [step.gradient, 8],
          [step.evaluate, 8],
          [step.evaluate, 3],
        ] as const) {
          const handle = runner.run({
            routines: [routine],
            batch,
            uniform: { seed: 1, draw: 0, scalars },
            inputs: given,
            read: routine,
          });
          const outputs = await handle.outputs();
          const graph = lowered[routine]!.optimized;
          const wanted = interpret(
            graph,
            environment({
              batch,
              parameters,
              inputs: new Map([
                ['x', hostTensor([batch, 12], [...bytes.slice(0, batch * 12)])],
                ['y', hostTensor([batch], [...labels.slice(0, batch)], 'u32')],
              ]),
            }),
          );
          for (const name of ['loss', 'accuracy'])
            expect(outputs.get(name)![0]).toBeCloseTo(wanted.get(name)!.data[0]!, 5);
        }

        const inputs = new Map([
          ['x', hostTensor([8, 12], [...bytes])],
          ['y', hostTensor([8], [...labels], 'u32')],
        ]);
        const gradients = interpret(
          lowered[step.gradient]!.optimized,
          environment({ batch: 8, parameters, inputs }),
        );
        runner.run({
          routines: [step.gradient, step.update!],
          batch: 8,
          uniform: { seed: 1, draw: 0, scalars },
          inputs: given,
        });
        const moved = await runner.readTensors(listing.parameters);
        const norm = Math.hypot(...program.parameters.flatMap((p) => [...gradients.get(p.name)!.data]));
        for (const p of program.parameters)
          gradients.get(p.name)!.data.forEach((g, i) => {
            // Adam's first step with every bias correction at 0.1: m = 0.1 g, v = 0.001 g^2.
            const clipped = g * Math.min(1, 1 / (norm + 1e-6));
            const change =
              (0.1 * ((0.1 * clipped) / 0.1)) / (Math.sqrt(0.001 * clipped ** 2) / Math.sqrt(0.1) + 1e-8);
            const before = parameters.get(p.name)!.data[i]!;
            const rate = 0.01 / 0.1;
            expect(moved.get(p.name)![i], `${p.name}[${i}]`).toBeCloseTo(before - rate * change, 4);
          });
      } finally {
        runner.dispose();
      }
    });
});
