/** Named tensors that a graph both reads and overwrites: the new value never reaches a reader of the old. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, swapLastAxes, unary, withNumber } from '../../compiler/graph/convenience.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import type { OutputRole } from '../../compiler/graph/ir.ts';
import { tensorOf } from '../ops/sample.ts';
import { expectLowered, type LoweredRun } from '../support/run-schedule.ts';

type Named = Readonly<Record<string, readonly number[]>>;
type Output = readonly [name: string, value: number, role: OutputRole];

/** States of the shapes given; `build` says what becomes of them. */
function run(
  tensors: Named,
  build: (b: GraphBuilder, ...states: number[]) => readonly Output[],
  fuse = false,
): LoweredRun {
  const b = new GraphBuilder('overwriting');
  const leaves = Object.entries(tensors).map(([name, shape]) => b.add('state', [], { name }, { shape }));
  for (const output of build(b, ...leaves)) b.output(...output);
  const states = new Map(Object.entries(tensors).map(([name, shape], i) => [name, tensorOf(shape, 40 + i)]));
  return expectLowered(b.finish(), environment({ states }), { tolerance: 1e-5, fuse });
}

const opsOf = ({ kernels }: LoweredRun): string[] => kernels.map((kernel) => kernel.ops.join(' '));

describe('order', () => {
  it('puts the overwriting after every other reader', () => {
    const done = run({ w: [6] }, (b, w) => [
      ['w', withNumber(b, 'mul', w, 2), 'state'],
      ['before', unary(b, 'exp', w), 'result'],
    ]);
    expect(opsOf(done)).toEqual(['exp', 'mul']);
  });

  it('lets later nodes read the new value', () => {
    const done = run({ w: [6] }, (b, w) => {
      const next = withNumber(b, 'mul', w, 2);
      return [['w', next, 'state'], ['after', unary(b, 'neg', next), 'result']]; // prettier-ignore
    });
    expect(opsOf(done)).toEqual(['mul', 'neg']);
  });

  it('writes aside and copies last where old and new value are both read', () => {
    const done = run({ w: [6] }, (b, w) => {
      const next = withNumber(b, 'mul', w, 2);
      return [['w', next, 'state'], ['change', binary(b, 'sub', next, w), 'result']]; // prettier-ignore
    });
    expect(opsOf(done)).toEqual(['mul', 'sub', 'copy']);
  });

  it('exchanges two tensors', () => {
    run({ u: [5], v: [5] }, (_, u, v) => [['u', v, 'state'], ['v', u, 'state']]); // prettier-ignore
    run({ u: [5], v: [5] }, (b, u, v) => [['u', unary(b, 'neg', v), 'state'], ['v', unary(b, 'exp', u), 'state']]); // prettier-ignore
  });
});

describe('within one kernel', () => {
  it('overwrites in place what is read at the same element', () => {
    const done = run({ w: [4, 3] }, (b, w) => [['w', unary(b, 'neg', w), 'update']]);
    expect(done.kernels.map((kernel) => kernel.bindings.length)).toEqual([1]);
  });

  it('writes aside what is read elsewhere', () => {
    const reversed = run({ w: [5] }, (b, w) => [
      ['w', unary(b, 'neg', b.add('reverse', [w], { axes: [0] })), 'update'],
    ]);
    expect(opsOf(reversed)).toEqual(['neg', 'copy']);
    const product = run({ w: [4, 4] }, (b, w) => [
      ['w', b.add('matmul', [w, swapLastAxes(b, w)], {}), 'state'],
    ]);
    expect(opsOf(product)).toEqual(['matmul', 'copy']);
  });

  it('joins the updates of one phase', () => {
    const done = run(
      { w: [8], m: [8], other: [3] },
      (b, w, m, other) => {
        b.phase = 'update';
        const moment = binary(b, 'add', withNumber(b, 'mul', m, 0.9), w);
        return [
          ['m', moment, 'update'],
          ['w', binary(b, 'sub', w, withNumber(b, 'mul', moment, 0.1)), 'update'],
          ['other', unary(b, 'exp', other), 'update'],
        ];
      },
      true,
    );
    expect(opsOf(done)).toEqual(['mul add mul sub', 'exp']);
    expect(done.schedule.decisions.every(({ fused, reason }) => fused && reason.length > 0)).toBe(true);
  });
});

