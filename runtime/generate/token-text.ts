/** Codes of tokens as text, one after another. In: a vocabulary. Out: what each code adds to the text. */
import type { Vocabulary } from '../data/tables.ts';

/** The text that a token adds; of bytes, '' until a character is whole. */
export type TokenText = (code: number) => string;

/** `before`: the text that the tokens go on from, as words are set apart by a blank. */
export function tokenText(vocabulary: Vocabulary, before: string): TokenText {
  switch (vocabulary.kind) {
    case 'chars': {
      const characters = [...vocabulary.characters];
      return (code) => characters[code] ?? '';
    }
    case 'words': {
      let apart = before !== '' && !/\s$/.test(before);
      return (code) => {
        const word = vocabulary.words[code] ?? '';
        const text = apart ? ` ${word}` : word;
        apart = true;
        return text;
      };
    }
    case 'bytes': {
      const decoder = new TextDecoder();
      return (code) => decoder.decode(Uint8Array.of(code), { stream: true });
    }
    default:
      return vocabulary satisfies never;
  }
}

/** Of all codes below `count`, those that stand for text: not padding of the model's size, not unknown words. */
export function spokenCodes(vocabulary: Vocabulary, count: number): number {
  switch (vocabulary.kind) {
    case 'chars':
      return Math.min(count, [...vocabulary.characters].length);
    case 'words':
      return Math.min(count, vocabulary.words.length);
    case 'bytes':
      return Math.min(count, 256);
    default:
      return vocabulary satisfies never;
  }
}
