/**
 * Makes the text of an example: every sum of two numbers below 100, in random order, the result backwards, since
 * that is how one adds.
 *
 *   node scripts/make-sums.mjs        writes dsl-examples/data/sums.txt
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generator } from './random.mjs';

const SEED = 11;
const BELOW = 100;

export function makeSums() {
  const { below } = generator(SEED);
  const lines = Array.from({ length: BELOW * BELOW }, (_, i) => {
    const [a, b] = [Math.floor(i / BELOW), i % BELOW];
    return `${a}+${b}=${[...String(a + b)].reverse().join('')}\n`;
  });
  for (let i = lines.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [lines[i], lines[j]] = [lines[j], lines[i]];
  }
  return lines.join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../dsl-examples/data/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}sums.txt`, makeSums());
}
