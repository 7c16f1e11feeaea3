/** Whole kernels on a device: storage types, loops and branches, constants that WGSL refuses, batch and dispatch. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import * as e from '../../compiler/kernel/expression.ts';
import type { Expression, Kernel, ValueType } from '../../compiler/kernel/ir.ts';
import { HELPER_NAMES, HelperSet } from '../../compiler/targets/wgsl/prelude.ts';
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import { BATCH } from '../../compiler/graph/dimension.ts';
import { threefry2x32 } from '../../compiler/graph/threefry.ts';
import { gpuOrSkip, validateWgsl } from '../support/gpu.ts';
import { kernelOf, load, mapKernel, runKernels, store, X, type KernelRun } from '../support/kernels.ts';

const F32: ValueType = { scalar: 'f32', lanes: 1 };
const number = (value: number) => e.literal(value, 'f32');
const count = (value: number) => e.literal(value, 'u32');

/** The bytes of the last binding. */
async function last(gpu: GPUDevice, run: KernelRun): Promise<ArrayBuffer> {
  const [bytes] = await runKernels(gpu, [run]);
  return bytes![run.data.length - 1]!;
}

describe('storage', () => {
  it('reads bytes one by one and in fours', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
    for (const lanes of [1, 4] as const) {
      const kernel = mapKernel(['u8'], 'f32', 64, lanes, (x) => e.cast(x, 'f32'));
      const output = await last(gpu, { kernel, data: [new Uint32Array(bytes.buffer), new Float32Array(64)] });
      expect([...new Float32Array(output)]).toEqual([...bytes]);
    }
  });

  it('keeps truth values as 0 and 1 and reads any other word as true', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    for (const lanes of [1, 4] as const) {
      const kernel = mapKernel(['bool'], 'bool', 8, lanes, (x) => e.unary('not', x));
      const input = Uint32Array.of(0, 1, 2, 0, 4294967295, 0, 1, 0);
      const output = await last(gpu, { kernel, data: [input, new Uint32Array(8)] });
      expect([...new Uint32Array(output)]).toEqual([1, 0, 0, 1, 0, 1, 0, 1]);
    }
  });

  it('changes a tensor in place', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const kernel = kernelOf(
      [{ storage: 'f32', reads: true, writes: true }],
      [store(0, X, e.binary('mul', load(0, X, F32), number(3)))],
      { threads: [[5], [], []] },
    );
    const output = await last(gpu, { kernel, data: [Float32Array.of(1, 2, 3, 4, 5, 6)] });
    // The sixth element lies behind the last thread.
    expect([...new Float32Array(output)].slice(0, 6)).toEqual([3, 6, 9, 12, 15, 6]);
  });
});

describe('integers', () => {
  const values = [0, 1, 2, 3, 7, -1, -2, -7, 100, 2147483647, -2147483648, 65536];
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));

  it('wrap, truncate, and divide by zero as the graph says', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const meaning = {
      add: (a: number, b: number) => a + b,
      sub: (a: number, b: number) => a - b,
      mul: (a: number, b: number) => Math.imul(a, b),
      div: (a: number, b: number) => (b === 0 ? a : Math.trunc(a / b)),
      mod: (a: number, b: number) => (b === 0 ? 0 : a % b),
      min: Math.min,
      max: Math.max,
    };
    for (const scalar of ['i32', 'u32'] as const) {
      for (const lanes of [1, 4] as const) {
        const make = (list: readonly number[]) =>
          scalar === 'i32' ? Int32Array.from(list) : Uint32Array.from(list);
        const [a, b] = [make(pairs.map((p) => p[0])), make(pairs.map((p) => p[1]))];
        const names = Object.keys(meaning) as (keyof typeof meaning)[];
        const results = await runKernels(
          gpu,
          names.map((name) => ({
            kernel: mapKernel([scalar, scalar], scalar, a.length, lanes, (x, y) => e.binary(name, x, y)),
            data: [a, b, new Uint32Array(a.length)],
          })),
        );
        names.forEach((name, i) => {
          const wanted = make([...a].map((x, at) => meaning[name](x, b[at]!)));
          const found = scalar === 'i32' ? new Int32Array(results[i]![2]!) : new Uint32Array(results[i]![2]!);
          expect([...found], `${name} of ${scalar}`).toEqual([...wanted]);
        });
      }
    }
  });

  it('accept constant operands that WGSL would refuse', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const integer = (value: number) => e.literal(value, 'i32');
    const cases: [Expression, number][] = [
      [e.binary('div', integer(7), integer(0)), 7],
      [e.binary('mod', integer(7), integer(0)), 0],
      [e.binary('add', integer(2147483647), integer(1)), -2147483648],
      [e.unary('neg', integer(-2147483648)), -2147483648],
      [e.binary('pow', integer(-3), integer(5)), -243],
      [e.cast(number(-1.5), 'i32'), -1],
      [e.cast(number(1e20), 'i32'), 2147483647],
      [e.cast(number(NaN), 'i32'), 0],
      [e.cast(e.cast(number(-1.5), 'u32'), 'i32'), 0],
    ];
    const kernel = kernelOf(
      [{ storage: 'i32', writes: true }],
      cases.map(([expression], i) => store(0, count(i), expression)),
      { threads: [[1], [], []], workgroup: [1, 1, 1] },
    );
    const output = await last(gpu, { kernel, data: [new Int32Array(cases.length)] });
    expect([...new Int32Array(output)].slice(0, cases.length)).toEqual(cases.map(([, wanted]) => wanted));
  });
});

