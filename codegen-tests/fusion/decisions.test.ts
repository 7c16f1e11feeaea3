/** What the fuser decides and says about it: kernels of whole steps, reasons, the same every time. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, broadcastTo, sumAll, unary, withNumber } from '../../compiler/graph/convenience.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { DEFAULT_PROFILE, type TargetProfile } from '../../compiler/kernel/profile.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import type { Schedule } from '../../compiler/schedule/schedule.ts';
import { MODELS, stepOf } from './programs.ts';

const scheduleOf = (graph: Graph, profile: Partial<TargetProfile> = {}, fuse = true): Schedule =>
  buildSchedule(graph, { fuse, profile: { ...DEFAULT_PROFILE, ...profile }, batch: 16 });

const refusalsOf = ({ decisions }: Schedule): string[] =>
  decisions.filter(({ fused }) => !fused).map(({ reason }) => reason);

function built(build: (b: GraphBuilder) => void): Graph {
  const b = new GraphBuilder('decisions');
  build(b);
  return b.finish();
}

const state = (b: GraphBuilder, name: string, shape: number[]): number =>
  b.add('state', [], { name }, { shape });

describe('the fuser says', () => {
  it('that too many tensors would be touched', () => {
    const graph = built((b) => {
      const sums = [0, 1].map((i) =>
        unary(b, 'exp', binary(b, 'add', state(b, `x${i}`, [64]), state(b, `y${i}`, [64]))),
      );
      b.output('all', binary(b, 'mul', ...(sums as [number, number])), 'result');
    });
    expect(refusalsOf(scheduleOf(graph))).toEqual([]);
    const narrow = refusalsOf(scheduleOf(graph, { storageBindings: 4 }));
    expect(narrow).toEqual(['5 storage bindings, 4 allowed']);
  });

  it('that a kernel would have too many loads and stores', () => {
    const graph = built((b) => {
      const x = unary(b, 'exp', state(b, 'x', [64]));
      b.output('x', x, 'result');
      b.output('y', unary(b, 'neg', x), 'result');
    });
    expect(refusalsOf(scheduleOf(graph))).toEqual([]);
    expect(refusalsOf(scheduleOf(graph, { accesses: 2 }))).toEqual(['3 loads and stores, 2 wanted at most']);
  });

  it('that a kernel would have too many operators', () => {
    const graph = built((b) => {
      let x = state(b, 'x', [64]);
      for (let i = 0; i < 3; i++) x = unary(b, 'exp', x);
      b.output('x', x, 'result');
    });
    expect(refusalsOf(scheduleOf(graph, { operators: 3 }))).toEqual([]);
    expect(refusalsOf(scheduleOf(graph, { operators: 2 }))).toEqual(['3 operators, 2 wanted at most']);
  });

  it('that neighbours of neighbours would be worked out anew at every place', () => {
    const doubled = (times: number): Graph =>
      built((b) => {
        let x = state(b, 'x', [512]);
        for (let i = 0; i < times; i++) {
          const shift = 2 ** i;
          const one = b.add('constant', [], { value: 1 }, { shape: [] });
          const padded = b.add('pad', [x, one], { before: [shift], after: [0], interior: [0] });
          const shifted = b.add('slice', [padded], { starts: [0], limits: [512], steps: [1] });
          x = binary(b, 'mul', x, shifted);
        }
        b.output('x', x, 'result');
      });
    const wide = { accesses: 1024 };
    // Two doublings are three products: one of the element at hand, and one of itself and the neighbour two before.
    expect(refusalsOf(scheduleOf(doubled(2), { ...wide, operators: 3 }))).toEqual([]);
    expect(refusalsOf(scheduleOf(doubled(2), { ...wide, operators: 2 }))).toEqual([
      '3 values are worked out, 2 wanted at most',
    ]);
    expect(scheduleOf(doubled(8), wide).groups.length).toBeGreaterThan(1);
  });

  it('that a value would be worked out anew for every piece of it that is joined', () => {
    const turned = (times: number): Graph =>
      built((b) => {
        let x = state(b, 'x', [512]);
        for (let i = 0; i < times; i++) {
          const twice = b.add('concat', [x, x], { axis: 0 });
          x = unary(b, 'tanh', b.add('slice', [twice], { starts: [256], limits: [768], steps: [1] }));
        }
        b.output('x', x, 'result');
      });
    const wide = { accesses: 1024 };
    // The last turn is worked out at one place, that before it at two: a tanh and a joint each.
    expect(refusalsOf(scheduleOf(turned(2), { ...wide, operators: 6 }))).toEqual([]);
    expect(refusalsOf(scheduleOf(turned(2), { ...wide, operators: 5 }))).toEqual([
      '6 values are worked out, 5 wanted at most',
    ]);
    expect(scheduleOf(turned(12), wide).groups.length).toBeGreaterThan(1);
  });

  it('that another kernel stands between', () => {
    const graph = built((b) => {
      const x = unary(b, 'exp', state(b, 'x', [8, 8]));
      const p = b.add('matmul', [x, state(b, 'w', [8, 8])], {});
      const s = b.add('reduce_sum', [p], { axes: [1] });
      const rows = broadcastTo(b, b.add('reshape', [s], {}, { shape: [8, 1] }), [8, 8]);
      b.output('y', binary(b, 'add', x, binary(b, 'mul', p, rows)), 'result');
    });
    const refusals = refusalsOf(scheduleOf(graph));
    expect(refusals).toContain('another kernel stands between them');
    expect(refusals).toContain('no thread of the product holds a whole row');
    expect(refusals).toContain('operands of a product are read as they lie');
  });

  it('that arithmetic repeated for every element costs more than a kernel', () => {
    const graph = built((b) => {
      const x = state(b, 'x', [1_000_000]);
      let total = withNumber(b, 'mul', sumAll(b, state(b, 'w', [16, 1])), 2);
      for (let i = 0; i < 4; i++) total = unary(b, 'tanh', total);
      b.output('y', binary(b, 'mul', x, broadcastTo(b, total, [1_000_000])), 'result');
    });
    const { groups } = scheduleOf(graph);
    expect(groups.map(({ kind }) => kind)).toEqual(['reduce', 'elementwise']);
  });

  it('that the CPU packs its products', () => {
    const sizes = { B: 64, D: 32, C: 8 };
    const graph = stepOf('dense', sizes);
    const beside = ({ groups }: Schedule) =>
      groups.filter(
        ({ kind, nodes }) => kind === 'matmul' && nodes.some((id) => graph.nodes[id]?.op === 'reduce_sum'),
      );
    expect(beside(scheduleOf(graph))).toHaveLength(3);
    expect(beside(scheduleOf(graph, { deviceClass: 'cpu' }))).toEqual([]);
  });

  it('that it was told not to', () => {
    const schedule = scheduleOf(stepOf('dense', { B: 8, D: 16, C: 4 }), {}, false);
    expect(new Set(refusalsOf(schedule))).toEqual(new Set(['fusion is off']));
    expect(schedule.groups.every(({ nodes }) => nodes.length === 1)).toBe(true);
  });
});

describe('a step', () => {
  const sizes = { B: 64, D: 32, C: 8 };

  it.each(Object.keys(MODELS))('of %s is decided the same every time', (name) => {
    const graph = stepOf(name, sizes);
    expect(scheduleOf(graph)).toEqual(scheduleOf(graph));
  });

  it('of dense layers has two kernels a layer back and one forward, and two for the loss', () => {
    const { groups } = scheduleOf(stepOf('dense', sizes));
    const kinds = groups.map(({ kind }) => kind);
    // 3 forward; loss with its gradient, mean of loss and accuracy; 3 gradients of weights, 2 of activations.
    expect(kinds.filter((kind) => kind === 'matmul')).toHaveLength(8);
    expect(kinds.filter((kind) => kind !== 'matmul').length).toBeLessThanOrEqual(3);
  });

  it('never stores a dropout mask', () => {
    const graph = stepOf('dropout', sizes);
    const { groups } = scheduleOf(graph);
    const random = new Set(graph.nodes.filter((node) => node.op === 'random_bits').map(({ id }) => id));
    expect(random.size).toBe(2);
    const masks = new Set(random);
    for (const node of graph.nodes) {
      const made =
        node.inputs.length > 0 &&
        node.inputs.every((id) => masks.has(id) || graph.nodes[id]?.inputs.length === 0);
      if (made && node.inputs.some((id) => masks.has(id))) masks.add(node.id);
    }
    expect(groups.flatMap(({ stored }) => stored).filter((id) => masks.has(id))).toEqual([]);
    // Both masks forward and both backward, each time in the epilogue of a product.
    const drawing = groups.filter(({ nodes }) => nodes.some((id) => random.has(id)));
    expect(drawing.map(({ kind }) => kind)).toEqual(['matmul', 'matmul']);
  });

  it('saves what a row has once instead of what its elements have', () => {
    const graph = stepOf('layernorm', sizes);
    const { groups } = scheduleOf(graph);
    const forward = groups.filter(
      ({ kind, nodes }) => kind === 'rows' && nodes.some((id) => graph.nodes[id]?.op === 'rsqrt'),
    );
    expect(forward).toHaveLength(2);
    for (const { stored } of forward) {
      const elements = stored.map(
        (id) => graph.nodes[id]?.type.shape.reduce<number>((n, d) => n * (d as number), 1) ?? 0,
      );
      expect(elements.filter((n) => n > sizes.B)).toHaveLength(1);
    }
  });
});
