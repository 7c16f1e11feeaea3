/**
 * What the CPU target promises of its functions, over all of f32: one number of every 65,537 bit patterns, so that every
 * sign and exponent is met many times, with infinities, NaN and denormals; and threefry, word for word.
 */
import { describe, expect, it } from 'vitest';
import { erf } from '../../compiler/graph/scalar-functions.ts';
import { threefry2x32 } from '../../compiler/graph/threefry.ts';
import { unary } from '../../compiler/kernel/expression.ts';
import type { Expression, UnaryFunction } from '../../compiler/kernel/ir.ts';
import { runKernelsOnCpu } from '../support/kernels-cpu.ts';
import { mapKernel } from '../support/kernels.ts';

/** LANGUAGE.md: relative or absolute, whichever is larger. */
const TOLERANCE = 2e-6;

/** Arguments beyond these are not promised; NaN and infinities are. */
const ANGLE_LIMIT = 1000;

const FUNCTIONS: { readonly [F in UnaryFunction]?: { of: (x: number) => number; limit?: number } } = {
  exp: { of: Math.exp },
  log: { of: Math.log },
  tanh: { of: Math.tanh },
  erf: { of: erf },
  sin: { of: Math.sin, limit: ANGLE_LIMIT },
  cos: { of: Math.cos, limit: ANGLE_LIMIT },
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

const LARGEST = 3.4028235677973366e38;

function isRight(found: number, reference: number): boolean {
  const wanted = Math.abs(reference) >= LARGEST ? Math.sign(reference) * Infinity : reference;
  if (!Number.isFinite(wanted)) return Object.is(found, wanted);
  return Math.abs(found - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted));
}

describe.each(Object.entries(FUNCTIONS))(
  '%s on the CPU, over all of f32',
  (name, { of, limit = Infinity }) => {
    it.each([1, 4] as const)('agrees with double precision, %i at a time', async (lanes) => {
      const kernel = mapKernel(['f32'], 'f32', ARGUMENTS.length, lanes, (x) =>
        unary(name as UnaryFunction, x),
      );
      const [results] = await runKernelsOnCpu([
        { kernel, data: [ARGUMENTS, new Float32Array(ARGUMENTS.length)] },
      ]);
      const output = new Float32Array(results![1]!);
      const wrong = [...ARGUMENTS].flatMap((x, i) => {
        if (Math.abs(x) > limit && Number.isFinite(x)) return [];
        return isRight(output[i]!, of(x)) ? [] : [`${name}(${x}) = ${of(x)}, found ${output[i]}`];
      });
      expect(wrong.slice(0, 5)).toEqual([]);
    });
  },
);

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