describe('floats', () => {
  it('that are infinite, NaN or overflow as constants come out', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const cases: [Expression, number][] = [
      [number(Infinity), Infinity],
      [number(-Infinity), -Infinity],
      [number(NaN), NaN],
      [number(1e300), Infinity],
      [e.binary('mul', number(3e38), number(10)), Infinity],
      [e.binary('div', number(1), number(0)), Infinity],
      [e.unary('log', number(-1)), NaN],
      [e.unary('exp', number(1000)), Infinity],
      [e.unary('log', number(0)), -Infinity],
      [e.unary('sqrt', number(-1)), NaN],
      [e.binary('max', number(-Infinity), number(2)), 2],
      [e.select(e.binary('lt', number(1), number(2)), number(3), number(4)), 3],
      [e.fma(number(2), number(3), number(4)), 10],
    ];
    const kernel = kernelOf(
      [{ storage: 'f32', writes: true }],
      cases.map(([expression], i) => store(0, count(i), expression)),
      { threads: [[1], [], []], workgroup: [1, 1, 1] },
    );
    const output = await last(gpu, { kernel, data: [new Float32Array(cases.length)] });
    expect([...new Float32Array(output)].slice(0, cases.length)).toEqual(cases.map(([, wanted]) => wanted));
  });

  it('take parentheses three hundred deep', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const chain = (x: Expression): Expression => {
      let value = x;
      for (let i = 0; i < 300; i++)
        value = e.binary('sub', number(i % 7), e.binary('mul', value, number(0.5)));
      return value;
    };
    const wanted = (x: number): number => {
      let value = x;
      for (let i = 0; i < 300; i++) value = (i % 7) - value * 0.5;
      return value;
    };
    const kernel = mapKernel(['f32'], 'f32', 4, 1, (x) => chain(x));
    const input = Float32Array.of(1, -2, 3.5, 100);
    const output = await last(gpu, { kernel, data: [input, new Float32Array(4)] });
    new Float32Array(output).forEach((found, i) => expect(found).toBeCloseTo(wanted(input[i]!), 4));
  });
});

describe('random bits', () => {
  it('are those of threefry, word for word', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const uniform = { seed: 0xdeadbeef, draw: 77 };
    const stream = 9;
    const bits = (element: Expression): Expression => ({
      kind: 'random_bits',
      type: element.type,
      stream,
      element,
    });
    const elements = Uint32Array.from({ length: 64 }, (_, i) => Math.imul(i, 2654435761) >>> 0);
    for (const lanes of [1, 4] as const) {
      const kernel = mapKernel(['u32'], 'u32', 64, lanes, (x) => bits(x));
      const run = { kernel, data: [elements, new Uint32Array(64)], uniform };
      const output = (await runKernels(gpu, [run]))[0]![1]!;
      expect([...new Uint32Array(output)]).toEqual(
        [...elements].map((element) => threefry2x32(uniform.seed, uniform.draw, stream, element)[0]),
      );
    }
  });
});

describe('the uniform block', () => {
  it('gives scalars by name', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const scalar = (name: string): Expression => ({ kind: 'scalar', type: F32, name });
    const kernel = kernelOf(
      [{ storage: 'f32', writes: true }],
      [store(0, count(0), scalar('step.lr')), store(0, count(1), scalar('bias:1'))],
      { threads: [[1], [], []], workgroup: [1, 1, 1] },
    );
    const output = await last(gpu, {
      kernel,
      data: [new Float32Array(4)],
      scalars: ['other', 'step.lr', 'unused', 'bias:1'],
      uniform: { scalars: [1, 0.125, 3, 0.5] },
    });
    expect([...new Float32Array(output)].slice(0, 2)).toEqual([0.125, 0.5]);
  });

  it('holds the batch at hand: threads behind it store nothing', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const kernel = kernelOf(
      [{ storage: 'f32', writes: true }],
      [store(0, X, e.cast(e.binary('add', X, e.batch), 'f32'))],
      { threads: [[BATCH, 3], [], []] },
    );
    const run = { kernel, data: [new Float32Array(30).fill(-1)], batch: 10, uniform: { batch: 4 } };
    const output = new Float32Array(await last(gpu, run)).slice(0, 30);
    expect([...output]).toEqual(Array.from({ length: 30 }, (_, i) => (i < 12 ? i + 4 : -1)));
  });
});

