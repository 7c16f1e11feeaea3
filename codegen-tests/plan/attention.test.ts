/** Programs with attention as they are compiled: what is never stored, and why attention is no kernel where it is none. */
import { expect, it } from 'vitest';
import { compile, type InspectReport } from '../../compiler/index.ts';
import type { DeviceClass } from '../../compiler/kernel/profile.ts';
import { classProfile } from '../support/profiles.ts';

/** Length, channels and heads. */
type Sizes = readonly [number, number, number];

const program = ([length, width, heads]: Sizes, batch: number, causal: boolean): string => `
data feed {
  from train = npy(x = "x.npy")
  x[B, ${length}, ${width}] f32
  batch = ${batch}
}
model net: x[B, ${length}, ${width}] -> [B, ${length}, ${width}] {
  return x -> attention(${heads}, causal = ${causal})
}
train on feed {
  steps = 1, seed = 1
  step {
    y = net(x)
    loss = mean(y * y)
    minimize loss with adam(lr = 1e-3)
  }
}
`;

interface Given {
  readonly fuse?: boolean;
  readonly batch?: number;
  readonly causal?: boolean;
}

function report(
  deviceClass: DeviceClass,
  sizes: Sizes,
  { fuse = true, batch = 2, causal = true }: Given = {},
): InspectReport {
  const text = program(sizes, batch, causal);
  return compile({ file: 'long.net', text }, { profile: classProfile(deviceClass), fuse }).report();
}

const attentionIn = ({ kernels }: InspectReport): string[] =>
  kernels
    .filter(({ kind, phase }) => kind === 'attention' && phase !== 'evaluate')
    .map(({ ops }) => ops.join(' '));

it('is three kernels that store no scores', () => {
  const LENGTH = 1024;
  const long = report('large', [LENGTH, 64, 2]);
  expect(attentionIn(long)).toEqual([
    'attention attention_lse',
    // The rows' sums over g · result, which the gradients by keys and values read too.
    'mul reduce_sum attention_gradient',
    'attention_gradient attention_gradient',
  ]);
  const [records, heads] = [2, 2];
  const scores = 4 * records * heads * LENGTH * LENGTH;
  const largest = (of: InspectReport): number => Math.max(...of.memory.lifetimes.map(({ bytes }) => bytes));
  // The largest is the gradient by queries, keys and values.
  expect(largest(long)).toBeLessThanOrEqual(4 * records * LENGTH * 64 * 3);
  expect(largest(report('software', [LENGTH, 64, 2]))).toBe(scores);
});

const reasonOf = ({ fusion }: InspectReport): string | undefined =>
  fusion.find(({ consumer }) => consumer === 'step/attention at long.net:8')?.reason;

it('is two kernels on a processor, the gradients of a head in one thread', () => {
  const causal = report('cpu', [256, 64, 2], { batch: 8 });
  const gradients = ['attention_gradient', 'attention_gradient', 'attention_gradient'];
  expect(attentionIn(causal)).toEqual(['attention attention_lse', gradients.join(' ')]);
  expect(reasonOf(report('cpu', [256, 64, 2], { batch: 7 }))).toBe(
    '14 heads in all: 16 are wanted for the threads of a processor',
  );
  const whole = { batch: 8, causal: false };
  expect(reasonOf(report('cpu', [256, 64, 2], whole))).toBe(
    'without a causal mask a processor is as fast over stored scores',
  );
  // 16 matrices of 2,050 x 2,050 scores are more than 256 MB, those of 2,048 are not.
  expect(reasonOf(report('cpu', [2048, 64, 2], whole))).toBeDefined();
  expect(reasonOf(report('cpu', [2050, 64, 2], whole))).toBeUndefined();
});

it('says why it is two products elsewhere', () => {
  const sizes = [8, 64, 2] as const;
  expect(reasonOf(report('large', sizes))).toBeUndefined();
  expect(reasonOf(report('large', sizes, { fuse: false }))).toBe('fusion is off');
  expect(reasonOf(report('software', sizes))).toMatch(/^a software device/);
  expect(reasonOf(report('large', [8, 32, 4]))).toBe(
    'heads of 16 to 128 channels, a multiple of 4, are wanted',
  );
  expect(reasonOf(report('large', [8, 36, 2]))).toBe(
    'heads of 16 to 128 channels, a multiple of 4, are wanted',
  );
  expect(reasonOf(report('large', [8, 264, 2]))).toBe(
    'heads of 16 to 128 channels, a multiple of 4, are wanted',
  );
  expect(reasonOf(report('large', [8, 256, 2]))).toBe(
    'heads of more than 64 channels are faster over stored scores, which fit one binding',
  );
  // Its scores, of two records and two heads, are as many bytes as a binding has; with a query more they are too many.
  expect(reasonOf(report('large', [2896, 256, 2]))).toMatch(/^heads of more than 64/);
  expect(reasonOf(report('large', [2900, 256, 2]))).toBeUndefined();
  expect(attentionIn(report('large', [8, 32, 4]))).toEqual([]);
});
