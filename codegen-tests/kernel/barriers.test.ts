/** Threads of a workgroup that share memory: on the host, on a device, in the verifier and as text. */
import { describe, expect, it } from 'vitest';
import * as e from '../../compiler/kernel/expression.ts';
import type { Expression, Kernel, Statement } from '../../compiler/kernel/ir.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { verifyKernel } from '../../compiler/kernel/verify.ts';
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import { evaluateKernel } from '../support/evaluate-kernel.ts';
import { gpuOrSkip, validateWgsl } from '../support/gpu.ts';
import { count, fromScratch, kernelOf, load, runKernels, store, toScratch } from '../support/kernels.ts';

const F32 = { scalar: 'f32', lanes: 1 } as const;
const id = (name: string): Expression => e.variable(name, e.U32);
const LOCAL = id('local');
const partial = (index: Expression): Expression => fromScratch(index, F32);
const barrier: Statement = { kind: 'barrier' };
const add = (a: Expression, b: Expression): Expression => e.binary('add', a, b);
const times = (a: Expression, b: number): Expression => e.binary('mul', a, count(b));

const SIZE = 8;

/** Sums of 8 neighbours, a workgroup a sum, as a tree: `steps` halves the number of threads that add. */
function sums(groups: Kernel['threads'][0], steps: readonly number[] = [4, 2, 1], first = barrier): Kernel {
  const at = add(times(id('group_x'), SIZE), LOCAL);
  const tree = steps.flatMap((half): Statement[] => [
    {
      kind: 'if',
      condition: e.binary('lt', LOCAL, count(half)),
      then: [toScratch(LOCAL, add(partial(LOCAL), partial(add(LOCAL, count(half)))))],
    },
    barrier,
  ]);
  return kernelOf(
    [{ storage: 'f32' }, { storage: 'f32', writes: true }],
    [
      toScratch(LOCAL, load(0, at, F32)),
      first,
      ...tree,
      {
        kind: 'if',
        condition: e.binary('eq', LOCAL, count(0)),
        then: [store(1, id('group_x'), partial(count(0)))],
      },
    ],
    {
      threads: [groups, [1], [1]],
      workgroup: [SIZE, 1, 1],
      scratch: [{ name: 'partial', scalar: 'f32', width: 1, length: SIZE }],
    },
  );
}

function evaluate(kernel: Kernel, input: readonly number[], results: number, batch = 1): number[] {
  const tensors = new Map([
    ['value:0', Float64Array.from(input)],
    ['value:1', new Float64Array(results).fill(-1)],
  ]);
  evaluateKernel(kernel, { tensors, batch, seed: 0, draw: 0, scalars: new Map() });
  return [...(tensors.get('value:1') as Float64Array)];
}

const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i);
const expected = (groups: number): number[] => numbers(groups).map((g) => 64 * g + 28);

describe('threads of a workgroup', () => {
  it('see what the others stored before a barrier', () => {
    const kernel = sums([3 * SIZE]);
    verifyKernel(kernel);
    expect(evaluate(kernel, numbers(3 * SIZE), 3)).toEqual(expected(3));
  });

  it('do so on a device, folded or not, with surplus workgroups sent home', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const input = Float32Array.from(numbers(7 * SIZE));
    for (const workgroupsPerDimension of [65_535, 3, 2]) {
      const results = new Float32Array(9).fill(-1);
      const [bytes] = await runKernels(gpu, [
        {
          kernel: sums([{ times: 1, plus: 0 }, SIZE]),
          data: [input, results],
          batch: 8,
          uniform: { batch: 7 },
          profile: { ...DEFAULT_PROFILE, workgroupsPerDimension },
        },
      ]);
      const found = [...new Float32Array(bytes![1]!)].slice(0, 9);
      expect(found).toEqual([...expected(7), -1, -1]);
    }
  });

  it('number themselves x fastest and know their group', () => {
    const kernel = kernelOf(
      [{ storage: 'f32' }, { storage: 'f32', writes: true }],
      [
        store(
          1,
          add(times(add(times(id('group_y'), 2), id('group_x')), 6), LOCAL),
          e.cast(add(times(id('y'), 10), id('x')), 'f32'),
        ),
      ],
      { threads: [[6], [4], [1]], workgroup: [3, 2, 1] },
    );
    const places = [0, 3].map((x) => [0, 1].flatMap((y) => [0, 1, 2].map((i) => 10 * y + x + i)));
    const all = [...places, ...places.map((group) => group.map((value) => value + 20))].flat();
    expect(evaluate(kernel, [0], 24)).toEqual(all);
  });
});

