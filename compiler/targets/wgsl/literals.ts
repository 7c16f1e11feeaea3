/**
 * Numbers as WGSL writes them. In: a finite f64. Out: text that reads back as the same f32, f16, i32 or u32.
 * Infinities and NaN have no literal in WGSL: `from-kernel` makes them from bits.
 */
import { roundToHalf } from '../../graph/scalar-functions.ts';
import type { ScalarName } from './ast.ts';

const LARGEST_DECIMAL = 1e38;
const SMALLEST_DECIMAL = 1.2e-38;

export function printLiteral(value: number, scalar: ScalarName): string {
  switch (scalar) {
    case 'bool':
      return value === 0 ? 'false' : 'true';
    case 'u32':
      return `${value >>> 0}u`;
    case 'i32':
      // The literal 2147483648i does not exist, so its negation does not either.
      return (value | 0) === -(2 ** 31) ? 'i32(-2147483648)' : `${value | 0}i`;
    case 'f32':
      return printFloat(Math.fround(value));
    case 'f16':
      return printHalf(roundToHalf(value));
    default:
      return scalar satisfies never;
  }
}

function printFloat(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`internal: ${value} has no WGSL literal`);
  const size = Math.abs(value);
  // Near the ends of the range a rounded decimal may fall outside: hexadecimal is exact.
  if (size > LARGEST_DECIMAL || (size !== 0 && size < SMALLEST_DECIMAL)) return `${hexadecimal(value)}f`;
  const text = shortest(value);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** Rounded decimals stay inside the range: 65500 is one of 65504. */
function printHalf(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`internal: ${value} has no WGSL literal of f16`);
  const text = shortest(value, roundToHalf);
  return /[.e]/.test(text) ? `${text}h` : `${text}.0h`;
}

/** The fewest digits that round to the same number. */
function shortest(value: number, round: (x: number) => number = Math.fround): string {
  if (Object.is(value, -0)) return '-0.0';
  for (let digits = 1; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (round(rounded) === value) return String(rounded);
  }
  return String(value);
}

/** `0x1.8p-130`: mantissa in hexadecimal, exponent of two. */
function hexadecimal(value: number): string {
  const size = Math.abs(value);
  const exponent = Math.floor(Math.log2(size));
  const fraction = Math.round((size / 2 ** exponent - 1) * 2 ** 24)
    .toString(16)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}0x1${fraction && `.${fraction}`}p${exponent >= 0 ? '+' : ''}${exponent}`;
}
