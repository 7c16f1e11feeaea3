/**
 * Makes the text of an example: every sum of two numbers of two digits, in random order, one a line of ten characters.
 * The result has three digits and stands backwards, since that is how one adds: 17+25=240.
 *
 *   node scripts/make-sums.mjs        writes dsl-examples/data/sums.txt
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generator } from './random.mjs';

const SEED = 11;
const FIRST = 10;
const COUNT = 90;

export function makeSums() {
  const { below } = generator(SEED);
  const lines = Array.from({ length: COUNT * COUNT }, (_, i) => {
    const [a, b] = [FIRST + Math.floor(i / COUNT), FIRST + (i % COUNT)];
    return `${a}+${b}=${[...String(a + b).padStart(3, '0')].reverse().join('')}\n`;
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