describe('updates that need each other', () => {
  /** x . x by a product, which no other kernel takes in. */
  const square = (b: GraphBuilder, x: number): number => {
    const n = b.type(x).shape[0] as number;
    const row = b.add('reshape', [x], {}, { shape: [1, n] });
    const product = b.add('matmul', [row, b.add('reshape', [x], {}, { shape: [n, 1] })], {});
    return b.add('reshape', [product], {}, { shape: [1] });
  };
  const scaledBy = (b: GraphBuilder, x: number, factor: number): number =>
    binary(b, 'mul', x, b.add('broadcast', [factor], {}, { shape: b.type(x).shape }));

  it('are not joined where one is made from the other', () => {
    const done = run({ u: [4], v: [4] }, (b, u, v) => {
      b.phase = 'update';
      const next = unary(b, 'exp', u);
      return [['u', next, 'update'], ['v', scaledBy(b, v, square(b, next)), 'update']]; // prettier-ignore
    });
    expect(opsOf(done)).toEqual(['exp', 'matmul', 'mul']);
  });

  it('are not joined where two kernels would wait for each other', () => {
    const done = run({ a: [4], b: [3], c: [4], d: [3] }, (b, u, v, w, z) => {
      b.phase = 'update';
      const [first, second] = [unary(b, 'exp', u), unary(b, 'exp', v)];
      return [
        ['a', first, 'update'],
        ['b', second, 'update'],
        ['c', scaledBy(b, w, square(b, second)), 'update'],
        ['d', scaledBy(b, z, square(b, first)), 'update'],
      ];
    });
    expect(done.kernels).toHaveLength(6);
  });
});

describe('outputs', () => {
  it('stores views and leaves by a copy', () => {
    const done = run({ w: [2, 3] }, (b, w) => [
      ['turned', swapLastAxes(b, w), 'result'],
      ['itself', w, 'result'],
      ['number', b.add('constant', [], { value: 7 }), 'result'],
    ]);
    expect(opsOf(done).sort()).toEqual(['constant', 'copy', 'transpose']);
  });

  it('leaves a tensor alone that becomes itself', () => {
    expect(run({ w: [2, 3] }, (_, w) => [['w', w, 'state']]).kernels).toHaveLength(0);
  });

  it('gives a value every name it has', () => {
    const done = run({ w: [5], v: [5] }, (b, w) => {
      const next = unary(b, 'neg', w);
      return [['w', next, 'state'], ['v', next, 'state'], ['p', next, 'gradient'], ['seen', next, 'result']]; // prettier-ignore
    });
    expect(opsOf(done)).toEqual(['neg', 'copy', 'copy', 'copy']);
  });

  it('refuses two values for one tensor', () => {
    expect(
      () =>
      run({ w: [5] }, (b, w) => [['w', unary(b, 'neg', w), 'state'], ['w', unary(b, 'exp', w), 'state']]), // prettier-ignore
    ).toThrow('overwrites a tensor twice');
  });
});

describe('bindings', () => {
  it('cuts a concat of many inputs into parts', () => {
    const names = Array.from({ length: 17 }, (_, i) => `t${i}`);
    const tensors = Object.fromEntries(names.map((name, i) => [name, [2, 1 + (i % 3), 2]]));
    const done = run(tensors, (b, ...parts) => {
      const whole = b.add('concat', parts, { axis: 1 });
      return [['whole', unary(b, 'neg', whole), 'result']];
    });
    expect(opsOf(done)).toEqual(['concat', 'concat', 'concat', 'neg']);
  });
});
