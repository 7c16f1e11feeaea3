/** Rows of layers, each in a model of its own: dense, normalization, positions, dropout; random numbers. */
import { dimsOf } from './texts.ts';
import type { Made, Pool, Row, Value } from './values.ts';

/** A call of a new model that is one layer. */
export function layerCall(pool: Pool, x: Value, called: string): Pick<Made, 'text' | 'uses' | 'model'> {
  const model = `m${pool.statements.length}`;
  return {
    text: `${model}(${x.name})`,
    uses: [x],
    model: `model ${model}: x[...] -> [...] { return x -> it: ${called} }`,
  };
}

/** `rank`: axes in all, the batch counted. */
function layer(
  of: string,
  rank: number,
  called: (x: Value, pool: Pool) => string | undefined,
  shape: (x: Value, last: number) => readonly number[] = (x) => x.shape,
  bound = 8,
): Row {
  return {
    of: [of],
    make(pool) {
      const x = pool.float(1, (value) => value.shape.length + Number(value.batched) >= rank);
      if (x.shape.length + Number(x.batched) < rank) return undefined;
      const text = called(x, pool);
      if (text === undefined) return undefined;
      const made = shape(x, Number(/\d+/.exec(text)?.[0]));
      return pool.fits(made, x.batched) ? { ...layerCall(pool, x, text), shape: made, bound } : undefined;
    },
  };
}

/** The size of axis 1, the batch counted. */
const channels = ({ shape, batched }: Value): number => shape[batched ? 0 : 1] ?? 1;

/** Elements that a statistic of a channel is taken over. */
function perChannel(pool: Pool, { shape, batched }: Value): number {
  const all = shape.reduce((product, size) => product * size, batched ? pool.batch : 1);
  return all / channels({ shape, batched } as Value);
}

const LAYERS: readonly Row[] = [
  layer('dense', 1, (_, pool) => `dense(${pool.size()}${pool.draw.pick(['', ', bias = false'])})`, (x, last) => [...x.shape.slice(0, -1), last]),
  layer('layernorm', 1, (x) => ((x.shape.at(-1) ?? 1) > 2 ? 'layernorm(eps = 0.1)' : undefined)),
  layer('rmsnorm', 1, () => 'rmsnorm(eps = 0.1)'),
  layer('positions', 2, (x) => (x.shape.length < 2 ? undefined : `positions(${(x.shape.at(-2) ?? 1) + 2}, ${x.shape.at(-1)})`)),
  layer('groupnorm', 3, (x, pool) => {
    const groups = [1, 2, 3, channels(x)].filter((count) => channels(x) % count === 0);
    return `groupnorm(${pool.draw.pick(groups)}, eps = 0.1)`;
  }),
  layer('batchnorm', 2, (x, pool) => (perChannel(pool, x) < 3 ? undefined : `batchnorm(momentum = ${pool.draw.pick([0.9, 0.5])}, eps = 0.1)`)),
  layer('dropout', 1, (_, pool) => `dropout(${pool.draw.pick([0.1, 0.5, 0.25])})`, undefined, 6),
  layer('attention', 3, (x, pool) => {
    const width = x.shape.at(-1) ?? 1;
    if (x.shape.length + Number(x.batched) !== 3) return undefined;
    const heads = [1, 2, width].filter((count) => width % count === 0);
    return `attention(${pool.draw.pick(heads)}, causal = ${pool.draw.pick(['true', 'false'])})`;
  }),
]; // prettier-ignore

/** A model of two results, of which one may stay unused. */
const SEVERAL: Row = {
  of: ['model'],
  make(pool) {
    const x = pool.float(1);
    const model = `m${pool.statements.length}`;
    return {
      text: `${model}(${x.name})`,
      uses: [x],
      model: `model ${model}: x[...] -> a[...], b[...] { return (x -> it: rmsnorm(eps = 0.1) -> sin, x -> layernorm(eps = 0.2)) }`,
      shape: x.shape,
      bound: 1,
      more: [{ shape: x.shape, bound: 3 }],
    };
  },
};

/** Draws by the step's number and the seed: the same on every target. */
const RANDOM: Row = {
  of: ['random.normal', 'random.uniform', 'random.bernoulli'],
  make(pool) {
    const x = pool.float(1);
    const dims = dimsOf(x, x.shape);
    const text = pool.draw.pick([
      `${x.name} + 0.3 * random.normal(${dims})`,
      `${x.name} * random.uniform(${dims})`,
      `${x.name} * random.bernoulli(0.7, ${dims})`,
      `${x.name} - random.uniform(${x.shape.at(-1)})`,
    ]);
    return { text, uses: [x], shape: x.shape, bound: x.bound + 1 };
  },
};

export const LAYER_ROWS: readonly Row[] = [...LAYERS, SEVERAL, RANDOM];
