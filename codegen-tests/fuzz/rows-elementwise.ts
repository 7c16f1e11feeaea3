/** Rows of element-wise builtins: functions of one value, operators with broadcasting, choices, casts, integers. */
import type { Made, Pool, Row, Value } from './values.ts';
import { LARGEST_BOUND } from './values.ts';

/** A function of one float: its text, and the bound of its result for operands within `most`. */
function unary(
  of: string,
  text: (x: string) => string = (x) => `${of}(${x})`,
  bound: (b: number) => number = () => LARGEST_BOUND,
  most = LARGEST_BOUND,
): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float(0, (value) => value.bound <= most);
      if (x.bound > most) return undefined;
      return { text: text(x.name), uses: [x], shape: x.shape, bound: bound(x.bound) };
    },
  };
}

const same = (b: number): number => b;

const UNARY: readonly Row[] = [
  unary('exp', undefined, Math.exp, 2),
  unary('log', (x) => `log(0.5 + ${x} * ${x})`, () => 3),
  unary('sqrt', (x) => `sqrt(0.3 + ${x} * ${x})`, (b) => b + 1),
  unary('rsqrt', (x) => `rsqrt(0.4 + ${x} * ${x})`, () => 2),
  unary('abs', undefined, same),
  unary('sign', (x) => `sign(${x}) * ${x}`, same),
  unary('floor', (x) => `${x} - floor(${x})`, () => 1),
  unary('ceil', (x) => `${x} * ceil(${x})`, (b) => b * (b + 1)),
  unary('round', (x) => `${x} + round(3 * ${x})`, (b) => 4 * b + 1),
  unary('sin'), unary('cos'), unary('atan'), unary('tanh'), unary('erf'), unary('sigmoid'), unary('relu', undefined, same),
  unary('tan', (x) => `tan(0.2 * ${x})`, () => 1.1),
  unary('asin', (x) => `asin(0.2 * ${x})`, () => 1),
  unary('acos', (x) => `acos(0.2 * ${x})`, () => 3),
  unary('sinh', undefined, Math.sinh, 2),
  unary('cosh', undefined, Math.cosh, 2),
  unary('leaky_relu', (x) => `leaky_relu(${x}, a = 0.1)`, same),
  unary('elu', undefined, same), unary('gelu', undefined, same), unary('gelu_tanh', undefined, same),
  unary('silu', undefined, same), unary('softplus', undefined, (b) => b + 1),
  unary('detach', (x) => `detach(${x}) * ${x}`, (b) => b * b),
  unary('is_nan', (x) => `where(is_nan(${x}), 0, ${x})`, same),
  unary('is_inf', (x) => `where(is_inf(${x}), 1, -${x})`, same),
  unary('clamp', (x) => `clamp(${x}, -0.7, 0.9)`, () => 1),
]; // prettier-ignore

/** Two shapes broadcast, as NumPy has it; undefined where they do not. */
function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 1; axis <= rank; axis++) {
    const [x = 1, y = 1] = [a[a.length - axis], b[b.length - axis]];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.unshift(Math.max(x, y));
  }
  return shape;
}

type Shaped = Pick<Value, 'shape' | 'batched'>;

/** The shape of two values together; the batch meets nothing but a batch. */
export function broadcast(a: Shaped, b: Shaped): number[] | undefined {
  if (a.batched && a.shape.length < b.shape.length) return undefined;
  if (b.batched && b.shape.length < a.shape.length) return undefined;
  return broadcastShapes(a.shape, b.shape);
}

/** A second operand that broadcasts with the first: one at hand, or a new weight with some of its axes or 1. */
function partner(pool: Pool, x: Value): Value {
  const found = pool.pick((value) => {
    const shape = value.dtype === x.dtype ? broadcast(x, value) : undefined;
    return shape !== undefined && pool.fits(shape, x.batched || value.batched);
  });
  if (found && (pool.draw.chance(0.6) || x.dtype !== 'f32')) return found;
  const axes = x.shape.slice(pool.draw.below(x.shape.length + 1));
  return pool.weight(axes.map((size) => (pool.draw.chance(0.3) ? 1 : size)));
}

