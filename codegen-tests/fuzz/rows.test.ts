/** The table of random programs: every function of the language has a row or a reason, and every row makes programs. */
import { expect, test } from 'vitest';
import { BUILTIN_GROUPS } from '../../compiler/semantics/builtins/table.ts';
import { STANDARD_LIBRARY } from '../../compiler/std/standard-library.generated.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { isTame, prepare } from './check.ts';
import { randomProgram } from './program.ts';
import { ROWS } from './rows.ts';

/** Functions that no random program has a use for. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  f16: 'refused by name',
  split: 'gives several values',
  top_k: 'gives several values',
  reduced: 'is a part of the losses',
  causal_mask: 'has infinities',
  attend: 'is a part of the layer attention',
  attention_of: 'is internal',
  dropout: 'is a draw, whose mean tests look at',
  embedding: 'needs an index below its rows',
  batchnorm: 'has a state',
  rnn: 'is a loop over time', lstm: 'is a loop over time', gru: 'is a loop over time',
  rnn_states: 'is a part of rnn', lstm_states: 'is a part of lstm', gru_states: 'is a part of gru',
  in_time: 'is a part of the recurrent layers',
  'metric.top_k': 'is a metric',
  conv_transpose: 'is a part of the layer', conv1d: 'is as conv2d', conv_transpose1d: 'is as conv_transpose2d',
  pool_max: 'is a part of the layer', pool_mean: 'is a part of the layer',
  check_groups: 'is internal', pair: 'is internal',
  normalize: 'is a part of the normalization layers',
  check_labels: 'is internal', check_weight: 'is internal',
  element_count: 'is internal',
}; // prettier-ignore

/** Groups of builtins that say how to train, not what to compute. */
const COMPUTING = [
  'Element by element', 'Reductions', 'Movement', 'Joining and cutting', 'Looking up', 'Products',
  'Convolution and pooling',
] as const satisfies readonly (keyof typeof BUILTIN_GROUPS)[]; // prettier-ignore

test('every function and layer has a row or a reason', () => {
  const declared = parse(STANDARD_LIBRARY, 'std.net').tree.declarations.flatMap((declaration) =>
    declaration.kind === 'fn' || declaration.kind === 'layer' ? [declaration.name.text] : [],
  );
  const covered = new Set(ROWS.flatMap(({ of }) => of));
  const computing = COMPUTING.flatMap((group) => Object.keys(BUILTIN_GROUPS[group]));
  const all = [...computing, ...declared];
  const missing = all.filter((name) => !covered.has(name) && !(name in LEFT_OUT));
  expect(missing).toEqual([]);
  expect(Object.keys(LEFT_OUT).filter((name) => covered.has(name))).toEqual([]);
});

test('every row makes programs that compile, some of them tame', () => {
  const barren = ROWS.flatMap((row, index) => {
    for (let seed = 0; seed < 30; seed++) {
      const program = randomProgram(100_000 + index * 100 + seed, row);
      const isUsed = program.statements.some(({ text, model = '' }) =>
        row.of.some((name) => `${text} ${model}`.includes(name)),
      );
      if (isUsed && isTame(prepare(program))) return [];
    }
    return [row.of.join()];
  });
  expect(barren).toEqual([]);
});
