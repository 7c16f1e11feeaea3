/** Kernels as text, stable to the byte, and the rules of the IR that the verifier holds them against. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { broadcastTo, castTo, swapLastAxes, withNumber } from '../../compiler/graph/convenience.ts';
import { BATCH } from '../../compiler/graph/dimension.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { U32, binary, literal, spread, unary, variable } from '../../compiler/kernel/expression.ts';
import type { Expression, Kernel, Statement } from '../../compiler/kernel/ir.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import { printKernel } from '../../compiler/kernel/print.ts';
import { DEFAULT_PROFILE as profile } from '../../compiler/kernel/profile.ts';
import { verifyKernel } from '../../compiler/kernel/verify.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';

const SPAN = { file: 'mlp.net', line: 12, column: 3, endLine: 12, endColumn: 20 };

function kernelsOf(build: (b: GraphBuilder) => void): Kernel[] {
  const b = new GraphBuilder('text');
  b.source = [SPAN];
  build(b);
  const graph: Graph = b.finish();
  const lower = () =>
    buildSchedule(graph, { fuse: true, profile, batch: 32 }).groups.map((group) =>
      lowerGroup(graph, group, { profile, batch: 32 }),
    );
  const kernels = lower();
  expect(lower().map(printKernel)).toEqual(kernels.map(printKernel));
  kernels.forEach(verifyKernel);
  return kernels;
}

const textOf = (build: (b: GraphBuilder) => void): string => kernelsOf(build).map(printKernel).join('\n');

describe('text', () => {
  it('of a product', () => {
    const text = textOf((b) => {
      const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [BATCH, 12] });
      const w = b.add('parameter', [], { name: 'w' }, { shape: [8, 12] });
      b.output('y', b.add('matmul', [x, swapLastAxes(b, w)], {}), 'result');
    });
    expect(text).toMatchInlineSnapshot(`
      "kernel matmul (matmul, forward)
        ops matmul
        b0 'x': vec4<f32>, read
        b1 'w': vec4<f32>, read
        b2 %3: vec4<f32>, written
        threads [2] x [8] x [1] in workgroups of 2 x 8 x 1
        if (y * 4) < B
          var sum0: vec4<f32> = splat(0)
          var sum1: vec4<f32> = splat(0)
          var sum2: vec4<f32> = splat(0)
          var sum3: vec4<f32> = splat(0)
          let i0: u32 = min(y * 4, B - 1)
          let i1: u32 = min((y * 4) + 1, B - 1)
          let i2: u32 = min((y * 4) + 2, B - 1)
          let i3: u32 = min((y * 4) + 3, B - 1)
          for k0 from 0 to min(3, 3 * B)
            let v0: vec4<f32> = b0[(i0 * 3) + k0]
            let v1: vec4<f32> = b1[(x * 12) + k0]
            let v2: vec4<f32> = b1[((x * 12) + k0) + 3]
            let v3: vec4<f32> = b1[((x * 12) + k0) + 6]
            let v4: vec4<f32> = b1[((x * 12) + k0) + 9]
            let across0: vec4<f32> = [v1.0, v2.0, v3.0, v4.0]
            sum0 = fma(splat(v0.0), across0, sum0)
            let v5: vec4<f32> = b0[(i1 * 3) + k0]
            sum1 = fma(splat(v5.0), across0, sum1)
            let v6: vec4<f32> = b0[(i2 * 3) + k0]
            sum2 = fma(splat(v6.0), across0, sum2)
            let v7: vec4<f32> = b0[(i3 * 3) + k0]
            sum3 = fma(splat(v7.0), across0, sum3)
            let across1: vec4<f32> = [v1.1, v2.1, v3.1, v4.1]
            sum0 = fma(splat(v0.1), across1, sum0)
            sum1 = fma(splat(v5.1), across1, sum1)
            sum2 = fma(splat(v6.1), across1, sum2)
            sum3 = fma(splat(v7.1), across1, sum3)
            let across2: vec4<f32> = [v1.2, v2.2, v3.2, v4.2]
            sum0 = fma(splat(v0.2), across2, sum0)
            sum1 = fma(splat(v5.2), across2, sum1)
            sum2 = fma(splat(v6.2), across2, sum2)
            sum3 = fma(splat(v7.2), across2, sum3)
            let across3: vec4<f32> = [v1.3, v2.3, v3.3, v4.3]
            sum0 = fma(splat(v0.3), across3, sum0)
            sum1 = fma(splat(v5.3), across3, sum1)
            sum2 = fma(splat(v6.3), across3, sum2)
            sum3 = fma(splat(v7.3), across3, sum3)
          b2[(i0 * 2) + x] = sum0
          b2[(i1 * 2) + x] = sum1
          b2[(i2 * 2) + x] = sum2
          b2[(i3 * 2) + x] = sum3
      "
    `);
  });

  it('of bytes to numbers, a bias and a column sum', () => {
    const text = textOf((b) => {
      const x = b.add('input', [], { name: 'image', storage: 'u8' }, { shape: [BATCH, 8], dtype: 'u32' });
      const scaled = withNumber(b, 'div', castTo(b, x, 'f32'), 255);
      const bias = b.add('parameter', [], { name: 'bias' }, { shape: [8] });
      const shifted = b.add('add', [scaled, broadcastTo(b, bias, [BATCH, 8])], {});
      b.output('bias', b.add('reduce_sum', [shifted], { axes: [0] }), 'gradient');
    });
    expect(text).toMatchInlineSnapshot(`
      "kernel div_add_reduce_sum (reduce, forward)
        ops div add reduce_sum
        b0 'image': u8, read
        b1 'bias': f32, read
        b2 'gradient:bias': f32, written
        threads [8] x [1] x [1] in workgroups of 8 x 1 x 1
        var sum0: f32 = 0
        let v3: f32 = b1[x]
        for k0 from 0 to B
          let v0: u32 = b0[(k0 * 8) + x]
          let v1: f32 = f32(v0)
          let v2: f32 = v1 / 255
          let v4: f32 = v2 + v3
          sum0 = sum0 + v4
        b2[x] = sum0
      "
    `);
  });

  it('of an update in place', () => {
    const text = textOf((b) => {
      b.phase = 'update';
      const leaf = (name: string) => b.add('state', [], { name }, { shape: [64] });
      const [w, m, g] = [leaf('weights:0'), leaf('momentum:0'), leaf('gradients:0')] as const;
      const moment = b.add('add', [withNumber(b, 'mul', m, 0.9), g], {});
      const rate = broadcastTo(b, b.add('scalar', [], { name: 'lr' }), [64]);
      b.output('momentum:0', moment, 'update');
      b.output('weights:0', b.add('sub', [w, b.add('mul', [moment, rate], {})], {}), 'update');
    });
    expect(text).toMatchInlineSnapshot(`
      "kernel mul_add_mul_sub (update, update)
        ops mul add mul sub
        b0 'momentum:0': vec4<f32>, read and written
        b1 'gradients:0': vec4<f32>, read
        b2 'weights:0': vec4<f32>, read and written
        threads [16] x [1] x [1] in workgroups of 64 x 1 x 1
        let v0: vec4<f32> = b0[x]
        let v1: vec4<f32> = v0 * splat(0.9)
        let v2: vec4<f32> = b1[x]
        let v3: vec4<f32> = v1 + v2
        let v4: vec4<f32> = b2[x]
        let v5: vec4<f32> = v3 * splat($lr)
        let v6: vec4<f32> = v4 - v5
        b0[x] = v3
        b2[x] = v6
      "
    `);
  });
});

describe('facts for readers', () => {
  it('names operators, source and work', () => {
    const [kernel] = kernelsOf((b) => {
      const x = b.add('parameter', [], { name: 'x' }, { shape: [16, 12] });
      b.output('y', b.add('matmul', [x, swapLastAxes(b, x)], {}), 'result');
    });
    expect(kernel).toMatchObject({ name: 'matmul', kind: 'matmul', phase: 'forward', ops: ['matmul'] });
    expect(kernel?.source).toEqual([SPAN]);
    expect(kernel?.flops).toBe(2 * 16 * 16 * 12);
  });
});

describe('verifier', () => {
  const base: Kernel = {
    name: 'sample',
    kind: 'elementwise',
    phase: 'forward',
    ops: [],
    source: [],
    bindings: [
      { tensor: { kind: 'named', name: 'a' }, storage: 'f32', width: 1, reads: true, writes: false },
      { tensor: { kind: 'named', name: 'b' }, storage: 'f32', width: 1, reads: true, writes: true },
    ],
    threads: [[4], [1], [1]],
    workgroup: [64, 1, 1],
    body: [],
    flops: 0,
    vectorWidth: 1,
  };
  const x = variable('x', U32);
  const load = (binding: number, lanes: 1 | 4 = 1): Expression => ({
    kind: 'load',
    type: { scalar: 'f32', lanes },
    binding,
    index: x,
  });
  const store = (value: Expression, binding = 1, index: Expression = x): Statement => ({
    kind: 'store',
    binding,
    index,
    value,
  });
  const one = literal(1, 'f32');

  it('accepts a sound kernel', () => {
    verifyKernel({
      ...base,
      body: [{ kind: 'let', name: 'v', value: load(0) }, store(variable('v', one.type))],
    });
  });

  const wrong: readonly (readonly [string, Statement[]])[] = [
    ['store to binding 0', [store(one, 0), store(one)]],
    ['load from binding 2', [store(load(2))]],
    ['after its store', [store(one), store(load(1))]],
    ['never stored to', []],
    ['v is not bound here', [store(variable('v', one.type))]],
    ['v is declared twice', [{ kind: 'let', name: 'v', value: one }, { kind: 'let', name: 'v', value: one }]], // prettier-ignore
    ['x is declared twice', [{ kind: 'let', name: 'x', value: one }]],
    ['assignment to v', [{ kind: 'let', name: 'v', value: one }, { kind: 'assign', name: 'v', value: one }]], // prettier-ignore
    ['index: f32 and u32', [store(one, 1, one)]],
    ['vec4<f32> and f32', [store(spread(one, 4))]],
    ['vec4<f32> and f32', [store(load(0, 4))]],
    ['add: f32 and u32', [store(binary('add', one, x))]],
    ['not of f32', [store(unary('not', one))]],
    ['exp of u32', [store(unary('exp', x))]],
    ['condition', [{ kind: 'if', condition: x, then: [store(one)] }]],
    ['v is not bound here', [{ kind: 'for', variable: 'i', from: x, to: x, step: 1, body: [{ kind: 'let', name: 'v', value: one }] }, store(variable('v', one.type))]], // prettier-ignore
  ];
  it.each(wrong)('refuses: %s', (message, body) => {
    expect(() => verifyKernel({ ...base, body })).toThrow(message);
  });

  it('refuses one tensor in two bindings', () => {
    const [first] = base.bindings as [Kernel['bindings'][number]];
    expect(() => verifyKernel({ ...base, bindings: [first, first] })).toThrow('bound twice');
  });
});