function binary(
  of: string,
  text: (x: string, y: string) => string,
  bound: (x: number, y: number) => number,
): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float();
      const y = partner(pool, x);
      const shape = broadcast(x, y);
      if (!shape || y.dtype !== 'f32') return undefined;
      const [a, b] = pool.draw.chance(0.5) ? [x, y] : [y, x];
      return { text: text(a.name, b.name), uses: [a, b], shape, bound: bound(a.bound, b.bound) };
    },
  };
}

const BINARY: readonly Row[] = [
  binary('+', (x, y) => `${x} + ${y}`, (a, b) => a + b),
  binary('-', (x, y) => `${x} - 0.5 * ${y}`, (a, b) => a + b),
  binary('*', (x, y) => `${x} * ${y}`, (a, b) => a * b),
  binary('/', (x, y) => `${x} / (1.2 + ${y} * ${y})`, (a) => a),
  binary('^', (x, y) => `${x} ^ 2 - ${y} ^ 3`, (a, b) => a ** 2 + b ** 3),
  binary('%', (x, y) => `${x} % (5 + abs(${y}))`, (a) => a),
  binary('min', (x, y) => `min(${x}, ${y})`, Math.max),
  binary('max', (x, y) => `max(${x}, ${y})`, Math.max),
  binary('where', (x, y) => `where(${x} < ${y}, ${x}, 2 * ${y})`, (a, b) => a + 2 * b),
]; // prettier-ignore

const COMPARE: Row = {
  of: ['<', '<=', '>', '>=', '==', '!=', 'and', 'or', 'not'],
  make(pool) {
    const x = pool.float();
    const y = partner(pool, x);
    const shape = broadcast(x, y);
    if (!shape || y.dtype !== 'f32') return undefined;
    // A weight reached through nothing else has no derivative, which is an error.
    const [a, b] = [`detach(${x.name})`, `detach(${y.name})`];
    const test = `${a} ${pool.draw.pick(['<', '<=', '>', '>=', '!='])} ${b}`;
    const text = pool.draw.pick([test, `not (${test})`, `${test} and ${a} > -0.3`, `${test} or ${b} < 0.2`]);
    return { text, uses: [x, y], shape, dtype: 'bool' };
  },
};

/** A truth at hand, or a new one. */
export function truth(pool: Pool, rank = 0): Value | undefined {
  const known = pool.pick(({ dtype, shape }) => dtype === 'bool' && shape.length >= rank);
  if (known) return known;
  const made = COMPARE.make(pool);
  return made && made.shape.length >= rank ? pool.add(made)[0] : undefined;
}

const SELECT: Row = {
  of: ['where', 'bool'],
  make(pool) {
    const c = truth(pool);
    if (!c) return undefined;
    const x = pool.float(0, (value) => broadcast(value, c) !== undefined);
    const shape = broadcast(c, x);
    if (!shape || !pool.fits(shape, c.batched || x.batched)) return undefined;
    return { text: `where(${c.name}, ${x.name}, 0.5)`, uses: [c, x], shape, bound: x.bound + 1 };
  },
};

const INTEGERS: readonly Row[] = [
  {
    of: ['u32', 'i32'],
    make(pool) {
      const x = pool.float();
      const dtype = pool.draw.pick(['u32', 'i32'] as const);
      const inner = dtype === 'u32' ? `2 * abs(detach(${x.name}))` : `3 * detach(${x.name})`;
      return { text: `${dtype}(${inner})`, uses: [x], shape: x.shape, dtype };
    },
  },
  {
    of: ['f32'],
    make(pool) {
      const x = pool.draw.chance(0.5) ? (pool.truth() ?? pool.integer()) : pool.integer();
      return { text: `f32(${x.name})`, uses: [x], shape: x.shape, bound: 16 };
    },
  },
  {
    of: ['+', '*', '/', '%', 'min', 'max', 'abs', 'sign'],
    make(pool): Made {
      const x = pool.integer();
      const text = pool.draw.pick([
        `${x.name} + 3`, `${x.name} * 2`, `${x.name} / 2`, `${x.name} % 5`, `min(${x.name}, 4)`, `max(${x.name}, 2)`, `${x.name} ^ 2`,
      ]); // prettier-ignore
      return { text, uses: [x], shape: x.shape, dtype: x.dtype };
    },
  },
];

export const ELEMENTWISE_ROWS: readonly Row[] = [...UNARY, ...BINARY, COMPARE, SELECT, ...INTEGERS];
