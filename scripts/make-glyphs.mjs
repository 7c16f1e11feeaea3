/**
 * Makes the data set of the examples: 28x28 grey glyphs of the ten digits. Strokes (glyph-strokes.mjs) are bent,
 * scaled, turned, slanted and shifted at random, drawn with a pen of random width, and covered with noise.
 *
 *   node scripts/make-glyphs.mjs            writes dsl-examples/data/glyphs/{train,test}-{images,labels}.idx.gz
 *   node scripts/make-glyphs.mjs --show 20  draws the first test records as text
 *
 * Every number follows from SEED, the split and the record by additions, products and square roots, which IEEE
 * 754 rounds alike everywhere (sines are not among them), so the files are the same on every machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { STYLES } from './glyph-strokes.mjs';
import { generator } from './random.mjs';

export const SPLITS = { train: 6000, test: 1000 };
const SEED = 20_250;
const SIZE = 28;
/** Pieces of a spline between two of its points. */
const PIECES = 6;

/** Every class equally often, in random order. */
export function makeLabels(split) {
  const random = generator(SEED, splitNumber(split), 0xffffffff);
  const labels = Uint8Array.from({ length: SPLITS[split] }, (_, i) => i % 10);
  for (let i = labels.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [labels[i], labels[j]] = [labels[j], labels[i]];
  }
  return labels;
}

/** The pixels of one record, row by row; 0 is paper, 255 ink. */
export function makeImage(split, record, label) {
  const random = generator(SEED, splitNumber(split), record);
  const styles = STYLES[label];
  const place = placement(random);
  const lines = styles[random.below(styles.length)].map((stroke) => flatten(bend(stroke, random)).map(place));
  return addNoise(draw(lines, random), random);
}

function splitNumber(split) {
  return Object.keys(SPLITS).indexOf(split);
}

/** Moves every point a little, as a hand does. */
function bend({ kind, points }, random) {
  return { kind, points: points.map(([x, y]) => [x + 0.025 * random.normal(), y + 0.025 * random.normal()]) };
}

/** A run of short lines; splines are Catmull and Rom's. */
function flatten({ kind, points }) {
  if (kind === 'line') return points;
  const count = points.length;
  const at = (i) => points[kind === 'loop' ? (i + count) % count : Math.min(Math.max(i, 0), count - 1)];
  const run = [];
  for (let i = 0; i < (kind === 'loop' ? count : count - 1); i++) {
    for (let piece = 0; piece < PIECES; piece++) {
      const t = piece / PIECES;
      run.push(
        [0, 1].map((axis) => spline(at(i - 1)[axis], at(i)[axis], at(i + 1)[axis], at(i + 2)[axis], t)),
      );
    }
  }
  run.push(kind === 'loop' ? points[0] : points[count - 1]);
  return run;
}

function spline(a, b, c, d, t) {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** From the box of side 1 to pixels: width, height, slant, turn, shift. */
function placement(random) {
  const height = random.uniform(16, 21);
  const width = height * random.uniform(0.6, 0.9);
  const slant = random.uniform(-0.2, 0.28);
  // The tangent of half the angle, which is at most 12 degrees.
  const half = random.uniform(-0.105, 0.105);
  const cosine = (1 - half * half) / (1 + half * half);
  const sine = (2 * half) / (1 + half * half);
  const [shiftX, shiftY] = [random.uniform(-1.8, 1.8), random.uniform(-1.8, 1.8)];
  return ([px, py]) => {
    const y = (py - 0.5) * height;
    const x = (px - 0.5) * width - slant * y;
    return [SIZE / 2 + shiftX + cosine * x - sine * y, SIZE / 2 + shiftY + sine * x + cosine * y];
  };
}

/** Ink from 0 to 1: full inside the pen's width, falling off over one pixel at its edge. */
function draw(lines, random) {
  const radius = random.uniform(0.75, 1.7);
  const ink = random.uniform(0.7, 1);
  const nearest = new Float64Array(SIZE * SIZE).fill(Infinity);
  for (const points of lines) {
    for (let i = 1; i < points.length; i++) approach(nearest, points[i - 1], points[i], radius + 1);
  }
  return nearest.map((squared) => ink * Math.min(1, Math.max(0, radius + 0.5 - Math.sqrt(squared))));
}

/** Lowers each pixel's squared distance to that from one line, as far as the line's ink may reach. */
function approach(nearest, [x0, y0], [x1, y1], reach) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const first = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - reach));
  const last = (a, b) => Math.min(SIZE - 1, Math.ceil(Math.max(a, b) + reach));
  for (let y = first(y0, y1); y <= last(y0, y1); y++) {
    for (let x = first(x0, x1); x <= last(x0, x1); x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const [ex, ey] = [px - along * dx, py - along * dy];
      const i = y * SIZE + x;
      nearest[i] = Math.min(nearest[i], ex * ex + ey * ey);
    }
  }
}

/** Grain on the ink, a few specks on the paper; 32 levels of grey, which keeps the files small. */
function addNoise(ink, random) {
  return Uint8Array.from(ink, (value) => {
    const grain = value > 0 ? 0.08 * random.normal() : 0;
    const speck = random.uniform() < 0.01 ? random.uniform(0.1, 0.7) : 0;
    const level = Math.round(31 * Math.min(1, Math.max(0, value + grain, speck)));
    return Math.round((level * 255) / 31);
  });
}

function idx(shape, bytes) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, bytes]);
}

/** Without time or system in the header; runs only (Z_RLE), as the search for matches differs between CPUs. */
function zip(bytes) {
  const zipped = gzipSync(bytes, { level: 9, memLevel: 9, strategy: constants.Z_RLE });
  zipped.fill(0, 4, 8);
  zipped[9] = 255;
  return zipped;
}

function write(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [split, count] of Object.entries(SPLITS)) {
    const labels = makeLabels(split);
    const images = Buffer.concat(Array.from(labels, (label, record) => makeImage(split, record, label)));
    writeFileSync(`${folder}/${split}-images.idx.gz`, zip(idx([count, SIZE, SIZE], images)));
    writeFileSync(`${folder}/${split}-labels.idx.gz`, zip(idx([count], labels)));
  }
}

function show(count) {
  const labels = makeLabels('test');
  for (let record = 0; record < count; record++) {
    const image = makeImage('test', record, labels[record]);
    console.log(`record ${record}: ${labels[record]}`);
    for (let y = 0; y < SIZE; y++) {
      const row = image.subarray(y * SIZE, (y + 1) * SIZE);
      console.log(Array.from(row, (value) => ' .:-=+*#%@'[Math.floor(value / 25.6)].repeat(2)).join(''));
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [option, count] = process.argv.slice(2);
  if (option === '--show') show(Number(count ?? 10));
  else write(fileURLToPath(new URL('../dsl-examples/data/glyphs', import.meta.url)));
}
