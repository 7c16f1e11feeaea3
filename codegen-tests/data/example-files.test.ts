import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

type Files = Record<string, string | Uint8Array>;

const module = async (name: string): Promise<Record<string, () => string | Files>> =>
  (await import(new URL(`../../scripts/${name}`, import.meta.url).href)) as Record<
    string,
    () => string | Files
  >;

const committed = (file: string): Buffer =>
  readFileSync(new URL(`../../dsl-examples/data/${file}`, import.meta.url));

test.each([
  ['make-flowers.mjs', 'makeFlowers', 'flowers.csv'],
  ['make-sums.mjs', 'makeSums', 'sums.txt'],
])('%s makes the committed file again', async (script, make, file) => {
  const made = (await module(script))[make]?.();
  expect(made).toBe(committed(file).toString());
});

test.each([
  ['make-tables.mjs', 'makeTables', 5],
  ['make-points.mjs', 'makePoints', 3],
  ['make-arrays.mjs', 'makeArrays', 8],
  ['make-stories.mjs', 'makeStories', 1],
])('%s makes the committed files again', async (script, make, count) => {
  const made = Object.entries((await module(script))[make]?.() as Files);
  expect(made).toHaveLength(count);
  for (const [file, content] of made) expect(Buffer.from(content).equals(committed(file)), file).toBe(true);
});
