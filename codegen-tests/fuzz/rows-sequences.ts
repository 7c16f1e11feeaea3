/** Rows of sequences: recurrent layers, loops of one's own, attention between tensors. */
import { layerCall } from './rows-layers.ts';
import { fullShape, recordShape } from './texts.ts';
import type { Pool, Row, Value } from './values.ts';

/** A float of so many axes in all, the batch counted; made where there is none. */
function ofRank(pool: Pool, rank: number): Value {
  const known = pool.pick(
    (value) =>
      value.dtype === 'f32' && value.batched === pool.batched && fullShape(pool, value).length === rank,
  );
  if (known) return known;
  const records = pool.batched ? pool.batch : pool.draw.pick([1, 2, 3]);
  return pool.leaf([records, ...Array.from({ length: rank - 1 }, () => pool.draw.pick([1, 2, 3, 5]))]);
}

const RECURRENT: readonly Row[] = (['rnn', 'lstm', 'gru'] as const).map((of) => ({
  of: [of],
  make(pool) {
    const x = ofRank(pool, 3);
    const [records = 1, turns = 1] = fullShape(pool, x);
    if (turns > 8) return undefined;
    const units = pool.draw.pick([1, 2, 3, 5]);
    const shape = recordShape(x, [records, turns, units]);
    return {
      ...layerCall(pool, x, `${of}(${units}${pool.draw.pick(['', ', reverse = true'])})`),
      shape,
      bound: 1,
    };
  },
}));

/** What a turn may do with `xt` and the carry `h`, of which the last is emitted. */
const TURNS = [
  'h = tanh(xt + 0.5 * h)\n    emit h',
  'h = h + xt * 0.3\n    emit h * xt',
  'h = 0.5 * h + sin(xt)\n    emit exp(-h * h)',
  'h = max(h, xt)\n    emit xt - h',
  'h = where(h > xt, 0.7 * h, xt)\n    emit h + 1',
  'emit xt * xt + h',
  'h = h * 0.5 + mean(xt, axis = -1, keep = true)\n    emit softmax(h)',
  '(a, g) = split(sin(concat(0.5 * h, xt)) * 0.7, 2)\n    h = a + sigmoid(g) * xt\n    emit h - g',
] as const;

const LOOP: Row = {
  of: ['scan'],
  make(pool) {
    const x = ofRank(pool, 3);
    const turns = fullShape(pool, x)[1] ?? 1;
    if (turns > 8) return undefined;
    const model = `m${pool.statements.length}`;
    const start = pool.draw.pick(['zeros()', 'zeros()', 'x[:, 0]', 'mean(x, axis = 1)']);
    return {
      text: `${model}(${x.name})`,
      uses: [x],
      model: [
        `model ${model}: x[B, T, D] -> [B, T, D] {`,
        `  scan xt in x along T, h[B, D] = ${start} {`,
        `    ${pool.draw.pick(TURNS)}`,
        '  }',
        '}',
      ].join('\n'),
      shape: x.shape,
      bound: 2 * x.bound + 2,
    };
  },
};

/** Keys and values come from the queries: fewer heads, another length, a mask. */
const ATTEND: Row = {
  of: ['attend'],
  make(pool) {
    const x = ofRank(pool, 4);
    const [, heads = 1, length = 1, width = 1] = fullShape(pool, x);
    const keyHeads = pool.draw.pick([1, heads]);
    const keyLength = 1 + pool.draw.below(length);
    const [forKeys, forValues] = [pool.weight([width]), pool.weight([width])];
    const part = `[:, :${keyHeads}, :${keyLength}]`;
    const hasMask = pool.draw.chance(0.4);
    const mask = hasMask ? [pool.weight([length, keyLength])] : [];
    const extra = [
      ...(pool.draw.chance(0.5) ? [', causal = true'] : []),
      ...mask.map(({ name }) => `, mask = detach(${name}) > -0.4`),
    ].join('');
    const text = `attend(${x.name}, (${x.name} * ${forKeys.name})${part}, (${x.name} + ${forValues.name})${part}${extra})`;
    return { text, uses: [x, forKeys, forValues, ...mask], shape: x.shape, bound: x.bound + 1 };
  },
};

export const SEQUENCE_ROWS: readonly Row[] = [...RECURRENT, LOOP, ATTEND];
