/** Groups of equal structure share a body, bound to their own tensors; what differs in anything else does not. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { broadcastTo } from '../../compiler/graph/convenience.ts';
import type { Kernel } from '../../compiler/kernel/ir.ts';
import { KnownBodies } from '../../compiler/kernel/known-bodies.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import { DEFAULT_PROFILE as profile } from '../../compiler/kernel/profile.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';

/** The kernels of a graph, lowered with the bodies of the kernels before them and each for itself. */
function kernelsOf(build: (b: GraphBuilder) => void): { shared: Kernel[]; apart: Kernel[] } {
  const b = new GraphBuilder('layers');
  build(b);
  const graph = b.finish();
  const context = { profile, batch: 4 };
  const { groups } = buildSchedule(graph, { fuse: true, ...context });
  const known = new KnownBodies();
  return {
    shared: groups.map((group) => lowerGroup(graph, group, context, known)),
    apart: groups.map((group) => lowerGroup(graph, group, context)),
  };
}

const weight = (b: GraphBuilder, name: string, shape: number[] = [8, 8]): number =>
  b.add('parameter', [], { name }, { shape });

/** `x` times a number plus a sum of its rows: two inputs would be as good as one, were it not for their places. */
function scaledSum(b: GraphBuilder, name: string, x: number, y: number, by: number, add = 1): void {
  const number = (value: number) => broadcastTo(b, b.add('constant', [], { value }), [8, 8]);
  const scaled = b.add('add', [b.add('mul', [x, number(by)], {}), number(add)], {});
  b.output(name, b.add('mul', [scaled, y], {}), 'result');
}

describe('kernels with shared bodies', () => {
  it('are those lowered apart', () => {
    const { shared, apart } = kernelsOf((b) => {
      let x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [8, 8] });
      for (const layer of ['first', 'second', 'third'])
        x = b.add('tanh', [b.add('matmul', [x, weight(b, layer)], {})], {});
      b.output('y', x, 'result');
    });
    expect(shared).toEqual(apart);
    expect(shared).toHaveLength(3);
    // The first layer reads an input, the others what lies in the routine's own memory.
    expect(shared[2]?.body).toBe(shared[1]?.body);
    expect(new Set(shared.map(({ bindings }) => JSON.stringify(bindings))).size).toBe(3);
  });

  it.each([
    ['a number', (b: GraphBuilder, u: number, v: number) => scaledSum(b, 'second', v, u, 3)],
    ['the sign of zero', (b: GraphBuilder, u: number, v: number) => scaledSum(b, 'second', v, u, 2, -0)],
    ['one tensor in the place of two', (b: GraphBuilder, u: number) => scaledSum(b, 'second', u, u, 2)],
  ])('are kept apart by %s', (_, second) => {
    const { shared, apart } = kernelsOf((b) => {
      const [u, v, w] = ['u', 'v', 'w'].map((name) => weight(b, name)) as [number, number, number];
      scaledSum(b, 'first', v, w, 2, 0);
      second(b, u, v);
    });
    expect(shared).toEqual(apart);
  });

  it('are kept apart by the batch', () => {
    const b = new GraphBuilder('batch');
    b.output('y', b.add('exp', [weight(b, 'w')], {}), 'result');
    const graph = b.finish();
    const known = new KnownBodies();
    const { groups } = buildSchedule(graph, { fuse: true, profile, batch: 1 });
    const lowered = [1, 2, 2].map((batch) => lowerGroup(graph, groups[0]!, { profile, batch }, known).body);
    expect(lowered[1]).not.toBe(lowered[0]);
    expect(lowered[2]).toBe(lowered[1]);
  });
});
