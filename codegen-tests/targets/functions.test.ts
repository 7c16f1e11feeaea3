/**
 * Every element-wise function of the kernel IR on every target against double precision, scalar and in fours:
 * as `promises.ts` says.
 */
import { describe, expect, it } from 'vitest';
import { binary, literal, unary } from '../../compiler/kernel/expression.ts';
import type { BinaryFunction, UnaryFunction } from '../../compiler/kernel/ir.ts';
import { erf, roundHalfEven } from '../../compiler/graph/scalar-functions.ts';
import { mapKernel, type KernelRun } from '../support/kernels.ts';
import { fault, isPromised, TARGETS } from './promises.ts';

/** -limit … limit: even steps, and powers of two and ten on both sides of zero. */
function range(limit: number, steps = 1000): number[] {
  const values = [0, -0];
  for (let i = -steps; i <= steps; i++) values.push((limit * i) / steps);
  for (let size = limit; size > 1e-38; size *= 0.37) values.push(size, -size);
  return values.map(Math.fround);
}

const SPECIAL = [
  Infinity,
  -Infinity,
  NaN,
  0,
  -0,
  1e-40,
  -1e-40,
  1e-45,
  1.17549435e-38,
  3.4028234663852886e38,
];

/** Arguments, and the meaning in double precision. */
const UNARY: {
  readonly [F in Exclude<UnaryFunction, 'not' | 'is_nan' | 'is_inf'>]: [number[], (x: number) => number];
} = {
  neg: [range(10), (x) => -x],
  abs: [range(10), Math.abs],
  sign: [range(10), Math.sign],
  floor: [range(10), Math.floor],
  ceil: [range(10), Math.ceil],
  round: [[...range(10), 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 8388609, 0.49999997], roundHalfEven],
  exp: [[...range(104), ...range(1), 88.72, 88.73, -87.3, -104], Math.exp],
  log: [[...range(1e38), ...range(4), ...range(1.5)], Math.log],
  sqrt: [[...range(1e38), ...range(10)], Math.sqrt],
  rsqrt: [[...range(1e38), ...range(10)], (x) => 1 / Math.sqrt(x)],
  sin: [[...range(1000, 3000), ...range(7)], Math.sin],
  cos: [[...range(1000, 3000), ...range(7)], Math.cos],
  tan: [[...range(1000, 3000), ...range(7)], Math.tan],
  asin: [[...range(1), ...range(1.2, 50)], Math.asin],
  acos: [[...range(1), ...range(1.2, 50)], Math.acos],
  atan: [[...range(1e38), ...range(10), ...range(1.1)], Math.atan],
  sinh: [[...range(90), ...range(2), 89.4, -89.4], Math.sinh],
  cosh: [[...range(90), ...range(2), 89.4, -89.4], Math.cosh],
  tanh: [[...range(1e38), ...range(12), ...range(1)], Math.tanh],
  erf: [[...range(1e38), ...range(6), ...range(1.2)], erf],
};

/** The first few faults of every function. */
function expectNone(faults: readonly string[][]): void {
  expect(
    faults.flatMap((list) => (list.length > 4 ? [...list.slice(0, 4), `… ${list.length} in all`] : list)),
  ).toEqual([]);
}

describe.each(Object.keys(TARGETS))('functions of one argument, %s', (target) => {
  for (const lanes of [1, 4] as const) {
    it(lanes === 1 ? 'agree with double precision' : 'agree in fours', async (context) => {
      const run = await TARGETS[target]!(context);
      const names = Object.keys(UNARY) as (keyof typeof UNARY)[];
      const cases = names.map((name) => {
        const [values, reference] = UNARY[name];
        return { name, reference, input: padded([...values, ...SPECIAL]) };
      });
      const runs = cases.map(({ name, input }): KernelRun => ({
        kernel: mapKernel(['f32'], 'f32', input.length, lanes, (x) => unary(name, x)),
        data: [input, new Float32Array(input.length)],
      }));
      const results = await run(runs);
      const faults = cases.map(({ name, reference, input }, i) => {
        const output = new Float32Array(results[i]![1]!);
        return [...input].flatMap((x, at) => {
          return isPromised(name, x) ? fault(target, name, [x], output[at]!, reference) : [];
        });
      });
      expectNone(faults);
    });
  }

  it('recognize NaN and infinity', async (context) => {
    const run = await TARGETS[target]!(context);
    const input = padded([...SPECIAL, 1, -1]);
    const names = ['is_nan', 'is_inf'] as const;
    const results = await run(
      names.flatMap((name) =>
        ([1, 4] as const).map((lanes) => ({
          kernel: mapKernel(['f32'], 'bool', input.length, lanes, (x) => unary(name, x)),
          data: [input, new Uint32Array(input.length)],
        })),
      ),
    );
    const test = [Number.isNaN, Number.isNaN, isInfinite, isInfinite];
    results.forEach((result, i) => {
      expect([...new Uint32Array(result[1]!)]).toEqual([...input].map((x) => Number(test[i]!(x))));
    });
  });
});

