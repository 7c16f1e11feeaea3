/** Samples of loops over time: carries, sequences, values that stay, emits; both directions. */
import type { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  broadcastTo,
  castTo,
  sumAll,
  swapLastAxes,
  unary,
  withNumber,
} from '../../compiler/graph/convenience.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { loop } from './loop.ts';
import { NESTED_SCAN_SAMPLES } from './samples-nested-scans.ts';
import { sample, tensorOf, vector, type OpSample } from './sample.ts';

const running = (reverse: boolean) => (b: GraphBuilder, x: number, start: number) =>
  loop(b, 4, reverse, (scan, body) => {
    const total = scan.carry(start);
    const next = binary(body, 'add', total, scan.sequence(x));
    return { next: new Map([[total, next]]), emits: [next] };
  })(1);

/** h = tanh(x @ W + h @ U + b), every h. */
const cell =
  (reverse: boolean) => (b: GraphBuilder, x: number, w: number, u: number, bias: number, h: number) =>
    loop(b, 3, reverse, (scan, body) => {
      const state = scan.carry(h);
      const input = body.add('matmul', [scan.sequence(x), scan.constant(w)], {});
      const past = body.add('matmul', [state, scan.constant(u)], {});
      const sum = binary(body, 'add', input, past);
      const next = unary(
        body,
        'tanh',
        binary(body, 'add', sum, broadcastTo(body, scan.constant(bias), body.type(sum).shape)),
      );
      return { next: new Map([[state, next]]), emits: [next] };
    })(1);

const cellTensors = () => ({
  x: tensorOf([3, 2, 5], 1),
  w: tensorOf([5, 3], 2),
  u: tensorOf([3, 3], 3, (t) => t - 0.5),
  bias: tensorOf([3], 4),
  h: tensorOf([2, 3], 5, (t) => t - 0.5),
});

/** Two carries that change places, and the product of both: a value of one turn is read in the next but one. */
const swapping = (b: GraphBuilder, x: number, p: number, q: number): number => {
  const result = loop(b, 5, false, (scan, body) => {
    const [first, second] = [scan.carry(p), scan.carry(q)];
    const sum = binary(body, 'add', withNumber(body, 'mul', first, 0.5), scan.sequence(x));
    return {
      next: new Map([[first, second], [second, sum]]), // prettier-ignore
      emits: [binary(body, 'mul', first, second), first],
    };
  });
  return b.add('concat', [result(0), result(1), sumRows(b, result(2)), sumRows(b, result(3))], { axis: 0 });
};

const sumRows = (b: GraphBuilder, x: number): number => b.add('reduce_sum', [x], { axes: [0] });

/** A total that is only added to: by a product, a sum and a number in every turn. */
const accumulating = (b: GraphBuilder, x: number, w: number, start: number): number => {
  const result = loop(b, 3, true, (scan, body) => {
    const total = scan.carry(start);
    const state = scan.carry(w);
    const xt = scan.sequence(x);
    const y = unary(body, 'tanh', body.add('matmul', [xt, state], {}));
    const product = body.add('matmul', [swapLastAxes(body, xt), y], {});
    const moved = binary(body, 'add', state, withNumber(body, 'mul', product, 0.25));
    const rows = broadcastTo(body, body.add('reduce_sum', [y], { axes: [0] }), body.type(state).shape);
    const grown = binary(body, 'add', binary(body, 'add', product, total), rows);
    return { next: new Map([[total, grown], [state, moved]]), emits: [] }; // prettier-ignore
  });
  return binary(b, 'add', result(0), result(1));
};

/** Rows of a table by an index a turn, scaled by a value that stays; a count of integers beside it. */
const lookingUp = (b: GraphBuilder, table: number, scale: number, index: number): number => {
  const result = loop(b, 4, false, (scan, body) => {
    const one = b.add('constant', [], { value: 1 }, { dtype: 'u32' });
    const count = scan.carry(one);
    const state = scan.carry(scale);
    const row = body.add('take', [scan.constant(table), scan.sequence(index)], { axis: 0 });
    const scaled = binary(body, 'mul', row, broadcastTo(body, scan.constant(scale), body.type(row).shape));
    const weight = broadcastTo(body, castTo(body, count, 'f32'), body.type(row).shape);
    const next = binary(body, 'add', withNumber(body, 'mul', state, 0.5), b0(body, scaled));
    return {
      next: new Map([[count, withNumber(body, 'add', count, 2)], [state, next]]), // prettier-ignore
      emits: [
        binary(
          body,
          'mul',
          binary(body, 'mul', scaled, weight),
          broadcastTo(body, state, body.type(row).shape),
        ),
      ],
    };
  });
  return b.add('concat', [b.add('reshape', [result(2)], {}, { shape: [24] }), result(1)], { axis: 0 });
};

/** Column sums of [2, 3]. */
const b0 = (b: GraphBuilder, x: number): number => b.add('reduce_sum', [x], { axes: [0] });

/** The last state alone, of a loop that nothing is saved of but what its derivative needs. */
const last = (b: GraphBuilder, x: number): number =>
  sumAll(
    b,
    loop(b, 3, false, (scan, body) => {
      const state = scan.carry(x);
      const next = unary(body, 'sin', withNumber(body, 'mul', state, 1.5));
      return { next: new Map([[state, next]]), emits: [] };
    })(0),
  );

const scans: readonly OpSample[] = [
  sample('running sum', { x: vector([1, 2, 3, 4]), start: hostTensor([], [10]) }, running(false), {
    expected: [11, 13, 16, 20],
  }),
  sample(
    'running sum from the end',
    { x: vector([1, 2, 3, 4]), start: hostTensor([], [10]) },
    running(true),
    {
      expected: [20, 19, 17, 14],
    },
  ),
  sample('recurrent cell', cellTensors(), cell(false), { terms: 15 }),
  sample('recurrent cell, backward in time', cellTensors(), cell(true), { terms: 15 }),
  sample(
    'carries that change places',
    { x: tensorOf([5, 3], 1), p: tensorOf([3], 2), q: tensorOf([3], 3) },
    swapping,
    { terms: 5 },
  ),
  sample(
    'carries that are added to',
    { x: tensorOf([3, 2, 5], 1), w: tensorOf([5, 4], 2, (t) => t - 0.5), start: tensorOf([5, 4], 3) },
    accumulating,
    { terms: 15 },
  ),
  sample(
    'looking up in a loop',
    {
      table: tensorOf([5, 3], 1),
      scale: tensorOf([3], 2),
      index: hostTensor([4, 2], [0, 4, 4, 1, 2, 2, 3, 0], 'u32'),
    },
    lookingUp,
    { terms: 8 },
  ),
  sample('last state of a loop without sequences', { x: tensorOf([7], 1) }, last, { terms: 7 }),
  ...NESTED_SCAN_SAMPLES,
];

export const SCAN_SAMPLES = { argument: scans, scan: scans, scan_result: scans };
