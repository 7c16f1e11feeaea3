/** The table of random programs: every function of the language has a row or a reason, and every row makes programs. */
import { expect, test } from 'vitest';
import { builtinNames } from '../../compiler/semantics/builtins/table.ts';
import { STANDARD_LIBRARY } from '../../compiler/std/standard-library.generated.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { isTame, prepare } from './check.ts';
import { randomProgram } from './program.ts';
import { ROWS } from './rows.ts';

/** Functions that no random program has a use for. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  f16: 'refused by name',
  gather: 'refused by name',
  split: 'gives several values',
  top_k: 'gives several values',
  frozen: 'is about gradients that do not flow',
  perplexity: 'is a metric',
  reduced: 'is a part of the losses',
  causal_mask: 'has infinities',
  attend: 'is a part of the layer attention',
  dropout: 'is a draw, whose mean tests look at',
  embedding: 'needs an index below its rows',
  normalize: 'is a part of the normalization layers',
  check: 'is internal', check_given: 'is internal', check_labels: 'is internal', check_weight: 'is internal',
  element_count: 'is internal',
  best: 'is a rule', every: 'is a rule', 'stop.plateau': 'is a rule',
  idx: 'is a source', npy: 'is a source',
}; // prettier-ignore

const isSetting = (name: string): boolean =>
  /^(random\..*|clip_.*|decay|sgd|adam|adamw|rmsprop|adagrad|adadelta|lion|cosine|linear|exponential|steps|inverse|one_cycle|plateau|glorot.*|he|he_normal|orthogonal|constant|uniform|normal|truncated_normal)$/.test(
    name,
  );

test('every function and layer has a row or a reason', () => {
  const declared = parse(STANDARD_LIBRARY, 'std.net').tree.declarations.flatMap((declaration) =>
    declaration.kind === 'fn' || declaration.kind === 'layer' ? [declaration.name.text] : [],
  );
  const covered = new Set(ROWS.flatMap(({ of }) => of));
  const all = [...builtinNames(), ...declared];
  const missing = all.filter((name) => !covered.has(name) && !(name in LEFT_OUT) && !isSetting(name));
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
