/** Samples of the convolution primitive: one spatial axis and two, every attribute, and values by hand. */
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import type { ConvolutionAttributes } from '../../compiler/graph/ir.ts';
import { sample, tensorOf, type OpSample } from './sample.ts';

type Numbers = readonly number[];

interface Given extends Partial<ConvolutionAttributes> {
  /** [N, groups, in, size…] */
  readonly x: Numbers;
  /** [groups, out, in, kernel…] */
  readonly w: Numbers;
}

function attributesOf({ x, ...given }: Given): ConvolutionAttributes {
  const each = (value: number): number[] => x.slice(3).map(() => value);
  return {
    strides: given.strides ?? each(1),
    before: given.before ?? each(0),
    after: given.after ?? each(0),
    inputDilations: given.inputDilations ?? each(1),
    kernelDilations: given.kernelDilations ?? each(1),
  };
}

function described({ x, w, ...rest }: Given): string {
  const words = Object.entries(rest).map(([name, list]) => `${name} ${list.join(' ')}`);
  return [`conv of [${x.join(', ')}] and [${w.join(', ')}]`, ...words].join(', ');
}

const random = (given: Given): OpSample =>
  sample(
    described(given),
    { x: tensorOf(given.x, 560), w: tensorOf(given.w, 561) },
    (b, x, w) => b.add('conv', [x, w], attributesOf(given)),
    { terms: given.w.slice(2).reduce((n, d) => n * d, 1) },
  );

const byHand = (what: string, given: Given, x: Numbers, w: Numbers, expected: Numbers): OpSample =>
  sample(
    `conv by hand: ${what}`,
    { x: hostTensor(given.x, x), w: hostTensor(given.w, w) },
    (b, left, right) => b.add('conv', [left, right], attributesOf(given)),
    { expected },
  );

const row = { x: [1, 1, 1, 5], w: [1, 1, 1, 3] };
const ascending = [1, 2, 3, 4, 5];
const slope = [1, 0, -2];

export const CONVOLUTION_SAMPLES = {
  conv: [
    byHand('as it stands', row, ascending, slope, [-5, -6, -7]),
    byHand('padded', { ...row, before: [1], after: [1] }, ascending, slope, [-4, -5, -6, -7, 4]),
    byHand('two steps', { ...row, strides: [2] }, ascending, slope, [-5, -7]),
    byHand('kernel dilated', { ...row, kernelDilations: [2] }, ascending, slope, [-9]),
    byHand('input dilated', { ...row, inputDilations: [2] }, ascending, slope, [
      1 - 4,
      0,
      2 - 6,
      0,
      3 - 8,
      0,
      4 - 10,
    ]),
    byHand('cut at the beginning', { ...row, before: [-1] }, ascending, slope, [-6, -7]),
    byHand('cut at the end', { ...row, after: [-2] }, ascending, slope, [-5]),
    byHand(
      'two channels in, two out',
      { x: [1, 1, 2, 2], w: [1, 2, 2, 1] },
      [1, 2, 10, 20],
      [1, 1, 2, -1],
      [11, 22, -8, -16],
    ),
    byHand('two groups', { x: [1, 2, 1, 2], w: [2, 1, 1, 2] }, [1, 2, 10, 20], [1, 1, 2, -1], [3, 0]),
    byHand(
      'a plane',
      { x: [1, 1, 1, 2, 3], w: [1, 1, 1, 2, 2] },
      [1, 2, 3, 4, 5, 6],
      [1, 0, 0, 10],
      [51, 62],
    ),
    random({ x: [1, 1, 1, 1], w: [1, 1, 1, 1] }),
    random({ x: [2, 1, 3, 127], w: [1, 2, 3, 5], strides: [3], before: [2], after: [1] }),
    random({ x: [3, 1, 2, 7], w: [1, 5, 2, 3], kernelDilations: [2], before: [4], after: [0] }),
    random({ x: [1, 3, 1, 9], w: [3, 1, 1, 4], strides: [2], inputDilations: [3], before: [-2], after: [1] }),
    random({ x: [2, 1, 3, 5, 7], w: [1, 4, 3, 3, 3], before: [1, 1], after: [1, 1] }),
    random({ x: [2, 1, 1, 8, 8], w: [1, 5, 1, 3, 3], strides: [2, 2], before: [0, 1], after: [1, 0] }),
    random({ x: [1, 2, 3, 6, 5], w: [2, 3, 3, 2, 3], strides: [1, 2], before: [2, 0], after: [0, 3] }),
    random({ x: [2, 5, 1, 9, 4], w: [5, 1, 1, 3, 3], before: [1, 1], after: [1, 1] }),
    random({ x: [1, 3, 1, 5, 5], w: [3, 2, 1, 3, 1], kernelDilations: [2, 1], strides: [1, 3] }),
    random({
      x: [2, 1, 2, 4, 3],
      w: [1, 3, 2, 3, 2],
      inputDilations: [2, 3],
      before: [1, -1],
      after: [0, 2],
    }),
    random({ x: [2, 1, 3, 4, 4], w: [1, 8, 3, 2, 2], strides: [2, 2] }),
    random({ x: [1, 1, 3, 6, 6], w: [1, 2, 3, 6, 6] }),
    random({ x: [2, 1, 5, 3, 4], w: [1, 4, 5, 1, 1] }),
  ],
} satisfies { conv: OpSample[] };
