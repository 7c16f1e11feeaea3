/**
 * Makes points and tasks of the examples whose data is a rule.
 *
 *   node scripts/make-points.mjs     writes heat-points, heat-grid and waves-to-learn .csv
 */
import { generator } from './random.mjs';
import { writeWhenStarted } from './write-data.mjs';

const SEED = 43;

/** Places and times inside the unit square at random, to train on. */
function heatPoints() {
  const rows = Array.from({ length: 2048 }, (_, record) => {
    const { uniform } = generator(SEED, 1, record);
    return `${uniform().toFixed(4)},${uniform().toFixed(4)}`;
  });
  return `place,time\n${rows.join('\n')}\n`;
}

/** A grid of the same square with its edges, to hold the solution against. */
function heatGrid() {
  const rows = Array.from({ length: 21 * 21 }, (_, i) => {
    return `${((i % 21) / 20).toFixed(2)},${(Math.floor(i / 21) / 20).toFixed(2)}`;
  });
  return `place,time\n${rows.join('\n')}\n`;
}

/** Waves, a task each: from 0.1 to 5 high, moved by up to half a turn. */
function tasks() {
  const rows = Array.from({ length: 2500 }, (_, record) => {
    const { uniform } = generator(SEED, 2, record);
    return `${uniform(0.1, 5).toFixed(3)},${uniform(0, Math.PI).toFixed(3)}`;
  });
  return `height,phase\n${rows.join('\n')}\n`;
}

export const makePoints = () => ({
  'heat-points.csv': heatPoints(),
  'heat-grid.csv': heatGrid(),
  'waves-to-learn.csv': tasks(),
});

writeWhenStarted(import.meta.url, makePoints);