describe('the host', () => {
  it('notices a barrier that is missing', () => {
    const nothing = toScratch(LOCAL, e.literal(0, 'f32'));
    expect(() => evaluate(sums([SIZE], [4, 2, 1], nothing), numbers(SIZE), 1)).toThrow(
      'two threads touch element',
    );
  });

  it('does not take over what another workgroup left', () => {
    const kernel = sums([2 * SIZE]);
    const onlyFirst: Statement = {
      kind: 'if',
      condition: e.binary('eq', id('group_x'), count(0)),
      then: [kernel.body[0] as Statement],
    };
    const broken = { ...kernel, body: [onlyFirst, ...kernel.body.slice(1)] };
    expect(evaluate(broken, numbers(2 * SIZE), 2)).toEqual([28, NaN]);
  });
});

describe('a barrier', () => {
  const wrapped = (wrap: (inner: readonly Statement[]) => Statement, threads = [SIZE]): Kernel => {
    const kernel = sums(threads);
    return { ...kernel, body: [wrap([barrier]), ...kernel.body] };
  };
  const when = (condition: Expression) => (then: readonly Statement[]) =>
    ({ kind: 'if', condition, then }) as const;
  const upTo = (to: Expression) => (body: readonly Statement[]) =>
    ({ kind: 'for', variable: 'turn_of_all', from: count(0), to, step: 1, body }) as const;

  it('stands where all threads come', async () => {
    const fine = [
      wrapped(when(e.binary('lt', id('group_x'), e.batch))),
      wrapped(upTo(add(id('group_x'), count(1)))),
    ];
    for (const kernel of fine) {
      verifyKernel(kernel);
      const layout = { scalars: [], batch: 1, profile: DEFAULT_PROFILE };
      const { code } = kernelToWgsl(kernel, { ...layout, access: ['read', 'read_write'] });
      expect(await validateWgsl(code, ['read-only-storage', 'storage', 'uniform'])).toEqual([]);
      expect(evaluate(kernel, numbers(SIZE), 1)).toEqual(expected(1));
    }
  });

  it.each([
    ['an if of some threads', when(e.binary('lt', LOCAL, count(3)))],
    ['an if of what is loaded', when(e.binary('lt', load(0, count(0), F32), e.literal(3, 'f32')))],
    ['a loop of different lengths', upTo(LOCAL)],
  ])('does not stand in %s', (_, wrap) => {
    expect(() => verifyKernel(wrapped(wrap))).toThrow('a barrier that some threads may not reach');
  });

  it('needs whole workgroups and something shared', () => {
    expect(() => verifyKernel(sums([SIZE + 1]))).toThrow('no whole workgroups');
    expect(() => verifyKernel(sums([{ times: 1, plus: 0 }]))).toThrow('no whole workgroups');
    expect(() => verifyKernel(kernelOf([], [barrier], { threads: [[64], [1], [1]] }))).toThrow(
      'nothing that is shared',
    );
  });

  it('is named in the text', () => {
    expect(printKernel(sums([SIZE]))).toContain('\n  s0[local] = b0[(group_x * 8) + local]\n  barrier\n');
  });
});

it('memory of a workgroup has a limit', () => {
  const kernel = { ...sums([SIZE]), scratch: [{ name: 'partial', scalar: 'f32', width: 1, length: 4097 }] } as const; // prettier-ignore
  const layout = { scalars: [], batch: 1, profile: DEFAULT_PROFILE };
  expect(() => kernelToWgsl(kernel, { ...layout, access: ['read', 'read_write'] })).toThrow(
    '16388 bytes of workgroup memory',
  );
});
