/**
 * Makes the text of the language models: short stories from a grammar, in words that spell and rhyme with each
 * other as little as those of any text, but with a plot: who goes out, finds something, and what comes of it.
 *
 *   node scripts/make-stories.mjs    writes dsl-examples/data/stories/input.txt
 */
import { generator } from './random.mjs';
import { writeWhenStarted } from './write-data.mjs';

const SEED = 53;
const STORIES = 450;

const WHO = [
  { name: 'the fox', they: 'she', their: 'her' },
  { name: 'the old miller', they: 'he', their: 'his' },
  { name: 'a young heron', they: 'it', their: 'its' },
  { name: 'the baker', they: 'she', their: 'her' },
  { name: 'a tired king', they: 'he', their: 'his' },
  { name: 'the youngest owl', they: 'she', their: 'her' },
  { name: 'a wooden clock', they: 'it', their: 'its' },
];
const WHEN = ['one morning', 'late in autumn', 'when the moon was full', 'after the rain', 'on a market day'];
const WHERE = ['to the river', 'into the forest', 'up the hill', 'across the bridge', 'down to the harbour'];
const WHAT = [
  'a silver key',
  'an empty basket',
  'a letter without a name',
  'two black stones',
  'a small lantern',
];
const OTHER = ['a gull', 'the ferryman', 'a blind mouse', 'the tailor', 'a boy with a drum'];
const QUESTION = ['whose is this?', 'what is it good for?', 'may i keep it?', 'do you know the way home?'];
const ANSWER = [
  'ask again tomorrow.',
  'it is yours now.',
  'give it back to the water.',
  'only the wind knows that.',
];
const END = [
  'slept until noon',
  'laughed for a long time',
  'told nobody',
  'was never hungry again',
  'walked home singing',
];

const capital = (text) => text[0].toUpperCase() + text.slice(1);

function story(record) {
  const { below } = generator(SEED, record);
  const one = (list) => list[below(list.length)];
  const [who, what, other] = [one(WHO), one(WHAT), one(OTHER)];
  const lines = [
    `${capital(one(WHEN))} ${who.name} went ${one(WHERE)}.`,
    `There ${who.they} found ${what} and put it under ${who.their} arm.`,
    `${capital(other)} came by. "${capital(one(QUESTION))}" asked ${who.name}.`,
    `"${capital(one(ANSWER))}" said ${other.replace(/^an? /, 'the ')}.`,
    `So ${who.they} took ${what.replace(/^(an?|two) /, (_, word) => (word === 'two' ? 'the two ' : 'the '))} home and ${one(END)}.`,
  ];
  return `${lines.join('\n')}\n`;
}

export const makeStories = () => ({
  'stories/input.txt': Array.from({ length: STORIES }, (_, record) => story(record)).join('\n'),
});

writeWhenStarted(import.meta.url, makeStories);
