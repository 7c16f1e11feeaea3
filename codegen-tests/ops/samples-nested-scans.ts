/** Samples of loops inside of loops: what an inner turn may read and leave, two and three deep, both directions. */
import type { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, broadcastTo, swapLastAxes, unary, withNumber } from '../../compiler/graph/convenience.ts';
import { loop } from './loop.ts';
import { sample, tensorOf, type OpSample } from './sample.ts';

const add = (b: GraphBuilder, p: number, q: number): number => binary(b, 'add', p, q);
const times = (b: GraphBuilder, p: number, q: number): number => binary(b, 'mul', p, q);
const all = (b: GraphBuilder, x: number): number => b.add('reshape', [x], {}, { shape: [sizeOf(b, x)] });
const sizeOf = (b: GraphBuilder, x: number): number =>
  b.type(x).shape.reduce<number>((n, size) => n * (size as number), 1);
const joined = (b: GraphBuilder, ...parts: readonly number[]): number =>
  b.add('concat', parts.map((part) => all(b, part)), { axis: 0 }); // prettier-ignore

/**
 * The inner loop starts from the outer carry and reads a slice of both times, the outer one's slice and a matrix
 * from outside of both; the outer turn takes its last value and all its emits.
 */
const grid =
  (outward: boolean, inward: boolean) => (b: GraphBuilder, x: number, s: number, w: number, h: number) => {
    const result = loop(b, 3, outward, (outer, body) => {
      const state = outer.carry(h);
      const [row, scale, matrix] = [outer.sequence(x), outer.sequence(s), outer.constant(w)];
      const inner = loop(body, 4, inward, (scan, turn) => {
        const cell = scan.carry(state);
        const product = turn.add('matmul', [cell, scan.constant(matrix)], {});
        const next = unary(turn, 'tanh', add(turn, product, times(turn, scan.sequence(row), scan.constant(scale)))); // prettier-ignore
        return { next: new Map([[cell, next]]), emits: [times(turn, next, cell)] };
      });
      const sums = body.add('reduce_sum', [inner(1)], { axes: [0] });
      const next = add(body, inner(0), withNumber(body, 'mul', times(body, sums, state), 0.25));
      return { next: new Map([[state, next]]), emits: [inner(1), next] };
    });
    return joined(b, result(0), result(1), result(2));
  };

const gridTensors = () => ({
  x: tensorOf([3, 4, 2, 3], 1, (t) => t - 0.5),
  s: tensorOf([3, 2, 3], 2),
  w: tensorOf([3, 3], 3, (t) => t - 0.5),
  h: tensorOf([2, 3], 4, (t) => t - 0.5),
});

/** Inner turns without sequences, and a second inner loop that reads what the first one left turn by turn. */
const iterated = (b: GraphBuilder, x: number, h: number): number => {
  const result = loop(b, 3, false, (outer, body) => {
    const state = outer.carry(h);
    const first = loop(body, 3, false, (scan, turn) => {
      const value = scan.carry(state);
      const next = unary(turn, 'sin', add(turn, withNumber(turn, 'mul', value, 0.75), scan.constant(state)));
      return { next: new Map([[value, next]]), emits: [value] };
    });
    const second = loop(body, 3, true, (scan, turn) => {
      const value = scan.carry(outer.sequence(x));
      const next = times(turn, value, unary(turn, 'tanh', scan.sequence(first(1))));
      return { next: new Map([[value, next]]), emits: [] };
    });
    return { next: new Map([[state, add(body, first(0), second(0))]]), emits: [] };
  });
  return result(0);
};

/** Three loops, each carrying on what the one inside left; a weight that only the innermost reads. */
const deep = (b: GraphBuilder, x: number, w: number, h: number): number => {
  const result = loop(b, 2, false, (first, outer) => {
    const [a, rows, matrix] = [first.carry(h), first.sequence(x), first.constant(w)];
    const middle = loop(outer, 2, true, (second, body) => {
      const [c, row, weights] = [second.carry(a), second.sequence(rows), second.constant(matrix)];
      const start = second.constant(a);
      const inner = loop(body, 3, false, (third, turn) => {
        const d = third.carry(c);
        const input = broadcastTo(turn, third.sequence(row), turn.type(d).shape);
        const product = turn.add('matmul', [d, swapLastAxes(turn, third.constant(weights))], {});
        const sum = add(turn, add(turn, product, input), third.constant(start));
        const next = unary(turn, 'tanh', sum);
        return { next: new Map([[d, next]]), emits: [next] };
      });
      const next = add(body, inner(0), withNumber(body, 'mul', c, 0.5));
      return { next: new Map([[c, next]]), emits: [inner(1)] };
    });
    return { next: new Map([[a, middle(0)]]), emits: [middle(1), a] };
  });
  return joined(b, result(0), result(1), result(2));
};

/** An inner loop that no outer carry moves, and one that is the same in all turns of the outer one. */
const apart = (b: GraphBuilder, x: number, w: number): number => {
  const result = loop(b, 3, false, (outer, body) => {
    const total = outer.carry(w);
    const own = loop(body, 2, false, (scan, turn) => {
      const value = scan.carry(outer.constant(w));
      return { next: new Map([[value, times(turn, value, scan.sequence(outer.sequence(x)))]]), emits: [] };
    });
    const same = loop(body, 4, false, (scan, turn) => {
      const value = scan.carry(outer.constant(w));
      return { next: new Map([[value, unary(turn, 'sin', value)]]), emits: [] };
    });
    return { next: new Map([[total, add(body, total, times(body, own(0), same(0)))]]), emits: [own(0)] };
  });
  return joined(b, result(0), result(1));
};

export const NESTED_SCAN_SAMPLES: readonly OpSample[] = [
  sample('loop in a loop', gridTensors(), grid(false, false), { terms: 12 }),
  sample('loop in a loop, the inner one backward in time', gridTensors(), grid(false, true), { terms: 12 }),
  sample('loop in a loop, both backward in time', gridTensors(), grid(true, true), { terms: 12 }),
  sample(
    'two loops in a loop, one after the other',
    { x: tensorOf([3, 5], 1), h: tensorOf([5], 2, (t) => t - 0.5) },
    iterated,
    { terms: 9 },
  ),
  sample(
    'loops three deep',
    {
      x: tensorOf([2, 2, 3, 3], 1, (t) => t - 0.5),
      w: tensorOf([3, 3], 2, (t) => t - 0.5),
      h: tensorOf([2, 3], 3, (t) => t - 0.5),
    },
    deep,
    { terms: 12 },
  ),
  sample('loops in a loop that nothing carries', { x: tensorOf([3, 2, 4], 1), w: tensorOf([4], 2) }, apart, {
    terms: 6,
  }),
];
