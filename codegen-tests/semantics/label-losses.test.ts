/** `cross_entropy` with weights, smoothing and labels to ignore, against the formulas written out; `minimize` by group. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { hostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpretNodes } from '../../compiler/graph/interpret.ts';
import { base, elaborateText, onlyError } from './elaborating.ts';

const classes = 3;
const labels = [2, 0, 1, 1, 0];
const weights = [0.5, 2, 0, 1.25, 3];
const scores = labels.map((_, i) => [0, 1, 2].map((k) => Math.fround(Math.sin(7 * i + 3 * k))));
const inputs = new Map([
  ['z', hostTensor([labels.length, classes], scores.flat())],
  ['y', hostTensor([labels.length], labels, 'u32')],
  ['w', hostTensor([labels.length], weights)],
]);

/** What the interpreter finds for an expression over the columns z, y and w. */
function each(expression: string): Float64Array {
  const columns = 'z[B, 3]\n  y[B] u32\n  w[B]';
  const step = `found = ${expression}\n    metric size = sum(found)`;
  const program = elaborateText(base({ columns, batch: 'batch = 5', step, minimize: '' }));
  const graph = expandGradients(program.steps[0]!.train);
  const given = environment({ batch: 5, seed: 1, draw: 1, parameters: new Map(), inputs });
  const node = graph.nodes.findLast(({ label }) => label === 'found');
  const value = node && interpretNodes(graph, given)[node.id];
  if (!value) throw new Error(`${expression} has no value`);
  return value.data;
}

/** -log softmax of every class, for a record. */
const costs = scores.map((row) => {
  const total = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
  return row.map((z) => total - z);
});

/** Loss of a record: (1 - s) of its class, s of the mean over classes. */
function lossOf(record: number, smoothing = 0): number {
  const row = costs[record] ?? [];
  const spread = row.reduce((a, b) => a + b, 0) / classes;
  return (1 - smoothing) * (row[labels[record] ?? 0] ?? NaN) + smoothing * spread;
}

function weightedMean(weightOf: (record: number) => number, smoothing = 0): number {
  const shares = labels.map((_, i) => weightOf(i));
  const sum = shares.reduce((total, share, i) => total + share * lossOf(i, smoothing), 0);
  return sum / shares.reduce((a, b) => a + b, 0);
}

const value = (expression: string): number => each(expression)[0] ?? NaN;
const weight = (i: number): number => weights[i] ?? NaN;

describe('cross_entropy and nll', () => {
  it('take one weight a label and give the weighted mean', () => {
    expect(value('cross_entropy(z, y, weight = w)')).toBeCloseTo(weightedMean(weight), 6);
    expect(value('nll(log_softmax(z), y, weight = w)')).toBeCloseTo(weightedMean(weight), 6);
    expect(value('cross_entropy(z, y, weight = w, smoothing = 0.2)')).toBeCloseTo(
      weightedMean(weight, 0.2),
      6,
    );
  });

  it('leave ignored labels out of sum and weights', () => {
    const kept = (i: number): number => (labels[i] === 1 ? 0 : 1);
    expect(value('cross_entropy(z, y, ignore = 1)')).toBeCloseTo(weightedMean(kept), 6);
    expect(value('cross_entropy(z, y, ignore = 1, weight = w, smoothing = 0.1)')).toBeCloseTo(
      weightedMean((i) => kept(i) * weight(i), 0.1),
      6,
    );
    const found = each('cross_entropy(z, y, ignore = 1, weight = w, reduce = none)');
    labels.forEach((_, i) => expect(found[i]).toBeCloseTo(kept(i) * weight(i) * lossOf(i), 6));
  });

  it('take weights of classes through `take`', () => {
    const found = value('cross_entropy(z, y, weight = take(1 + iota(3) * iota(3) -> f32, y))');
    expect(found).toBeCloseTo(
      weightedMean((i) => [1, 2, 5][labels[i] ?? 0] ?? NaN),
      6,
    );
  });

  it('refuse weights of another shape than the labels', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), y, weight = ones(3))' });
    expect(onlyError(program, 'E0204', 12, 46)).toMatchInlineSnapshot(`
      "\`cross_entropy\`: weights [3] for labels [B]: there is one weight a label
      help: weights of classes become weights of labels by \`take(weights, label)\`"
    `);
  });
});

describe('minimize', () => {
  it('counts a value once that several groups of weights make small', () => {
    const by = (rest: string): string =>
      base({
        step: 'small = mean(net(x) ^ 2)',
        minimize: `minimize small over net.dense_1.weight with sgd(lr = 0.1)${rest}`,
      });
    const lossOf = (text: string): number | undefined =>
      elaborateText(text).steps[0]?.train.outputs.find(({ name }) => name === 'loss')?.value;
    const alone = lossOf(by(''));
    expect(alone).toBeDefined();
    expect(lossOf(by('\n    minimize small over net.dense_1.bias with sgd(lr = 0.2)'))).toBe(alone);
    expect(lossOf(by('\n    minimize 2 * small over net.dense_1.bias with sgd(lr = 0.2)'))).not.toBe(alone);
  });
});
