/**
 * Makes arrays of the examples: series, number words and a graph.
 *
 *   node scripts/make-arrays.mjs     writes waves/, numbers/ and friends/ of .npy files
 */
import { npy } from './npy.mjs';
import { generator } from './random.mjs';
import { writeWhenStarted } from './write-data.mjs';

const SEED = 47;

/** 2000 series of 48 values: a sine, a square, a saw or a triangle, of any pitch and phase, with noise. */
function waves() {
  const shapes = [
    (turn) => Math.sin(2 * Math.PI * turn),
    (turn) => (turn < 0.5 ? 1 : -1),
    (turn) => 2 * turn - 1,
    (turn) => 4 * Math.abs(turn - 0.5) - 1,
  ];
  const [records, length] = [2000, 48];
  const values = new Uint8Array(records * length);
  const kinds = new Uint8Array(records);
  for (let record = 0; record < records; record++) {
    const { uniform, normal, below } = generator(SEED, 1, record);
    const [pitch, phase, height] = [uniform(1 / 24, 1 / 10), uniform(), uniform(0.5, 1)];
    kinds[record] = below(shapes.length);
    for (let t = 0; t < length; t++) {
      const value = height * shapes[kinds[record]]((phase + pitch * t) % 1) + 0.12 * normal();
      values[record * length + t] = Math.round(Math.min(255, Math.max(0, 128 + 85 * value)));
    }
  }
  return {
    'waves/values.npy': npy([records, length], values),
    'waves/kinds.npy': npy([records], kinds),
  };
}

/** Words by their number; 0 fills up. */
export const WORDS = [
  ...['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
  ...['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety', 'hundred', 'thousand'],
];

/** A whole number from 1 to 9,999 as it is said. */
function said(number) {
  if (number < 20) return number === 0 ? [] : [number];
  if (number < 100) return [WORDS.indexOf('twenty') + Math.floor(number / 10) - 2, ...said(number % 10)];
  const [size, word] = number < 1000 ? [100, 'hundred'] : [1000, 'thousand'];
  return [...said(Math.floor(number / size)), WORDS.indexOf(word), ...said(number % size)];
}

/** Numbers below 10,000 in words, up to eight, and in digits: 11 ends them and fills up. */
function numbers() {
  const [records, longest, END] = [5000, 8, 11];
  const words = new Uint8Array(records * longest);
  const digits = new Uint8Array(records * 5);
  for (let record = 0; record < records; record++) {
    const number = 1 + generator(SEED, 2, record).below(9999);
    words.set(said(number), record * longest);
    const text = [...String(number)].map(Number);
    digits.set([...text, ...Array.from({ length: 5 - text.length }, () => END)], record * 5);
  }
  return {
    'numbers/words.npy': npy([records, longest], words),
    'numbers/digits.npy': npy([records, 5], digits),
  };
}

/**
 * 240 people in four circles of friends. Each knows eight or so, four times in five of the same circle; what
 * is known of a person (16 yes-or-no answers) says little about the circle. The circle of every tenth is told.
 */
function friends() {
  const [people, circles, answers] = [240, 4, 16];
  const circle = Uint8Array.from({ length: people }, (_, i) => i % circles);
  const knows = new Uint8Array(people * people);
  const said = new Uint8Array(people * answers);
  for (let i = 0; i < people; i++) {
    const { uniform, below } = generator(SEED, 3, i);
    for (let friend = 0; friend < 4; friend++) {
      let j = below(people);
      const same = uniform() < 0.8;
      while (j === i || (circle[j] === circle[i]) !== same) j = below(people);
      knows[i * people + j] = knows[j * people + i] = 1;
    }
    for (let a = 0; a < answers; a++)
      said[i * answers + a] = uniform() < (a % circles === circle[i] ? 0.55 : 0.35) ? 1 : 0;
  }
  const told = Uint8Array.from({ length: people }, (_, i) => (Math.floor(i / circles) % 10 === 0 ? 1 : 0));
  return {
    'friends/knows.npy': npy([1, people, people], knows),
    'friends/answers.npy': npy([1, people, answers], said),
    'friends/circle.npy': npy([1, people], circle),
    'friends/told.npy': npy([1, people], told),
  };
}

export const makeArrays = () => ({ ...waves(), ...numbers(), ...friends() });

writeWhenStarted(import.meta.url, makeArrays);
