/**
 * Keeps a software device's compiler from unrolling short loops. Its compile time grows steeply with the
 * accesses of a kernel, so that a loop of ten turns with eight loads, unrolled, takes seconds. In: a body.
 * Out: the same body in which the bound of such a loop is not a number the compiler knows: min(n, n * batch),
 * which is n, as there is never less than one record.
 */
import { batch, binary } from './expression.ts';
import type { Expression, Statement } from './ir.ts';
import { bodiesOf, expressionsOf, operandsOf } from './visit.ts';

/** Loops of more turns are not unrolled. */
const SHORT = 128;
/** So many accesses compile fast. */
const FEW = 8;

export function keepLoops(body: readonly Statement[]): Statement[] {
  return body.map((s) => {
    switch (s.kind) {
      case 'for': {
        const inner = keepLoops(s.body);
        const turns =
          s.from.kind === 'literal' && s.to.kind === 'literal' ? s.to.value - s.from.value : Infinity;
        const unrolled = turns <= SHORT && turns > 1 && turns * accesses(inner) > FEW;
        return { ...s, body: inner, to: unrolled ? unknown(s.to) : s.to };
      }
      case 'if':
        return { ...s, then: keepLoops(s.then), ...(s.else ? { else: keepLoops(s.else) } : {}) };
      case 'let':
      case 'var':
      case 'assign':
      case 'store':
      case 'scratch_store':
      case 'barrier':
        return s;
      default:
        return s satisfies never;
    }
  });
}

const unknown = (count: Expression): Expression => binary('min', count, binary('mul', count, batch));

/** Loads and stores in the text, a vec4 counting once. The bounds of loops are numbers and sizes. */
export function accesses(body: readonly Statement[]): number {
  return body.reduce((count, s) => {
    const stores = s.kind === 'store' || s.kind === 'scratch_store' ? 1 : 0;
    return count + stores + sumOf(expressionsOf(s), loads) + sumOf(bodiesOf(s), accesses);
  }, 0);
}

const loads = (e: Expression): number =>
  (e.kind === 'load' || e.kind === 'scratch_load' ? 1 : 0) + sumOf(operandsOf(e), loads);

const sumOf = <T>(list: readonly T[], count: (each: T) => number): number =>
  list.reduce((sum, each) => sum + count(each), 0);