const isInfinite = (x: number): boolean => Math.abs(x) === Infinity;

function padded(values: readonly number[]): Float32Array<ArrayBuffer> {
  const data = new Float32Array(Math.ceil(values.length / 4) * 4).fill(1);
  data.set(values);
  return data;
}

/** Every pair of these. */
const PAIRS = (() => {
  const values = [
    0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, 0.1, 0.3, -7.25, 10, 1e-3, 123.456, 1e6, -1e6, 5, 7, 1e30, 33,
  ];
  const all = [...values, Infinity, -Infinity, NaN].map(Math.fround);
  return all.flatMap((a) => all.map((b) => [a, b] as const));
})();

/** Pairs for powers: what double precision gives, up to the ends of f32. */
const POWERS = (() => {
  const pairs: (readonly [number, number])[] = [...PAIRS];
  for (const base of [1e-30, 0.001, 0.3, 0.9, 0.999, 1.001, 1.1, 1.7, 2, 2.718, 10, 1234.5, 1e10, 1e30]) {
    for (let y = -40; y <= 40; y += 0.37) pairs.push([base, y], [-base, Math.round(y)]);
  }
  return pairs.map(([a, b]) => [Math.fround(a), Math.fround(b)] as const);
})();

const truth = (value: boolean): number => Number(value);

const BINARY: { readonly [F in Exclude<BinaryFunction, 'and' | 'or'>]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
  pow: (a, b) => a ** b,
  min: Math.min,
  max: Math.max,
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
};

const COMPARISONS: readonly string[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

describe.each(Object.keys(TARGETS))('functions of two arguments, %s', (target) => {
  for (const lanes of [1, 4] as const) {
    it(lanes === 1 ? 'agree with double precision' : 'agree in fours', async (context) => {
      const run = await TARGETS[target]!(context);
      const names = Object.keys(BINARY) as (keyof typeof BINARY)[];
      const runs = names.map((name): KernelRun => {
        const pairs = name === 'pow' ? POWERS : PAIRS;
        const isTruth = COMPARISONS.includes(name);
        const [a, b] = [padded(pairs.map((p) => p[0])), padded(pairs.map((p) => p[1]))];
        return {
          kernel: mapKernel(['f32', 'f32'], isTruth ? 'bool' : 'f32', a.length, lanes, (x, y) =>
            binary(name, x, y),
          ),
          data: [a, b, new Float32Array(a.length)],
        };
      });
      const results = await run(runs);
      const faults = names.map((name, i) => {
        const [a, b] = runs[i]!.data as Float32Array[];
        const bytes = results[i]![2]!;
        const output = COMPARISONS.includes(name) ? new Uint32Array(bytes) : new Float32Array(bytes);
        return [...a!].flatMap((x, at) => {
          const y = b![at]!;
          // 1e30 mod 0.1: the quotient has more bits than f32 (the helper says so).
          if (name === 'mod' && Math.abs(x / y) > 2 ** 24 && isFinite(x) && y !== 0) return [];
          // 1 to the power of infinity is NaN in JavaScript, 1 in C.
          if (name === 'pow' && Math.abs(x) === 1 && !isFinite(y)) return [];
          return fault(target, name, [x, y], output[at]!, BINARY[name]);
        });
      });
      expectNone(faults);
    });
  }

  it('raise to constant exponents', async (context) => {
    const run = await TARGETS[target]!(context);
    const input = padded([...range(20, 50), 1e12, Infinity, NaN]);
    const exponents = [0, 1, 2, 3, 4, 5, 0.5, -0.5, -1, -2, 2.5];
    const results = await run(
      exponents.map((n) => ({
        kernel: mapKernel(['f32'], 'f32', input.length, 1, (x) => binary('pow', x, literal(n, 'f32'))),
        data: [input, new Float32Array(input.length)],
      })),
    );
    const faults = exponents.map((n, i) => {
      const output = new Float32Array(results[i]![1]!);
      return [...input].flatMap((x, at) => fault(target, 'pow', [x, n], output[at]!, Math.pow));
    });
    expectNone(faults);
  });
});
