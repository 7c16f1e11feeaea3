/**
 * Kernels that go along an axis by themselves: sums at the places an index names, running sums, the largest
 * elements. On every class of device against the interpreter, with batches of any size, in place; and that the
 * gradient of an embedding costs what it must.
 */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { elementsAt, type Dimension } from '../../compiler/graph/dimension.ts';
import { BATCH } from '../../compiler/graph/dimension.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment } from '../../compiler/graph/interpret.ts';
import { lowerGroup } from '../../compiler/kernel/lower.ts';
import type { DeviceClass } from '../../compiler/kernel/profile.ts';
import { verifyKernel } from '../../compiler/kernel/verify.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import { tensorOf } from '../ops/sample.ts';
import { classProfile } from '../support/profiles.ts';
import { expectLowered } from '../support/run-schedule.ts';

const CLASSES: readonly DeviceClass[] = ['software', 'small', 'large'];

const indices = (shape: readonly number[], below: number, seed: number): HostTensor =>
  tensorOf(shape, seed, (u) => Math.floor(u * below), 'u32');

/** A graph over inputs whose first axis is the batch where its size is `records`. */
function graphOf(
  tensors: Readonly<Record<string, HostTensor>>,
  build: (b: GraphBuilder, ...ids: number[]) => number,
  records?: number,
) {
  const b = new GraphBuilder('sample');
  const ids = Object.entries(tensors).map(([name, { shape, dtype }]) => {
    const open = shape.map((d): Dimension => (d === records ? BATCH : d));
    return b.add('input', [], { name, storage: dtype === 'f32' ? 'f32' : 'u32' }, { shape: open, dtype });
  });
  b.output('result', build(b, ...ids), 'result');
  return b.finish();
}

describe.each(CLASSES)('on a %s device', (deviceClass) => {
  const profile = classProfile(deviceClass);

  it('adds slices and elements at any axis', () => {
    for (const [shape, axis] of [
      [[37, 8], 0],
      [[37, 3], 0],
      [[5, 37, 4], 1],
      [[5, 3, 37], 2],
      [[1, 1], 0],
      [[130, 256], 0],
    ] as const) {
      for (const count of [1, 3, 50]) {
        const due = shape.map((d, i) => (i === axis ? count : d));
        for (const index of [[count], due]) {
          const tensors = {
            x: tensorOf(shape, 1),
            index: indices(index, shape[axis] ?? 1, 2),
            source: tensorOf(due, 3),
          };
          const graph = graphOf(tensors, (b, ...ids) => b.add('scatter_add', ids, { axis }));
          expectLowered(graph, environment({ inputs: new Map(Object.entries(tensors)) }), {
            profile,
            tolerance: 1e-5,
          });
        }
      }
    }
  });

  it('takes batches of any size', () => {
    for (const records of [11, 3]) {
      const tensors = {
        table: tensorOf([6, 4], 4),
        index: indices([records], 6, 5),
        rows: tensorOf([records, 4], 6),
        wide: indices([records, 4], records, 7),
      };
      const given = environment({ batch: records, inputs: new Map(Object.entries(tensors)) });
      const builds: ((b: GraphBuilder, ...ids: number[]) => number)[] = [
        (b, table = 0, index = 0, rows = 0) => b.add('scatter_add', [table, index, rows], { axis: 0 }),
        (b, _table, _index, rows = 0, wide = 0) => b.add('scatter_add', [rows, wide, rows], { axis: 0 }),
        (b, _table, _index, rows = 0, wide = 0) => b.add('gather', [rows, wide], { axis: 0 }),
        (b, _table, _index, rows = 0) => b.add('cumsum', [rows], { axis: 0, reverse: true }),
        (b, _table, _index, rows = 0) => b.add('cumsum', [rows], { axis: 1, reverse: false }),
        (b, _table, _index, rows = 0) => b.add('top_k', [rows], { axis: 1, k: 3 }),
      ];
      for (const build of builds) {
        const graph = graphOf(tensors, build, records);
        expectLowered(graph, given, { profile, batch: 11, tolerance: 1e-5 });
      }
    }
  });

  it('adds in place', () => {
    const b = new GraphBuilder('counts');
    const state = b.add('state', [], { name: 'counts' }, { shape: [9, 4], dtype: 'f32' });
    const index = b.add('input', [], { name: 'index', storage: 'u32' }, { shape: [5], dtype: 'u32' });
    const rows = b.add('input', [], { name: 'rows', storage: 'f32' }, { shape: [5, 4], dtype: 'f32' });
    b.output('counts', b.add('scatter_add', [state, index, rows], { axis: 0 }), 'state');
    const given = environment({
      states: new Map([['counts', tensorOf([9, 4], 8)]]),
      inputs: new Map([
        ['index', indices([5], 9, 9)],
        ['rows', tensorOf([5, 4], 10)],
      ]),
    });
    const { kernels } = expectLowered(b.finish(), given, { profile });
    expect(kernels).toHaveLength(1);
  });

  it('sums the gradient of a large embedding without reading the index once a row', () => {
    const [words, tokens, width] = [50_257, 8192, 768];
    const b = new GraphBuilder('embedding');
    const index = b.add('input', [], { name: 'index', storage: 'u32' }, { shape: [tokens], dtype: 'u32' });
    const rows = b.add(
      'input',
      [],
      { name: 'rows', storage: 'f32' },
      { shape: [tokens, width], dtype: 'f32' },
    );
    const zero = b.add('constant', [], { value: 0 }, { dtype: 'f32' });
    const one = b.add('reshape', [zero], {}, { shape: [1, 1] });
    const table = b.add('broadcast', [one], {}, { shape: [words, width] });
    b.output('result', b.add('scatter_add', [table, index, rows], { axis: 0 }), 'result');
    const graph = b.finish();
    const { groups } = buildSchedule(graph, { fuse: false, profile, batch: 1 });
    const kernels = groups.map((group) => lowerGroup(graph, group, { profile, batch: 1 }));
    kernels.forEach(verifyKernel);
    expect(kernels).toHaveLength(1);
    const threads = kernels[0]?.threads.map((extent) => elementsAt(extent, 1)) ?? [];
    const indexReads = threads.reduce((product, n) => product * n, 1) * tokens;
    expect(indexReads).toBeLessThan(8 * (words + tokens) * width);
    // Four elements a thread, and no fewer threads than it takes to be busy.
    expect(threads[0]).toBe(width / 4);
    expect(threads[1]).toBeGreaterThanOrEqual({ cpu: 1, software: 1, small: 20, large: 100 }[deviceClass]);
  });
});
