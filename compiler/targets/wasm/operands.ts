/** Numbers, and values that are needed several times. In: expressions. Out: instructions. */
import type { Expression, ValueType } from '../../kernel/ir.ts';
import { wasmTypeOf, type KernelScope } from './kernel-scope.ts';

/** The number in as many lanes as the type has. */
export function emitNumber(scope: KernelScope, value: number, { scalar, lanes }: ValueType): void {
  const { f } = scope;
  if (scalar === 'f32') {
    if (lanes === 4) f.floats(value);
    else f.f32(value);
  } else if (lanes === 1) f.i32(scalar === 'bool' ? Number(value !== 0) : value);
  else f.words(scalar === 'bool' ? -Number(value !== 0) : value);
}

/** Puts a value that is needed several times into a local; `use` reads it there. */
export function withLocal(scope: KernelScope, x: Expression, use: (local: number) => void): void {
  const type = wasmTypeOf(x.type);
  scope.emit(x);
  const local = scope.f.local(type);
  scope.f.set(local);
  use(local);
  scope.f.release(type, local);
}

/** The number of a constant, in all lanes. */
export function constantValue(e: Expression): number | undefined {
  if (e.kind === 'literal') return e.value;
  return e.kind === 'splat' ? constantValue(e.operand) : undefined;
}
