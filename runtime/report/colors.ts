/** Colours of a terminal. In: whether there are any. Out: functions that mark a text, or leave it as it is. */

export type Mark = (text: string) => string;

/** Codes that begin and end a mark (ECMA-48, select graphic rendition). */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const;

export type Colors = Readonly<Record<keyof typeof CODES, Mark>>;

export function createColors(wanted: boolean): Colors {
  const mark = (name: keyof typeof CODES): Mark => {
    const [begin, end] = CODES[name];
    return wanted ? (text) => `\u001b[${begin}m${text}\u001b[${end}m` : (text) => text;
  };
  return {
    bold: mark('bold'),
    dim: mark('dim'),
    red: mark('red'),
    yellow: mark('yellow'),
    blue: mark('blue'),
    cyan: mark('cyan'),
  };
}
