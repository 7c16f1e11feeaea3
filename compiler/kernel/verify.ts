/**
 * Holds a kernel against the rules of the IR, after every lowering. In: a kernel. Throws a plain Error, an
 * internal one, at the first rule broken: types, names bound once and before use, bindings within range and
 * used as they are declared, loads of an overwritten tensor before its store (unless it accumulates), barriers where
 * all threads of a workgroup come.
 */
import type { Dimension } from '../graph/dimension.ts';
import { checkUniformity, hasBarrier } from './uniformity.ts';
import { THREAD_IDS } from './thread-ids.ts';
import type {
  BinaryFunction,
  Expression,
  Kernel,
  ScalarType,
  Statement,
  UnaryFunction,
  ValueType,
} from './ir.ts';

type Scope = Map<string, { type: ValueType; mutable: boolean }>;

export function verifyKernel(kernel: Kernel): void {
  new Verifier(kernel).run();
}

const COMPARISONS: readonly BinaryFunction[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
const LOGICAL: readonly BinaryFunction[] = ['and', 'or'];
const TESTS: readonly UnaryFunction[] = ['is_nan', 'is_inf'];
const ANY_NUMBER: readonly UnaryFunction[] = ['neg', 'abs', 'sign'];
const isFloat = (scalar: ScalarType): boolean => scalar === 'f32' || scalar === 'f16';

class Verifier {
  private readonly kernel: Kernel;
  private readonly names = new Set<string>();
  private readonly stored = new Set<number>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  run(): void {
    const { bindings, workgroup, threads } = this.kernel;
    const keys = bindings.map(({ tensor, window }) => {
      const key =
        tensor.kind === 'named' ? `named:${tensor.name}` : `value:${tensor.value}:${tensor.part ?? ''}`;
      return `${key} ${window?.from ?? ''}`;
    });
    this.check(new Set(keys).size === keys.length, 'a tensor is bound twice');
    this.check(
      bindings.every(({ reads, writes }) => reads || writes),
      'a binding is neither read nor written',
    );
    this.check(
      bindings.every(({ width, storage }) => width === 1 || storage !== 'u8'),
      'bytes are bound as vec4',
    );
    this.check(
      workgroup.every((n) => Number.isInteger(n) && n > 0),
      'a workgroup without threads',
    );
    this.check(
      threads.every((list) => list.length > 0),
      'threads without an extent',
    );
    this.check(
      (this.kernel.scratch ?? []).every(({ length }) => Number.isInteger(length) && length > 0),
      'a scratch array without elements',
    );
    const scope: Scope = new Map();
    for (const name of THREAD_IDS) this.declare(scope, name, { scalar: 'u32', lanes: 1 }, false);
    this.statements(this.kernel.body, scope);
    bindings.forEach(({ writes }, i) =>
      this.check(!writes || this.stored.has(i), `binding ${i} is never stored to`),
    );
    if (!hasBarrier(this.kernel.body)) return;
    this.check((this.kernel.scratch ?? []).length > 0, 'a barrier, and nothing that is shared');
    this.check(
      threads.every((list, axis) => fixedFactor(list) % (workgroup[axis] as number) === 0),
      'a barrier, and threads that are no whole workgroups',
    );
    checkUniformity(this.kernel);
  }

  private check(holds: boolean, what: string): void {
    if (!holds) throw new Error(`internal: kernel ${this.kernel.name}: ${what}`);
  }

  private same(a: ValueType, b: ValueType, where: string): void {
    this.check(a.scalar === b.scalar && a.lanes === b.lanes, `${where}: ${show(a)} and ${show(b)}`);
  }

  private declare(scope: Scope, name: string, type: ValueType, mutable: boolean): void {
    this.check(!this.names.has(name), `${name} is declared twice`);
    this.names.add(name);
    scope.set(name, { type, mutable });
  }

  private statements(list: readonly Statement[], outer: Scope): void {
    const scope: Scope = new Map(outer);
    for (const statement of list) this.statement(statement, scope);
  }

  private statement(statement: Statement, scope: Scope): void {
    switch (statement.kind) {
      case 'let':
      case 'var':
        this.expression(statement.value, scope);
        this.declare(scope, statement.name, statement.value.type, statement.kind === 'var');
        return;
      case 'assign': {
        const target = scope.get(statement.name);
        this.check(target !== undefined && target.mutable, `assignment to ${statement.name}`);
        this.expression(statement.value, scope);
        if (target) this.same(target.type, statement.value.type, `assignment to ${statement.name}`);
        return;
      }
      case 'for': {
        this.index(statement.from, scope);
        this.index(statement.to, scope);
        this.check(Number.isInteger(statement.step) && statement.step > 0, 'a loop without a step');
        const inner: Scope = new Map(scope);
        this.declare(inner, statement.variable, { scalar: 'u32', lanes: 1 }, false);
        this.statements(statement.body, inner);
        return;
      }
      case 'if':
        this.expression(statement.condition, scope);
        this.same(statement.condition.type, { scalar: 'bool', lanes: 1 }, 'condition');
        this.statements(statement.then, scope);
        if (statement.else) this.statements(statement.else, scope);
        return;
      case 'store':
        this.store(statement, scope);
        return;
      case 'scratch_store':
        this.index(statement.index, scope);
        this.expression(statement.value, scope);
        this.scratch(statement.array, statement.value.type);
        return;
      case 'barrier':
        return;
      default:
        statement satisfies never;
    }
  }

  private store(statement: Extract<Statement, { kind: 'store' }>, scope: Scope): void {
    const binding = this.kernel.bindings[statement.binding];
    this.check(binding?.writes === true, `store to binding ${statement.binding}`);
    this.index(statement.index, scope);
    this.expression(statement.value, scope);
    if (binding) {
      const scalar = binding.storage === 'u8' ? 'u32' : binding.storage;
      this.same(
        statement.value.type,
        { scalar, lanes: binding.width },
        `store to binding ${statement.binding}`,
      );
    }
    this.stored.add(statement.binding);
  }

  private scratch(array: number, type: ValueType): void {
    const declared = this.kernel.scratch?.[array];
    this.check(declared !== undefined, `no scratch array ${array}`);
    if (declared) this.same(type, { scalar: declared.scalar, lanes: declared.width }, declared.name);
  }

  private index(e: Expression, scope: Scope): void {
    this.expression(e, scope);
    this.same(e.type, { scalar: 'u32', lanes: 1 }, 'index');
  }

  private expression(e: Expression, scope: Scope): void {
    switch (e.kind) {
      case 'literal':
        this.check(e.type.lanes === 1, 'a literal of four lanes');
        return;
      case 'variable': {
        const known = scope.get(e.name);
        this.check(known !== undefined, `${e.name} is not bound here`);
        if (known) this.same(e.type, known.type, e.name);
        return;
      }
      case 'batch':
      case 'turn':
        this.same(e.type, { scalar: 'u32', lanes: 1 }, e.kind);
        return;
      case 'scalar':
        this.same(e.type, { scalar: 'f32', lanes: 1 }, e.name);
        return;
      case 'load':
        this.load(e, scope);
        return;
      case 'scratch_load':
        this.index(e.index, scope);
        this.scratch(e.array, e.type);
        return;
      case 'unary':
        this.expression(e.operand, scope);
        this.unary(e);
        return;
      case 'binary':
        this.expression(e.left, scope);
        this.expression(e.right, scope);
        this.binary(e);
        return;
      case 'fma':
        for (const part of [e.a, e.b, e.c]) {
          this.expression(part, scope);
          this.same(part.type, e.type, 'fma');
        }
        this.check(isFloat(e.type.scalar), 'fma of integers');
        return;
      case 'select':
        for (const part of [e.condition, e.whenTrue, e.whenFalse]) this.expression(part, scope);
        this.same(e.condition.type, { scalar: 'bool', lanes: e.type.lanes }, 'select');
        this.same(e.whenTrue.type, e.type, 'select');
        this.same(e.whenFalse.type, e.type, 'select');
        return;
      case 'cast':
        this.expression(e.operand, scope);
        this.check(e.operand.type.lanes === e.type.lanes, 'a cast that changes lanes');
        return;
      case 'splat':
        this.expression(e.operand, scope);
        this.same({ ...e.operand.type, lanes: 4 }, e.type, 'splat');
        this.check(e.operand.type.lanes === 1, 'splat of a vector');
        return;
      case 'vector':
        for (const lane of e.lanes) {
          this.expression(lane, scope);
          this.same(lane.type, { scalar: e.type.scalar, lanes: 1 }, 'vector');
        }
        this.check(e.type.lanes === 4, 'a vector of one lane');
        return;
      case 'lane':
        this.expression(e.operand, scope);
        this.same({ ...e.type, lanes: 4 }, e.operand.type, 'lane');
        this.check(e.type.lanes === 1, 'a lane of four lanes');
        return;
      case 'random_bits':
        this.index(e.element, scope);
        this.same(e.type, { scalar: 'u32', lanes: 1 }, 'random_bits');
        return;
      default:
        e satisfies never;
    }
  }

  private load(e: Extract<Expression, { kind: 'load' }>, scope: Scope): void {
    const binding = this.kernel.bindings[e.binding];
    this.check(binding?.reads === true, `load from binding ${e.binding}`);
    // An intermediate has no older value: a thread reads back what it has stored itself.
    const again = binding?.accumulates === true || binding?.tensor.kind === 'value';
    this.check(again || !this.stored.has(e.binding), `load from binding ${e.binding} after its store`);
    this.index(e.index, scope);
    if (!binding) return;
    const scalar = binding.storage === 'u8' ? e.type.scalar : binding.storage;
    this.same(e.type, { scalar, lanes: binding.width }, `load from binding ${e.binding}`);
  }

  private unary(e: Extract<Expression, { kind: 'unary' }>): void {
    const { operand, type } = e;
    if (TESTS.includes(e.function)) {
      this.check(isFloat(operand.type.scalar), `${e.function} of ${operand.type.scalar}`);
      this.same(type, { scalar: 'bool', lanes: operand.type.lanes }, e.function);
      return;
    }
    this.same(type, operand.type, e.function);
    const { scalar } = type;
    if (e.function === 'not') this.check(scalar === 'bool', `not of ${scalar}`);
    else if (ANY_NUMBER.includes(e.function)) this.check(scalar !== 'bool', `${e.function} of bool`);
    else this.check(isFloat(scalar), `${e.function} of ${scalar}`);
  }

  private binary(e: Extract<Expression, { kind: 'binary' }>): void {
    const { left, right, type } = e;
    this.same(left.type, right.type, e.function);
    const result: ValueType = COMPARISONS.includes(e.function)
      ? { scalar: 'bool', lanes: left.type.lanes }
      : left.type;
    this.same(type, result, e.function);
    const bool = left.type.scalar === 'bool';
    const anyType = e.function === 'eq' || e.function === 'ne';
    if (!anyType) this.check(LOGICAL.includes(e.function) === bool, `${e.function} of ${left.type.scalar}`);
  }
}

/** What the product of the sizes is a multiple of for every batch. */
const fixedFactor = (sizes: readonly Dimension[]): number =>
  sizes.reduce<number>((n, size) => n * (typeof size === 'number' ? size : 1), 1);

const show = ({ scalar, lanes }: ValueType): string => (lanes === 4 ? `vec4<${scalar}>` : scalar);
