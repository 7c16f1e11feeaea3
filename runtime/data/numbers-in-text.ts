/**
 * Numbers as csv files write them. In: a range of bytes. Out: the nearest double, or undefined where they are
 * no number. Grammar: blanks, a sign, digits with a point, an exponent; or inf, infinity, nan in any case.
 */

const SPACE = 0x20;
const TAB = 0x09;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;

/** Up to here products and quotients of a whole number and a power of ten are rounded once, so correctly. */
const EXACT_WHOLE = 2 ** 53;
const EXACT_POWER = 22;
const POWERS = Array.from({ length: EXACT_POWER + 1 }, (_, power) => 10 ** power);

const isDigit = (byte: number | undefined): byte is number =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

export function parseNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from])) from++;
  while (to > from && isBlank(bytes[to - 1])) to--;
  const negative = bytes[from] === MINUS;
  let at = negative || bytes[from] === PLUS ? from + 1 : from;

  let whole = 0;
  let digits = 0;
  let exponent = 0;
  for (; at < to && isDigit(bytes[at]); at++, digits++) whole = whole * 10 + (bytes[at] ?? 0) - 0x30;
  if (at < to && bytes[at] === POINT) {
    at++;
    for (; at < to && isDigit(bytes[at]); at++, digits++, exponent--)
      whole = whole * 10 + (bytes[at] ?? 0) - 0x30;
  }
  if (digits === 0) return named(bytes, from, to);
  if (at < to && ((bytes[at] ?? 0) | 0x20) === 0x65) {
    at++;
    const down = bytes[at] === MINUS;
    if (down || bytes[at] === PLUS) at++;
    if (at >= to) return undefined;
    let power = 0;
    for (; at < to && isDigit(bytes[at]); at++) power = power * 10 + (bytes[at] ?? 0) - 0x30;
    exponent += down ? -power : power;
  }
  if (at !== to) return undefined;
  if (whole >= EXACT_WHOLE || Math.abs(exponent) > EXACT_POWER) return Number(asText(bytes, from, to));
  const power = POWERS[Math.abs(exponent)] ?? 1;
  const value = exponent < 0 ? whole / power : whole * power;
  return negative ? -value : value;
}

const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === TAB;

const NAMED: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, nan: NaN };

function named(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to - from > 9) return undefined;
  const [, sign, name = ''] = /^([+-]?)([a-z]+)$/i.exec(asText(bytes, from, to)) ?? [];
  const value = Object.hasOwn(NAMED, name.toLowerCase()) ? NAMED[name.toLowerCase()] : undefined;
  return value !== undefined && sign === '-' ? -value : value;
}

function asText(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder().decode(bytes.subarray(from, to));
}
