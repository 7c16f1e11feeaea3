/** What the functions of the kernel IR give on one lane, rounded as f32; of the host evaluator. */
import {
  divideIntegers,
  erf,
  multiplyIntegers,
  powerIntegers,
  remainderIntegers,
  roundHalfEven,
  wrap,
} from '../../compiler/graph/scalar-functions.ts';
import type { BinaryFunction, ScalarType, UnaryFunction } from '../../compiler/kernel/ir.ts';

export function round(value: number, scalar: ScalarType): number {
  return scalar === 'f32' || scalar === 'f16' ? Math.fround(value) : wrap(value, scalar);
}

const bit = (truth: boolean): number => (truth ? 1 : 0);

export function unaryOf(name: UnaryFunction, scalar: ScalarType): (x: number) => number {
  if (name === 'is_nan') return (x) => bit(Number.isNaN(x));
  if (name === 'is_inf') return (x) => bit(Math.abs(x) === Infinity);
  if (name === 'not') return (x) => 1 - x;
  const functions = {
    neg: (x: number) => -x,
    abs: Math.abs,
    sign: Math.sign,
    floor: Math.floor,
    ceil: Math.ceil,
    round: roundHalfEven,
    exp: Math.exp,
    log: Math.log,
    sqrt: Math.sqrt,
    rsqrt: (x: number) => 1 / Math.sqrt(x),
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    erf,
  };
  const f = functions[name];
  return (x) => round(f(x), scalar);
}

export function binaryOf(name: BinaryFunction, scalar: ScalarType): (a: number, b: number) => number {
  const float = scalar === 'f32' || scalar === 'f16';
  switch (name) {
    case 'add':
      return (a, b) => round(a + b, scalar);
    case 'sub':
      return (a, b) => round(a - b, scalar);
    case 'mul':
      return float ? (a, b) => Math.fround(a * b) : (a, b) => multiplyIntegers(a, b, scalar);
    case 'div':
      return float ? (a, b) => Math.fround(a / b) : (a, b) => divideIntegers(a, b, scalar);
    case 'mod':
      return float ? (a, b) => Math.fround(a % b) : remainderIntegers;
    case 'pow':
      return float
        ? (a, b) => (a === 1 || b === 0 ? 1 : Math.fround(a ** b))
        : (a, b) => powerIntegers(a, b, scalar);
    case 'min':
      return (a, b) => Math.min(a, b);
    case 'max':
      return (a, b) => Math.max(a, b);
    case 'and':
      return (a, b) => a * b;
    case 'or':
      return (a, b) => Math.max(a, b);
    case 'eq':
      return (a, b) => bit(a === b);
    case 'ne':
      return (a, b) => bit(a !== b);
    case 'lt':
      return (a, b) => bit(a < b);
    case 'le':
      return (a, b) => bit(a <= b);
    case 'gt':
      return (a, b) => bit(a > b);
    case 'ge':
      return (a, b) => bit(a >= b);
  }
}
