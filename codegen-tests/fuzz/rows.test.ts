/** The table of random programs: every function of the language has a row or a reason, and every row makes programs. */
import { expect, test } from 'vitest';
import { BUILTIN_GROUPS } from '../../compiler/semantics/builtins/table.ts';
import { STANDARD_LIBRARY } from '../../compiler/std/standard-library.generated.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { expectationOf, isTame } from './check.ts';
import { randomProgram, textOf } from './program.ts';
import { ROWS } from './rows.ts';
import { studyOf } from './study.ts';

/** Functions that no random program has a use for. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  f16: 'refused by name',
  reduced: 'is a part of the losses',
  causal_mask: 'has infinities',
  attention_of: 'is internal',
  rnn_states: 'is a part of rnn', lstm_states: 'is a part of lstm', gru_states: 'is a part of gru',
  in_time: 'is a part of the recurrent layers',
  'metric.top_k': 'is a metric',
  check_groups: 'is internal', pair: 'is internal',
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

test('every row makes programs that compile, some of them tame: gradients alone and training', () => {
  const barren = ROWS.flatMap((row, index) => {
    const missing = new Set(row.ofBatches ? [3] : [1, 3]);
    for (let seed = 0; seed < 60 && missing.size > 0; seed++) {
      const program = randomProgram(100_000 + index * 100 + seed, row);
      const isUsed = program.statements.some(({ text, model = '' }) =>
        row.of.some((name) => `${text} ${model}`.includes(name)),
      );
      if (!isUsed || !missing.has(program.steps)) continue;
      if (isTame(expectationOf(studyOf(textOf(program), program.seed)))) missing.delete(program.steps);
    }
    return [...missing].map((steps) => `${row.of.join()} in ${steps} steps`);
  });
  expect(barren).toEqual([]);
});
