/**
 * Quotients and remainders of integers, which WebAssembly refuses for a divisor of zero and for -2^31 / -1. In: two
 * operands. Out: instructions; four lanes are divided one by one. `x / 0` is x, `x % 0` is 0, as WGSL defines them.
 */
import type { Expression } from '../../kernel/ir.ts';
import { wasmTypeOf, type KernelScope } from './kernel-scope.ts';
import { constantValue } from './operands.ts';

export function emitDivision(
  scope: KernelScope,
  kind: 'div' | 'rem',
  dividend: Expression,
  divisor: Expression,
): void {
  const { f } = scope;
  const signed = dividend.type.scalar === 'i32';
  const known = constantValue(divisor);
  const safe = known !== undefined && known !== 0 && !(signed && known === -1);
  const instruction = `i32.${kind}_${signed ? 's' : 'u'}` as const;
  if (dividend.type.lanes === 1 && safe) {
    scope.emit(dividend);
    scope.emit(divisor);
    f.op(instruction);
    return;
  }
  const type = wasmTypeOf(dividend.type);
  const [a, b, x, y] = [f.local(type), f.local(type), f.local('i32'), f.local('i32')];
  scope.emit(dividend);
  scope.emit(divisor);
  f.set(b).set(a);
  /** One pair; the operands in x and y. */
  const divide = (): void => {
    // Divided by 1 where the instruction would trap: the quotient is x, and the remainder 0, as they should be.
    f.get(x).i32(1).get(y).get(y).op('i32.eqz');
    if (signed)
      f.get(y)
        .i32(-1)
        .op('i32.eq')
        .get(x)
        .i32(-(2 ** 31))
        .op('i32.eq', 'i32.and', 'i32.or');
    f.op('select', instruction);
  };
  if (dividend.type.lanes === 1) {
    f.get(a).set(x).get(b).set(y);
    divide();
  } else {
    f.words(0);
    for (let lane = 0; lane < 4; lane++) {
      f.get(a).lane('i32x4.extract_lane', lane).set(x);
      f.get(b).lane('i32x4.extract_lane', lane).set(y);
      divide();
      f.lane('i32x4.replace_lane', lane);
    }
  }
  f.release(type, b);
  f.release(type, a);
  f.release('i32', y);
  f.release('i32', x);
}
