/** Drawing tokens: what temperature and top-k do to the shares, and that a seed decides everything. */
import { expect, test } from 'vitest';
import { chooseToken, type ChoiceOptions } from '../../runtime/generate/choose-token.ts';
import { spokenCodes, tokenText } from '../../runtime/generate/token-text.ts';
import { Generator } from '../../runtime/random/generator.ts';

const LOGITS = [1, 3, 2, 3];

/** How often each code is drawn in 4,000 draws. */
function sharesOf(options: ChoiceOptions): number[] {
  const random = new Generator(5, 'test');
  const counts = LOGITS.map(() => 0);
  for (let i = 0; i < 4000; i++) counts[chooseToken(LOGITS, options, random)]! += 1 / 4000;
  return counts;
}

/** softmax(logits / temperature) over the codes that have a chance. */
function expectedShares(temperature: number, among = [0, 1, 2, 3]): number[] {
  const e = LOGITS.map((logit, code) => (among.includes(code) ? Math.exp(logit / temperature) : 0));
  return e.map((value) => value / e.reduce((a, b) => a + b, 0));
}

test.each([
  [{ temperature: 1 }, expectedShares(1)],
  [{ temperature: 0.5 }, expectedShares(0.5)],
  [{ temperature: 4 }, expectedShares(4)],
  [{ temperature: 1, topK: 3 }, expectedShares(1, [1, 2, 3])],
  [{ temperature: 1, topK: 9 }, expectedShares(1)],
  // Of equals the lower code comes first.
  [{ temperature: 1, topK: 1 }, [0, 1, 0, 0]],
  [{ temperature: 0 }, [0, 1, 0, 0]],
])('%j', (options, expected) => {
  sharesOf(options).forEach((share, code) => expect(Math.abs(share - expected[code]!)).toBeLessThan(0.03));
});

test('a small temperature does not overflow', () => {
  expect(chooseToken([1000, 0], { temperature: 1e-3 }, new Generator(1, 'test'))).toBe(0);
});

test('a seed decides the draws', () => {
  const draws = (seed: number): number[] => {
    const random = new Generator(seed, 'test');
    return Array.from({ length: 40 }, () => chooseToken(LOGITS, { temperature: 1 }, random));
  };
  expect(draws(3)).toEqual(draws(3));
  expect(draws(3)).not.toEqual(draws(4));
});

test('tokens become text: characters, words apart by a blank, bytes when a character is whole', () => {
  const characters = tokenText({ kind: 'chars', characters: 'aé😀' }, '');
  expect([2, 1, 0].map(characters).join('')).toBe('😀éa');
  const words = { kind: 'words', words: ['sea', 'the'], unknown: 2 } as const;
  const spoken = { ...words, words: [...words.words] };
  expect([1, 0].map(tokenText(spoken, 'by')).join('')).toBe(' the sea');
  expect([1, 0].map(tokenText(spoken, 'by ')).join('')).toBe('the sea');
  const bytes = tokenText({ kind: 'bytes' }, '');
  expect([...new TextEncoder().encode('é!')].map(bytes)).toEqual(['', 'é', '!']);
  // Neither the code of unknown words nor what the model has beyond the vocabulary.
  expect(spokenCodes(spoken, 8)).toBe(2);
  expect(spokenCodes({ kind: 'chars', characters: 'aé😀' }, 8)).toBe(3);
  expect(spokenCodes({ kind: 'bytes' }, 128)).toBe(128);
});
