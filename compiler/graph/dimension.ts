/**
 * Sizes of axes. A size is a number, or an affine form of the batch: `times * B + plus` in routines whose
 * batch is only known when they run (evaluation, prediction). Training graphs hold numbers alone.
 */

export interface BatchDimension {
  readonly times: number;
  readonly plus: number;
}

export type Dimension = number | BatchDimension;

/** The batch itself. */
export const BATCH: BatchDimension = { times: 1, plus: 0 };

function normal(times: number, plus: number): Dimension {
  return times === 0 ? plus : { times, plus };
}

const parts = (d: Dimension): BatchDimension => (typeof d === 'number' ? { times: 0, plus: d } : d);

export function addDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const [x, y] = [parts(a), parts(b)];
  return normal(x.times + y.times, x.plus + y.plus);
}

export function subtractDimensions(a: Dimension, b: Dimension): Dimension {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [parts(a), parts(b)];
  return normal(x.times - y.times, x.plus - y.plus);
}

/** Undefined where the product is no longer affine (B * B). */
export function multiplyDimensions(a: Dimension, b: Dimension): Dimension | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const [x, y] = [parts(a), parts(b)];
  if (x.times !== 0 && y.times !== 0) return undefined;
  return normal(x.times * y.plus + y.times * x.plus, x.plus * y.plus);
}

/** Undefined where the quotient does not come out whole for every batch. */
export function divideDimensions(a: Dimension, b: Dimension): Dimension | undefined {
  const [x, y] = [parts(a), parts(b)];
  if (y.times === 0) {
    if (y.plus === 0 || x.times % y.plus !== 0 || x.plus % y.plus !== 0) return undefined;
    return normal(x.times / y.plus, x.plus / y.plus);
  }
  // (k * (times B + plus)) / (times B + plus) = k
  const k = x.times / y.times;
  return Number.isInteger(k) && x.plus === k * y.plus ? k : undefined;
}

export function equalDimensions(a: Dimension, b: Dimension): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const [x, y] = [parts(a), parts(b)];
  return x.times === y.times && x.plus === y.plus;
}

/** a >= b for every batch of one record or more. */
export function isAtLeast(a: Dimension, b: Dimension): boolean {
  const d = subtractDimensions(a, b);
  return typeof d === 'number' ? d >= 0 : d.times >= 0 && d.times + d.plus >= 0;
}

/** floor(a / step) where it is affine in the batch. */
export function divideDown(a: Dimension, step: number): Dimension | undefined {
  const { times, plus } = parts(a);
  return times % step === 0 ? normal(times / step, Math.floor(plus / step)) : undefined;
}

/** The size at a given batch. */
export function dimensionAt(d: Dimension, batch: number): number {
  return typeof d === 'number' ? d : d.times * batch + d.plus;
}

export function printDimension(d: Dimension): string {
  if (typeof d === 'number') return String(d);
  const head = d.times === 1 ? 'B' : `${d.times}*B`;
  return d.plus === 0 ? head : d.plus > 0 ? `${head}+${d.plus}` : `${head}-${-d.plus}`;
}

export function printShape(shape: readonly Dimension[]): string {
  return `[${shape.map(printDimension).join(', ')}]`;
}

export function equalShapes(a: readonly Dimension[], b: readonly Dimension[]): boolean {
  return a === b || (a.length === b.length && a.every((d, i) => equalDimensions(d, b[i] as Dimension)));
}

/** Number of elements at a given batch. */
export function elementsAt(shape: readonly Dimension[], batch: number): number {
  let count = 1;
  for (const d of shape) count *= dimensionAt(d, batch);
  return count;
}

/** Product of the sizes where it is affine in the batch, else undefined. */
export function shapeProduct(shape: readonly Dimension[]): Dimension | undefined {
  let product: Dimension | undefined = 1;
  for (const d of shape) product = product === undefined ? undefined : multiplyDimensions(product, d);
  return product;
}

/** NumPy's rule for two shapes: aligned at the end, 1 stretches. Undefined where they do not agree. */
export function broadcastShapes(
  a: readonly Dimension[],
  c: readonly Dimension[],
): readonly Dimension[] | undefined {
  const rank = Math.max(a.length, c.length);
  const result: Dimension[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = c[axis - rank + c.length] ?? 1;
    if (equalDimensions(x, y) || equalDimensions(y, 1)) result.push(x);
    else if (equalDimensions(x, 1)) result.push(y);
    else return undefined;
  }
  return result;
}
