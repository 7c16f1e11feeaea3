/** What other libraries call things: every such name is unknown here or no layer, and the help is in words that are known. */
import { expect, test } from 'vitest';
import { WORDS_ELSEWHERE, wordHere } from '../../compiler/semantics/words-elsewhere.ts';
import { base, errorsOf } from './elaborating.ts';

/** Of a step in which the name stands as a function. */
const errorOf = (name: string): { code: string; help: string | undefined }[] =>
  errorsOf(base({ step: `loss = mean(net(x)) + (x -> ${name})` })).map(({ code, help }) => ({ code, help }));

test.each([...WORDS_ELSEWHERE])('%s is told to be %s', (name, here) => {
  const code = name === 'linear' ? 'E0213' : 'E0205'; // a schedule
  expect(errorOf(name)).toEqual([{ code, help: `here that is ${here}` }]);
});

test.each([...new Set(WORDS_ELSEWHERE.values())])('the words of %s are known', (here) => {
  const called = [...here.matchAll(/`(?:x -> )?([a-z_0-9.]+)(?:`|\()/g)].map(([, name]) => name ?? '');
  expect(called.length > 0 || /^`[ax] [@^] /.test(here)).toBe(true);
  for (const name of called) expect(errorOf(name).filter(({ code }) => code === 'E0205')).toEqual([]);
});

test('the name of a class is looked up as that of a function', () => {
  expect(wordHere('GlobalAveragePooling2D')).toBe('here that is `global_avgpool`');
  expect(wordHere('BatchNormalization')).toBe('here that is `batchnorm`');
  expect(wordHere('Dense')).toBeUndefined(); // near enough to be found by its spelling
});

test('a name of the program’s own comes first', () => {
  expect(errorsOf(base({ before: 'fn accuracy(x) = mean(x)', step: 'loss = accuracy(net(x))' }))).toEqual([]);
});
