/**
 * Rows of scaled dot product attention: its result, the logarithms of its sums of exponentials, and its gradients as
 * functions of these (Dao, FlashAttention-2, algorithms 1 and 2). None of them names the matrix of all scores, so
 * that kernels need not store it. What they are in primitives stands in `attention-in-primitives.ts`.
 */
import { broadcastShapes, equalDimensions, equalShapes, printShape, type Dimension } from './dimension.ts';
import { elementCount, type HostTensor } from './host-tensor.ts';
import type { AttentionAttributes, TensorType } from './ir.ts';
import { accumulated, broken, isFloat, nth, type OpRow } from './op-row.ts';

/** Sizes of one attention with the batch put in. */
interface Sizes {
  readonly products: number;
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
}

/** Checks the operands that all rows have: queries, keys, perhaps values and a mask. */
function check(q: TensorType, k: TensorType, v: TensorType | undefined, mask: TensorType | undefined): void {
  const all = [q, k, ...(v ? [v] : [])];
  const wrong = (): never => broken(`attention of ${all.map(({ shape }) => printShape(shape)).join(', ')}`);
  const rank = q.shape.length;
  const batch = q.shape.slice(0, -2);
  if (rank < 2 || all.some(({ shape }) => shape.length !== rank)) wrong();
  if (all.some(({ shape }) => !equalShapes(shape.slice(0, -2), batch))) wrong();
  if (!equalDimensions(last(q), last(k))) wrong();
  if (v && !equalDimensions(length(k), length(v))) wrong();
  if (!isFloat(q.dtype) || all.some(({ dtype }) => dtype !== q.dtype)) wrong();
  if (!mask) return;
  const scores = [...batch, length(q), length(k)];
  const shape = broadcastShapes(mask.shape, scores);
  if (mask.dtype !== 'bool' || !shape || !equalShapes(shape, scores)) {
    broken(`attention of scores ${printShape(scores)} with a mask ${mask.dtype}${printShape(mask.shape)}`);
  }
}

const last = ({ shape }: TensorType): Dimension => shape.at(-1) as Dimension;
const length = ({ shape }: TensorType): Dimension => shape.at(-2) as Dimension;

/** The inputs are `count`, or one more where there is a mask. */
function checkCount(op: string, inputs: readonly unknown[], count: number): void {
  if (inputs.length !== count && inputs.length !== count + 1)
    broken(`${op} takes ${count} inputs and perhaps a mask, not ${inputs.length}`);
}

/** Runs over the pairs that see each other. `visit` gets offsets of the query's and the key's rows, and the score. */
function overPairs(
  { products, queries, keys, depth }: Sizes,
  [q, k]: readonly [HostTensor, HostTensor],
  mask: HostTensor | undefined,
  { scale, causal }: AttentionAttributes,
  visit: (query: number, key: number, score: number) => void,
): void {
  const isAllowed = maskReader(mask, [...q.shape.slice(0, -2), queries, keys]);
  for (let product = 0; product < products; product++)
    for (let i = 0; i < queries; i++)
      for (let j = 0; j < (causal ? Math.min(keys, i + 1) : keys); j++) {
        const [query, key] = [product * queries + i, product * keys + j];
        if (!isAllowed(query * keys + j)) continue;
        let sum = 0;
        for (let c = 0; c < depth; c++)
          sum += (q.data[query * depth + c] as number) * (k.data[key * depth + c] as number);
        visit(query, key, scale * sum);
      }
}

/** Whether the score at a position in row-major order of all scores is allowed. */
function maskReader(mask: HostTensor | undefined, scores: readonly number[]): (position: number) => boolean {
  if (!mask) return () => true;
  const shape = [...new Array<number>(scores.length - mask.shape.length).fill(1), ...mask.shape];
  return (position) => {
    let [rest, at, stride] = [position, 0, 1];
    for (let axis = scores.length - 1; axis >= 0; axis--) {
      const size = scores[axis] as number;
      if (shape[axis] !== 1) at += (rest % size) * stride;
      stride *= shape[axis] as number;
      rest = Math.floor(rest / size);
    }
    return mask.data[at] !== 0;
  };
}

function sizesOf(q: HostTensor, k: HostTensor): Sizes {
  const [queries, depth] = q.shape.slice(-2) as [number, number];
  return { products: elementCount(q.shape.slice(0, -2)), queries, keys: k.shape.at(-2) as number, depth };
}

