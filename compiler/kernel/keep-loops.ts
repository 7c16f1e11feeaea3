/**
 * Keeps a software device's compiler from unrolling short loops. Its compile time grows steeply with the
 * accesses of a kernel, so that a loop of ten turns with eight loads, unrolled, takes seconds. In: a body.
 * Out: the same body in which the bound of such a loop is not a number the compiler knows: min(n, n * batch),
 * which is n, as there is never less than one record.
 */
import { batch, binary } from './expression.ts';
import type { Expression, Statement } from './ir.ts';

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

/** Loads and stores in the text, a vec4 counting once. */
export function accesses(body: readonly Statement[]): number {
  let count = 0;
  for (const s of body) {
    switch (s.kind) {
      case 'for':
        count += accesses(s.body);
        break;
      case 'if':
        count += loads(s.condition) + accesses(s.then) + accesses(s.else ?? []);
        break;
      case 'store':
      case 'scratch_store':
        count += 1 + loads(s.index) + loads(s.value);
        break;
      case 'let':
      case 'var':
      case 'assign':
        count += loads(s.value);
        break;
      case 'barrier':
        break;
      default:
        s satisfies never;
    }
  }
  return count;
}

function loads(e: Expression): number {
  switch (e.kind) {
    case 'literal':
    case 'variable':
    case 'batch':
    case 'turn':
    case 'scalar':
      return 0;
    case 'load':
    case 'scratch_load':
      return 1 + loads(e.index);
    case 'unary':
    case 'cast':
    case 'splat':
    case 'lane':
      return loads(e.operand);
    case 'binary':
      return loads(e.left) + loads(e.right);
    case 'fma':
      return loads(e.a) + loads(e.b) + loads(e.c);
    case 'select':
      return loads(e.condition) + loads(e.whenTrue) + loads(e.whenFalse);
    case 'vector':
      return e.lanes.reduce((sum, lane) => sum + loads(lane), 0);
    case 'random_bits':
      return loads(e.element);
    default:
      return e satisfies never;
  }
}
