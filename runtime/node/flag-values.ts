/** Values of flags, as every command line of netc reads them. In: the text behind a flag. Out: its value, or what is wrong. */

/** A whole number; digits may be grouped with `_`. Undefined where it is none from `low` to `high`. */
export function wholeNumberIn(text: string, low: number, high: number): number | undefined {
  const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
  return value >= low && value <= high ? value : undefined;
}

/** `from 1`, `from 0 to 255`. */
export const rangeText = (low: number, high: number): string =>
  high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;

export const ASSIGNMENT = 'written NAME=VALUE, for example T=64';

/** Name and value of `NAME=VALUE`; undefined where it is not written so. */
export function assignmentOf(text: string): [name: string, value: string] | undefined {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  return name === '' ? undefined : [name, text.slice(at + 1).trim()];
}