/** The logarithm of each query's sum of exponentials; 0 where no key is allowed. */
function logarithms(
  q: HostTensor,
  k: HostTensor,
  mask: HostTensor | undefined,
  attributes: AttentionAttributes,
): Float64Array {
  const sizes = sizesOf(q, k);
  const count = sizes.products * sizes.queries;
  const largest = new Float64Array(count).fill(-Infinity);
  overPairs(sizes, [q, k], mask, attributes, (query, _key, score) => {
    largest[query] = Math.max(largest[query] as number, score);
  });
  const sums = new Float64Array(count);
  overPairs(sizes, [q, k], mask, attributes, (query, _key, score) => {
    sums[query] = (sums[query] as number) + Math.exp(score - (largest[query] as number));
  });
  return sums.map((sum, query) => (sum === 0 ? 0 : (largest[query] as number) + Math.log(sum)));
}

/** result[to] += factor * x[from], along a row of `width` elements. */
function addRow(
  result: Float64Array,
  to: number,
  x: HostTensor,
  from: number,
  width: number,
  factor: number,
): void {
  for (let c = 0; c < width; c++)
    result[to * width + c] =
      (result[to * width + c] as number) + factor * (x.data[from * width + c] as number);
}

const attention: OpRow<'attention'> = {
  kind: 'attention',
  arity: 'several',
  infer(inputs, _attributes, given) {
    checkCount('attention', inputs, 3);
    const [q, k, v] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    check(q, k, v, inputs[3]);
    return { dtype: accumulated(q.dtype, given), shape: [...q.shape.slice(0, -1), last(v)] };
  },
  evaluate({ inputs, attributes, shape }) {
    const [q, k, v] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    const lse = logarithms(q, k, inputs[3], attributes);
    const width = shape.at(-1) as number;
    const result = new Float64Array(elementCount(shape));
    overPairs(sizesOf(q, k), [q, k], inputs[3], attributes, (query, key, score) => {
      addRow(result, query, v, key, width, Math.exp(score - (lse[query] as number)));
    });
    return result;
  },
};

const lse: OpRow<'attention_lse'> = {
  kind: 'attention',
  arity: 'several',
  infer(inputs, _attributes, given) {
    checkCount('attention_lse', inputs, 2);
    const [q, k] = [nth(inputs, 0), nth(inputs, 1)];
    check(q, k, undefined, inputs[2]);
    return { dtype: accumulated(q.dtype, given), shape: q.shape.slice(0, -1) };
  },
  evaluate({ inputs, attributes }) {
    return logarithms(nth(inputs, 0), nth(inputs, 1), inputs[2], attributes);
  },
};

const gradient: OpRow<'attention_gradient'> = {
  kind: 'attention',
  arity: 'several',
  infer(inputs, { by }, given) {
    checkCount('attention_gradient', inputs, 6);
    const [q, k, v] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    const [sums, delta, g] = [nth(inputs, 3), nth(inputs, 4), nth(inputs, 5)];
    check(q, k, v, inputs[6]);
    const rows = q.shape.slice(0, -1);
    const fits =
      equalShapes(sums.shape, rows) &&
      equalShapes(delta.shape, rows) &&
      equalShapes(g.shape, [...rows, last(v)]);
    if (!fits || [sums, delta, g].some(({ dtype }) => !isFloat(dtype)))
      broken(`attention_gradient by ${by} of a gradient ${printShape(g.shape)}`);
    const of = { queries: q, keys: k, values: v }[by];
    return { dtype: accumulated(of.dtype, given), shape: of.shape };
  },
  evaluate({ inputs, attributes, shape }) {
    const [q, k, v] = [nth(inputs, 0), nth(inputs, 1), nth(inputs, 2)];
    const [sums, delta, g] = [nth(inputs, 3), nth(inputs, 4), nth(inputs, 5)];
    const sizes = sizesOf(q, k);
    const width = v.shape.at(-1) as number;
    const result = new Float64Array(elementCount(shape));
    overPairs(sizes, [q, k], inputs[6], attributes, (query, key, score) => {
      const share = Math.exp(score - (sums.data[query] as number));
      if (attributes.by === 'values') {
        addRow(result, key, g, query, width, share);
        return;
      }
      let change = -(delta.data[query] as number);
      for (let c = 0; c < width; c++)
        change += (g.data[query * width + c] as number) * (v.data[key * width + c] as number);
      const factor = share * change * attributes.scale;
      if (attributes.by === 'queries') addRow(result, query, k, key, sizes.depth, factor);
      else addRow(result, key, q, query, sizes.depth, factor);
    });
    return result;
  },
};

export const ATTENTION_ROWS = { attention, attention_lse: lse, attention_gradient: gradient };
