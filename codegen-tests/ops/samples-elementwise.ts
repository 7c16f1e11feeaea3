/** Samples of the element-wise primitives: hand-picked points, random points inside the domain, integers. */
import type { BinaryOp, DType, OpName, UnaryOp } from '../../compiler/graph/ir.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { positive, sample, SHAPES, tensorOf, vector, type OpSample } from './sample.ts';

type Domain = (u: number) => number;

/** x and f(x), by hand. */
type Points = readonly (readonly [number, number])[];

const { PI, E, SQRT2 } = Math;

/** Within `margin` of a whole number plus `offset` nothing lies; whole parts from -3 to 2. */
const away =
  (offset: number): Domain =>
  (u) =>
    Math.floor(u * 6) - 3 + offset + 0.1 + 0.8 * ((u * 6) % 1);

const between =
  (low: number, high: number): Domain =>
  (u) =>
    low + (high - low) * u;

function unary(op: UnaryOp, points: Points, domain: Domain, more: readonly OpSample[] = []): OpSample[] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [
    sample(`${op} by hand`, { x: vector(xs) }, (b, x) => b.add(op, [x], {}), { expected: ys, variables: [] }),
    ...SHAPES.map((shape, i) =>
      sample(`${op} of [${shape.join(', ')}]`, { x: tensorOf(shape, 100 + i, domain) }, (b, x) =>
        b.add(op, [x], {}),
      ),
    ),
    ...more,
  ];
}

function integers(
  op: UnaryOp | BinaryOp,
  dtype: DType,
  operands: readonly (readonly number[])[],
  expected: readonly number[],
): OpSample {
  const tensors = Object.fromEntries(operands.map((data, i) => ['xy'[i] as string, vector(data, dtype)]));
  return sample(`${op} of ${dtype}`, tensors, (b, ...inputs) => b.add(op, inputs, {}), { expected });
}

function truths(op: 'and' | 'or' | 'not' | 'eq' | 'ne', expected: readonly number[]): OpSample {
  const tensors: Record<string, HostTensor> =
    op === 'not' ? { x: vector([1, -1]) } : { x: vector([1, 1, -1, -1]), y: vector([1, -1, 1, -1]) };
  return sample(
    `${op} of bool`,
    tensors,
    (b, ...inputs) =>
      b.add(
        op,
        inputs.map((id) => positive(b, id)),
        {},
      ),
    { expected, variables: [] },
  );
}

type Triples = readonly (readonly [number, number, number])[];

function binary(
  op: BinaryOp,
  points: Triples,
  x: Domain,
  /** The second operand by the first and another uniform number. */
  y: (x: number, u: number) => number,
  more: readonly OpSample[] = [],
): OpSample[] {
  const column = (i: 0 | 1 | 2): number[] => points.map((point) => point[i]);
  return [
    sample(
      `${op} by hand`,
      { x: vector(column(0)), y: vector(column(1)) },
      (b, p, q) => b.add(op, [p, q], {}),
      { expected: column(2), variables: [] },
    ),
    ...SHAPES.map((shape, i) => {
      const first = tensorOf(shape, 200 + i, x);
      const chance = tensorOf(shape, 300 + i, (u) => u);
      const second = first.data.map((value, k) => Math.fround(y(value, chance.data[k] as number)));
      const tensors = { x: first, y: hostTensor(shape, second) };
      return sample(`${op} of [${shape.join(', ')}]`, tensors, (b, p, q) => b.add(op, [p, q], {}));
    }),
    ...more,
  ];
}

const any = between(-2, 2);
const anyOther = (_x: number, u: number): number => 4 * u - 2;
/** Another number, at least 0.1 away, above or below. */
const apart = (x: number, u: number): number => x + (u < 0.5 ? -0.1 - u : u);
/** Sometimes the same number. */
const maybeEqual = (x: number, u: number): number => (u < 0.3 ? x : u < 0.6 ? x - u : x + u);
const nonZero = (_x: number, u: number): number => (u < 0.5 ? -0.5 - u : u);