describe('threads', () => {
  /** Every thread adds to its own element, so that a thread missing or run twice shows. */
  const counting = (
    threads: Kernel['threads'],
    workgroup: Kernel['workgroup'],
    element: Expression,
  ): Kernel =>
    kernelOf(
      [{ storage: 'u32', reads: true, writes: true }],
      [store(0, element, e.binary('add', load(0, element, e.U32), count(1)))],
      { threads, workgroup },
    );
  const [Y, Z] = [e.variable('y', e.U32), e.variable('z', e.U32)];
  const flat = (width: number, height: number) =>
    e.binary('add', X, e.binary('mul', e.binary('add', Y, e.binary('mul', Z, count(height))), count(width)));

  const expectOnce = async (gpu: GPUDevice, kernel: Kernel, elements: number): Promise<void> => {
    const output = new Uint32Array(await last(gpu, { kernel, data: [new Uint32Array(elements + 8)] }));
    expect(output.subarray(0, elements).every((times) => times === 1)).toBe(true);
    expect(output.subarray(elements).every((times) => times === 0)).toBe(true);
  };

  it('cover three dimensions once', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    await expectOnce(gpu, counting([[7], [5], [3]], [4, 2, 2], flat(7, 5)), 105);
  });

  it('beyond 65,535 workgroups of x are folded', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const kernel = counting([[200_001], [], []], [1, 1, 1], X);
    const layout = { access: ['read_write'] as const, scalars: [], batch: 1, profile: DEFAULT_PROFILE };
    const { groups } = kernelToWgsl(kernel, layout);
    expect(groups[0]).toBeLessThanOrEqual(65_535);
    expect(groups[1]).toBeGreaterThan(1);
    await expectOnce(gpu, kernel, 200_001);
  });

  it('are folded together with y and z', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    await expectOnce(gpu, counting([[70_001], [3], [2]], [1, 1, 1], flat(70_001, 3)), 420_006);
    await expectOnce(gpu, counting([[3], [70_001], []], [2, 1, 1], flat(3, 70_001)), 210_003);
  });
});

describe('loops and branches', () => {
  it('compute a sum with a condition', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const acc = e.variable('acc', F32);
    const i = e.variable('i', e.U32);
    const body: Kernel['body'] = [
      { kind: 'var', name: 'acc', value: number(0) },
      {
        kind: 'for',
        variable: 'i',
        from: count(1),
        to: e.binary('add', X, count(5)),
        step: 2,
        body: [
          {
            kind: 'if',
            condition: e.binary('lt', i, count(4)),
            then: [{ kind: 'assign', name: 'acc', value: e.binary('add', acc, load(0, i, F32)) }],
            else: [{ kind: 'assign', name: 'acc', value: e.binary('sub', acc, number(0.5)) }],
          },
        ],
      },
      store(1, X, acc),
    ];
    const kernel = kernelOf([{ storage: 'f32' }, { storage: 'f32', writes: true }], body, {
      threads: [[4], [], []],
    });
    const input = Float32Array.of(1, 2, 4, 8, 16, 32, 64, 128, 256);
    const output = await last(gpu, { kernel, data: [input, new Float32Array(4)] });
    // i runs over 1, 3, then (from 5 on) half a unit is taken off.
    expect([...new Float32Array(output)]).toEqual([10, 9.5, 9.5, 9]);
  });
});

describe('every helper', () => {
  it.each(HELPER_NAMES)('%s is accepted alone, at one lane and at four', async (helper) => {
    for (const lanes of [1, 4] as const) {
      const helpers = new HelperSet();
      helpers.use(helper, lanes);
      const code = [
        'enable f16;',
        'struct Uniforms { seed: u32, draw: u32, batch: u32, zero: u32 }',
        '@group(0) @binding(0) var<uniform> uniforms: Uniforms;',
        ...helpers.texts(),
        '@compute @workgroup_size(1) fn main() { _ = uniforms.zero; }',
      ].join('\n');
      expect(await validateWgsl(code, ['uniform'])).toEqual([]);
    }
  });
});
