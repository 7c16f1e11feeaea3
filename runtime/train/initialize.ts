/**
 * Initial weights and layer states. In: a parameter's name, shape and initializer, the run's seed. Out: its values in row-major
 * order, computed in f64. Each parameter draws from a stream of its own, named after it, so that adding a
 * layer leaves the others' weights as they were.
 *
 * Bounds are those of PyTorch's torch.nn.init: xavier_* (gain 1), kaiming_* (fan_in, relu: gain sqrt 2),
 * orthogonal_ (gain 1).
 */
import type { Initializer, ParameterSpec } from '../plan-format.ts';
import { Generator } from '../random/generator.ts';

export function initialize(
  parameter: Pick<ParameterSpec, 'name' | 'shape' | 'initializer'>,
  seed: number,
): Float32Array {
  const values = new Float32Array(parameter.shape.reduce((product, size) => product * size, 1));
  const random = new Generator(seed, `parameter ${parameter.name}`);
  fill(values, parameter.shape, parameter.initializer, random);
  return values;
}

function fill(values: Float32Array, shape: readonly number[], how: Initializer, random: Generator): void {
  switch (how.kind) {
    case 'zeros':
      return;
    case 'ones':
      values.fill(1);
      return;
    case 'constant':
      values.fill(how.value);
      return;
    case 'uniform':
      return uniform(values, how.low, how.high, random);
    case 'normal':
      return normal(values, how.std, random);
    case 'truncated_normal':
      for (let i = 0; i < values.length; i++) values[i] = how.std * truncated(random);
      return;
    case 'glorot':
      return symmetric(values, Math.sqrt(6 / (how.fanIn + how.fanOut)), random);
    case 'glorot_normal':
      return normal(values, Math.sqrt(2 / (how.fanIn + how.fanOut)), random);
    case 'he':
      return symmetric(values, Math.sqrt(6 / how.fanIn), random);
    case 'he_normal':
      return normal(values, Math.sqrt(2 / how.fanIn), random);
    case 'orthogonal':
      return orthogonal(values, shape, random);
    default:
      how satisfies never;
  }
}

/** In [low, high); rounding to f32 may meet `high` itself. */
function uniform(values: Float32Array, low: number, high: number, random: Generator): void {
  for (let i = 0; i < values.length; i++) values[i] = low + (high - low) * random.uniform();
}

function symmetric(values: Float32Array, bound: number, random: Generator): void {
  uniform(values, -bound, bound, random);
}

function normal(values: Float32Array, std: number, random: Generator): void {
  for (let i = 0; i < values.length; i++) values[i] = std * random.normal();
}

/** A normal value between -2 and 2, by drawing again (95 % are kept at once). */
function truncated(random: Generator): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/**
 * As torch.nn.init.orthogonal_: the first axis gives the rows, the others together the columns; the longer
 * side's vectors are made orthonormal. Gram and Schmidt's way leaves a positive diagonal in R, which is the
 * sign that PyTorch gives the result of its QR.
 */
function orthogonal(values: Float32Array, shape: readonly number[], random: Generator): void {
  const rows = shape[0] ?? 1;
  const columns = values.length / Math.max(rows, 1);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  for (let v = 0; v < Math.min(rows, columns); v++) {
    const vector = Float64Array.from({ length }, () => random.normal());
    makeOrthogonal(vector, vectors);
    vectors.push(vector);
  }
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      values[r * columns + c] = (rows < columns ? vectors[r]?.[c] : vectors[c]?.[r]) ?? 0;
    }
  }
}

/** Takes the directions of `others` out of the vector and gives it length 1. */
function makeOrthogonal(vector: Float64Array, others: readonly Float64Array[]): void {
  // The second round removes what rounding left of the first ("twice is enough", Parlett).
  for (let round = 0; round < 2; round++) {
    for (const other of others) addTo(vector, other, -dot(vector, other));
  }
  const scale = 1 / Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) * scale;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addTo(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = (target[i] ?? 0) + factor * (source[i] ?? 0);
}