const bits = [0, 1, 2, 5, 2 ** 31, 2 ** 32 - 1];
const signed = [0, 1, -1, 7, -7, 2 ** 31 - 1, -(2 ** 31)];

function comparison(op: BinaryOp, less: number, equal: number, greater: number): OpSample[] {
  return binary(op, [[1, 2, less], [2, 2, equal], [3, 2, greater], [-1, 1, less], [0, 0, equal]], any, maybeEqual, [
    integers(op, 'u32', [[1, 2, 2 ** 32 - 1], [2, 2, 1]], [less, equal, greater]),
    integers(op, 'i32', [[-1, 2, 1], [1, 2, -(2 ** 31)]], [less, equal, greater]),
  ]); // prettier-ignore
}

export const ELEMENTWISE_SAMPLES = {
  neg: unary('neg', [[1.5, -1.5], [-2, 2], [0, -0]], any, [
    integers('neg', 'i32', [signed], [0, -1, 1, -7, 7, -(2 ** 31) + 1, -(2 ** 31)]),
    integers('neg', 'u32', [bits], [0, 2 ** 32 - 1, 2 ** 32 - 2, 2 ** 32 - 5, 2 ** 31, 1]),
  ]),
  abs: unary('abs', [[1.5, 1.5], [-2, 2], [0, 0]], away(0), [
    integers('abs', 'i32', [signed], [0, 1, 1, 7, 7, 2 ** 31 - 1, -(2 ** 31)]),
  ]),
  sign: unary('sign', [[1.5, 1], [-2, -1], [0, 0]], away(0), [
    integers('sign', 'i32', [signed], [0, 1, -1, 1, -1, 1, -1]),
  ]),
  floor: unary('floor', [[1.5, 1], [-1.5, -2], [2, 2], [-0.25, -1]], away(0)),
  ceil: unary('ceil', [[1.5, 2], [-1.5, -1], [2, 2], [0.25, 1]], away(0)),
  round: unary('round', [[0.5, 0], [1.5, 2], [2.5, 2], [-1.5, -2], [-2.5, -2], [2.375, 2], [-2.625, -3], [8388609, 8388609]], away(0.5)),
  exp: unary('exp', [[0, 1], [1, E], [-1, 1 / E], [-200, Math.exp(-200)]], any),
  log: unary('log', [[1, 0], [2, Math.LN2], [10, Math.LN10]], between(0.2, 4)),
  sqrt: unary('sqrt', [[0, 0], [4, 2], [2, SQRT2]], between(0.2, 4)),
  rsqrt: unary('rsqrt', [[1, 1], [4, 0.5], [0.5, SQRT2]], between(0.2, 4)),
  sin: unary('sin', [[0, 0], [1, 0.8414709848078965], [-2, -0.9092974268256817], [1000, 0.8268795405320025]], between(-6, 6)),
  cos: unary('cos', [[0, 1], [1, 0.5403023058681398], [1000, 0.5623790762907029]], between(-6, 6)),
  tan: unary('tan', [[0, 0], [1, 1.5574077246549023], [-0.5, -0.5463024898437905]], between(-1.2, 1.2)),
  asin: unary('asin', [[0, 0], [1, PI / 2], [-0.5, -PI / 6]], between(-0.9, 0.9)),
  acos: unary('acos', [[0, PI / 2], [1, 0], [-0.5, (2 * PI) / 3]], between(-0.9, 0.9)),
  atan: unary('atan', [[0, 0], [1, PI / 4], [-1, -PI / 4]], between(-3, 3)),
  sinh: unary('sinh', [[0, 0], [1, 1.1752011936438014], [-2, -3.626860407847019]], any),
  cosh: unary('cosh', [[0, 1], [1, 1.5430806348152437], [-2, 3.7621956910836314]], any),
  tanh: unary('tanh', [[0, 0], [1, 0.7615941559557649], [-0.5, -0.46211715726000974], [100, 1]], any),
  erf: unary('erf', [[0, 0], [0.5, 0.5204998778130465], [-1, -0.8427007929497149], [2, 0.9953222650189527], [3.5, 0.9999992569016276], [10, 1]], between(-4, 4)),
  is_nan: unary('is_nan', [[1, 0], [NaN, 1], [Infinity, 0], [-Infinity, 0]], any),
  is_inf: unary('is_inf', [[1, 0], [NaN, 0], [Infinity, 1], [-Infinity, 1]], any),
  not: [truths('not', [0, 1])],
  add: binary('add', [[1, 2, 3], [-1.5, 0.5, -1]], any, anyOther, [
    integers('add', 'i32', [[2 ** 31 - 1, -5, 3], [1, 2, 4]], [-(2 ** 31), -3, 7]),
    integers('add', 'u32', [[2 ** 32 - 1, 5], [2, 6]], [1, 11]),
  ]),
  sub: binary('sub', [[1, 2, -1], [-1.5, 0.5, -2]], any, anyOther, [
    integers('sub', 'i32', [[-(2 ** 31), 5], [1, 7]], [2 ** 31 - 1, -2]),
    integers('sub', 'u32', [[0, 5], [1, 3]], [2 ** 32 - 1, 2]),
  ]),
  mul: binary('mul', [[3, 2, 6], [-1.5, 0.5, -0.75]], any, anyOther, [
    integers('mul', 'i32', [[65536, -7, 2 ** 31 - 1], [65536, 3, 2]], [0, -21, -2]),
    integers('mul', 'u32', [[2 ** 32 - 1, 65537], [2 ** 32 - 1, 65537]], [1, 131073]),
  ]),
  div: binary('div', [[3, 2, 1.5], [-1, 4, -0.25]], any, nonZero, [
    integers('div', 'i32', [[7, -7, 7, -7], [2, 2, -2, -2]], [3, -3, -3, 3]),
    integers('div', 'u32', [[7, 2 ** 32 - 1, 1], [2, 2, 3]], [3, 2 ** 31 - 1, 0]),
  ]),
  mod: binary(
    'mod',
    [[5.5, 2, 1.5], [-5.5, 2, -1.5], [5.5, -2, 1.5], [3, 3, 0]],
    (u) => (u < 0.5 ? -1 - u : 0.5 + u),
    (x, u) => x / away(0)(u),
    [
      integers('mod', 'i32', [[7, -7, 7, -7], [3, 3, -3, -3]], [1, -1, 1, -1]),
      integers('mod', 'u32', [[7, 2 ** 32 - 1], [3, 10]], [1, 5]),
    ],
  ),
  pow: binary(
    'pow',
    [[2, 3, 8], [-2, 3, -8], [-2, 2, 4], [2, -1, 0.5], [-2, -3, -0.125], [0, 0, 1], [0, 2, 0], [4, 0.5, 2], [-3, 0, 1]],
    between(0.2, 2),
    (_x, u) => 5 * u - 2,
    [
      integers('pow', 'i32', [[2, -3, -2, 3], [10, 3, 31, 0]], [1024, -27, -(2 ** 31), 1]),
      integers('pow', 'u32', [[3, 0, 2], [4, 0, 32]], [81, 1, 0]),
      sample('pow with negative base', { x: vector([-1.5, -0.5, 0, 2]) }, (b, x) => b.add('pow', [x, thrice(b, x)], {}), { expected: [-3.375, -0.125, 0, 8] }),
    ],
  ),
  min: binary('min', [[1, 2, 1], [2, 1, 1], [-1, -1, -1], [NaN, 1, NaN], [1, NaN, NaN]], any, apart, [
    integers('min', 'i32', [[-1, 3], [1, 2]], [-1, 2]),
    integers('min', 'u32', [[2 ** 32 - 1, 3], [1, 4]], [1, 3]),
  ]),
  max: binary('max', [[1, 2, 2], [2, 1, 2], [-1, -1, -1], [NaN, 1, NaN], [1, NaN, NaN]], any, apart, [
    integers('max', 'i32', [[-1, 3], [1, 2]], [1, 3]),
    integers('max', 'u32', [[2 ** 32 - 1, 3], [1, 4]], [2 ** 32 - 1, 4]),
  ]),
  and: [truths('and', [1, 0, 0, 0])],
  or: [truths('or', [1, 1, 1, 0])],
  eq: [...comparison('eq', 0, 1, 0), truths('eq', [1, 0, 0, 1])],
  ne: [...comparison('ne', 1, 0, 1), truths('ne', [0, 1, 1, 0])],
  lt: comparison('lt', 1, 0, 0),
  le: comparison('le', 1, 1, 0),
  gt: comparison('gt', 0, 0, 1),
  ge: comparison('ge', 0, 1, 1),
  cast: [
    castOf('f32', 'i32', [1.9, -1.9, 0.5, -7], [1, -1, 0, -7]),
    castOf('f32', 'u32', [1.9, 300.5, 0], [1, 300, 0]),
    castOf('i32', 'f32', [-5, 7, 0], [-5, 7, 0]),
    castOf('u32', 'f32', [5, 65536, 0], [5, 65536, 0]),
    castOf('i32', 'u32', [-1, 7], [2 ** 32 - 1, 7]),
    castOf('u32', 'i32', [2 ** 32 - 1, 7], [-1, 7]),
    castOf('f32', 'bool', [0, 0.5, -1], [0, 1, 1]),
    castOf('u32', 'bool', [0, 2], [0, 1]),
    sample('cast of bool to f32', { x: vector([1, -1]) }, (b, x) => b.add('cast', [positive(b, x)], {}, { dtype: 'f32' }), { expected: [1, 0], variables: [] }),
    sample('cast of bool to u32', { x: vector([1, -1]) }, (b, x) => b.add('cast', [positive(b, x)], {}, { dtype: 'u32' }), { expected: [1, 0], variables: [] }),
    sample('cast of f32 to f32', { x: vector([1.5, -1]) }, (b, x) => b.add('cast', [x], {}, { dtype: 'f32' }), { expected: [1.5, -1] }),
  ],
  select: [
    sample('select by hand', { c: vector([1, -1, 1]), x: vector([1, 2, 3]), y: vector([4, 5, 6]) }, (b, c, x, y) => b.add('select', [positive(b, c), x, y], {}), { expected: [1, 5, 3], variables: ['x', 'y'] }),
    sample('select of u32', { c: vector([1, -1]), x: vector([1, 2], 'u32'), y: vector([4, 5], 'u32') }, (b, c, x, y) => b.add('select', [positive(b, c), x, y], {}), { expected: [1, 5], variables: [] }),
    ...SHAPES.map((shape, i) =>
      sample(`select of [${shape.join(', ')}]`, { c: tensorOf(shape, 400 + i), x: tensorOf(shape, 410 + i), y: tensorOf(shape, 420 + i) }, (b, c, x, y) => b.add('select', [positive(b, c), x, y], {}), { variables: ['x', 'y'] }),
    ),
  ],
  detach: [sample('detach by hand', { x: vector([1, 2]) }, (b, x) => b.add('mul', [x, b.add('detach', [x], {})], {}), { expected: [1, 4] })],
  gradient: [
    sample('gradient of a cube', { x: vector([1, -2, 0.5]) }, (b, x) => b.add('gradient', [b.add('pow', [x, thrice(b, x)], {}), x], {}), { expected: [3, 12, 0.75] }),
    sample('gradient by what it does not depend on', { x: vector([1, 2]), y: vector([3, 4]) }, (b, x, y) => b.add('gradient', [b.add('exp', [x], {}), y], {}), { expected: [0, 0] }),
  ],
} satisfies Partial<Record<OpName, OpSample[]>>; // prettier-ignore

function castOf(from: DType, to: DType, values: readonly number[], expected: readonly number[]): OpSample {
  return sample(`cast of ${from} to ${to}`, { x: vector(from === 'f32' ? values.map(Math.fround) : values, from) }, (b, x) => b.add('cast', [x], {}, { dtype: to }), { expected, variables: [] }); // prettier-ignore
}

/** A tensor of threes like x. */
function thrice(b: Parameters<Parameters<typeof sample>[2]>[0], x: number): number {
  const { shape } = b.type(x);
  const three = b.add('reshape', [b.add('constant', [], { value: 3 })], {}, { shape: shape.map(() => 1) });
  return b.add('broadcast', [three], {}, { shape });
}
