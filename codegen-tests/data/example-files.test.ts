import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const module = async (name: string): Promise<Record<string, () => string>> =>
  (await import(new URL(`../../scripts/${name}`, import.meta.url).href)) as Record<string, () => string>;

test.each([
  ['make-flowers.mjs', 'makeFlowers', 'flowers.csv'],
  ['make-sums.mjs', 'makeSums', 'sums.txt'],
])('%s makes the committed file again', async (script, make, file) => {
  const made = (await module(script))[make]?.();
  expect(made).toBe(readFileSync(new URL(`../../dsl-examples/data/${file}`, import.meta.url), 'utf8'));
});
