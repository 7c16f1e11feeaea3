/** Powers with an exponent known at compile time, as products and roots: exact, and cheap to differentiate. */
import type { Span } from '../../runtime/plan-format.ts';
import { isFloat } from '../graph/op-row.ts';
import type { Context } from './context.ts';
import type { NumberValue } from './values.ts';

/** Undefined where the general power is due. */
export function powerOf(
  context: Context,
  base: number,
  exponent: NumberValue,
  exponentSpan: Span,
  span: Span,
): number | undefined {
  const tensors = context.tensors(span);
  const dtype = tensors.dtype(base);
  if (dtype === 'bool') return undefined;
  if (!isFloat(dtype) && exponent.value < 0) {
    context.fail('E0220', exponentSpan, `an exponent of ${dtype} counts from 0, this is ${exponent.value}`);
  }
  const square = (x: number) => tensors.binary('mul', x, x);
  const inverse = (x: number) => tensors.binary('div', tensors.constant(1, dtype), x);
  switch (exponent.value) {
    case 1:
      return base;
    case 2:
      return square(base);
    case 3:
      return tensors.binary('mul', square(base), base);
    case 4:
      return square(square(base));
    case 0.5:
      return isFloat(dtype) ? tensors.unary('sqrt', base) : undefined;
    case -0.5:
      return tensors.unary('rsqrt', base);
    case -1:
      return inverse(base);
    case -2:
      return inverse(square(base));
    default:
      return undefined;
  }
}
