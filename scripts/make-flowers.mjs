/**
 * Makes the table of an example: 300 flowers of three kinds, four measures each, one of them in words.
 *
 *   node scripts/make-flowers.mjs        writes dsl-examples/data/flowers.csv
 *
 * Every number follows from SEED and the record by additions and products, so the file is the same everywhere.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generator } from './random.mjs';

const SEED = 7;
const RECORDS = 300;

/** Means and deviations of the measures in millimetres, and how often in ten the petals are light. */
const KINDS = [
  { name: 'meadow lily', petal: [14, 3], width: [5, 1.2], stem: [310, 60], light: 8 },
  { name: 'marsh lily', petal: [22, 4], width: [6, 1.4], stem: [420, 70], light: 5 },
  { name: 'rock lily', petal: [20, 4], width: [10, 1.8], stem: [180, 50], light: 2 },
];

export function makeFlowers() {
  const lines = ['petal length,petal width,stem,colour,kind'];
  for (let record = 0; record < RECORDS; record++) {
    const { normal, below } = generator(SEED, record);
    const kind = KINDS[below(KINDS.length)];
    const measure = ([mean, deviation]) => (mean + deviation * normal()).toFixed(1);
    const colour = below(10) < kind.light ? 'light' : 'dark';
    lines.push([measure(kind.petal), measure(kind.width), measure(kind.stem), colour, kind.name].join(','));
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../dsl-examples/data/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}flowers.csv`, makeFlowers());
}
