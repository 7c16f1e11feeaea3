/**
 * What the targets promise of functions, over all of f32: one number of every 65,537 bit patterns, so that every
 * sign and exponent is met many times, with infinities, NaN and denormals; and threefry, word for word.
 */
import { describe, expect, it } from 'vitest';
import { erf } from '../../compiler/graph/scalar-functions.ts';
import { threefry2x32 } from '../../compiler/graph/threefry.ts';
import { unary } from '../../compiler/kernel/expression.ts';
import type { Expression } from '../../compiler/kernel/ir.ts';
import { runKernelsOnCpu } from '../support/kernels-cpu.ts';
import { mapKernel } from '../support/kernels.ts';
import { fault, isPromised, TARGETS } from './promises.ts';

const FUNCTIONS: Readonly<Record<'exp' | 'log' | 'tanh' | 'erf' | 'sin' | 'cos', (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  erf,
  sin: Math.sin,
  cos: Math.cos,
};

/** Every sign and exponent, zeros, the ends of the range, and numbers around where exp and log change. */
const ARGUMENTS = (() => {
  const words = Uint32Array.from({ length: 65_536 }, (_, i) => i * 65_537);
  const own = [0, -0, Infinity, -Infinity, NaN, 1e-45, -1e-45, 1.1754943e-38, 1.17549435e-38, 3.4028235e38];
  const near = [
    88.7228,
    88.7229,
    -87.3365,
    -103.97,
    -103.98,
    1 - 2 ** -24,
    1 + 2 ** -23,
    9.01,
    -9.01,
    3.9,
    4.1,
  ];
  const length = Math.ceil((words.length + own.length + near.length) / 4) * 4;
  const values = new Float32Array(length);
  values.set(new Float32Array(words.buffer));
  values.set([...own, -3.4028235e38, ...near], words.length - 1);
  return values;
})();

describe.each(Object.entries(TARGETS))('over all of f32, %s', (where, target) => {
  const names = Object.keys(FUNCTIONS) as (keyof typeof FUNCTIONS)[];
  it.for(names.flatMap((name) => [1, 4].map((lanes) => ({ name, lanes: lanes as 1 | 4 }))))(
    '$name agrees with double precision, $lanes at a time',
    async ({ name, lanes }, context) => {
      const run = await target(context);
      const kernel = mapKernel(['f32'], 'f32', ARGUMENTS.length, lanes, (x) => unary(name, x));
      const [results] = await run([{ kernel, data: [ARGUMENTS, new Float32Array(ARGUMENTS.length)] }]);
      const output = new Float32Array(results![1]!);
      const wrong = [...ARGUMENTS].flatMap((x, i) =>
        isPromised(name, x) ? fault(where, name, [x], output[i]!, FUNCTIONS[name]) : [],
      );
      expect(wrong.slice(0, 5)).toEqual([]);
    },
  );
});

it.each([1, 4] as const)(
  'random bits on the CPU are threefry, word for word, %i at a time',
  async (lanes) => {
    const elements = Uint32Array.from({ length: 4096 }, (_, i) => i * 1_048_573);
    const uniform = { seed: 0x9abcdef0, draw: 77 };
    const stream = 2 ** 32 - 3;
    const kernel = mapKernel(['u32'], 'u32', elements.length, lanes, (element): Expression => ({
      kind: 'random_bits',
      type: element.type,
      stream,
      element,
    }));
    const [results] = await runKernelsOnCpu([
      { kernel, data: [elements, new Uint32Array(elements.length)], uniform },
    ]);
    expect([...new Uint32Array(results![1]!)]).toEqual(
      [...elements].map((element) => threefry2x32(uniform.seed, uniform.draw, stream, element)[0]),
    );
  },
);
