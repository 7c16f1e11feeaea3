/** Statements of a kernel's body to WebAssembly. In: verified statements. Out: structured code; names become locals. */
import type { Expression, Statement } from '../../kernel/ir.ts';
import { emitAddress, emitExpression, emitScratch } from './expressions.ts';
import { bindingOf, FIRST_BINDING, variableLocal, wasmTypeOf, type KernelScope } from './kernel-scope.ts';

export function emitStatements(scope: KernelScope, body: readonly Statement[]): void {
  for (const statement of body) emitStatement(scope, statement);
}

function emitStatement(scope: KernelScope, s: Statement): void {
  const { f, variables } = scope;
  switch (s.kind) {
    case 'let':
    case 'var': {
      emitExpression(scope, s.value);
      const local = f.local(wasmTypeOf(s.value.type));
      f.set(local);
      variables.set(s.name, local);
      return;
    }
    case 'assign':
      emitExpression(scope, s.value);
      f.set(variableLocal(scope, s.name));
      return;
    case 'for':
      emitFor(scope, s);
      return;
    case 'if':
      emitExpression(scope, s.condition);
      f.if();
      emitStatements(scope, s.then);
      if (s.else && s.else.length > 0) {
        f.else();
        emitStatements(scope, s.else);
      }
      f.end();
      return;
    case 'store':
      emitStore(scope, s.binding, s.index, s.value);
      return;
    case 'scratch_store': {
      const store = s.value.type.lanes === 4 ? 'v128.store' : s.value.type.scalar === 'f32' ? 'f32.store' : 'i32.store'; // prettier-ignore
      emitScratch(scope, s.array, s.index, store, undefined, 0, () => emitExpression(scope, s.value));
      return;
    }
    case 'barrier':
      // A workgroup is one thread here.
      return;
    default:
      return s satisfies never;
  }
}

/** Bounds are worked out once. A loop known to have turns is tested at its end only. */
function emitFor(scope: KernelScope, s: Extract<Statement, { kind: 'for' }>): void {
  const { f, variables } = scope;
  const variable = f.local('i32');
  variables.set(s.variable, variable);
  emitExpression(scope, s.from);
  f.set(variable);
  const { from, to } = s;
  const end = to.kind === 'literal' ? undefined : f.local('i32');
  if (end !== undefined) {
    emitExpression(scope, to);
    f.set(end);
  }
  const pushEnd = (): void => void (end === undefined ? emitExpression(scope, to) : f.get(end));
  const certain = from.kind === 'literal' && to.kind === 'literal' && from.value < to.value;
  f.block();
  if (!certain) {
    f.get(variable);
    pushEnd();
    f.op('i32.ge_u').branchIf(0);
  }
  f.loop();
  emitStatements(scope, s.body);
  f.get(variable).i32(s.step).op('i32.add').tee(variable);
  pushEnd();
  f.op('i32.lt_u').branchIf(0);
  f.end().end();
}

/** Truth values are kept as 0 or 1. */
function emitStore(scope: KernelScope, binding: number, index: Expression, value: Expression): void {
  const { f } = scope;
  const { width } = bindingOf(scope, binding);
  const { scalar } = value.type;
  const store = width === 4 ? 'v128.store' : scalar === 'f32' ? 'f32.store' : 'i32.store';
  emitAddress(scope, FIRST_BINDING + binding, index, 4 * width, 0, store, () => {
    emitExpression(scope, value);
    if (scalar === 'bool' && width === 4) f.words(1).op('v128.and');
  });
}
