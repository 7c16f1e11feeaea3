/**
 * What the printing of one kernel keeps at hand: bindings, helpers, uniform fields in use, and the statements
 * under construction. In: kernel and layout. Out: names to refer to, and statements.
 */
import type { Kernel, KernelBinding } from '../../kernel/ir.ts';
import {
  call,
  member,
  name,
  typeName,
  unsigned,
  type ScalarName,
  type WgslExpression,
  type WgslStatement,
} from './ast.ts';
import { turnVariable, variableName } from './names.ts';
import { HelperSet, type HelperName } from './prelude.ts';

/** Fields of the uniform block before the scalars; `zero` is 0, which the shader compiler does not know. */
export const FIXED_FIELDS = ['seed', 'draw', 'batch', 'zero'] as const;

/**
 * An expression on its way into a statement. `depth` is that of its tree; `constant`: WGSL would evaluate it
 * when the shader is created, and refuse it on overflow.
 */
export interface Emitted {
  readonly code: WgslExpression;
  readonly depth: number;
  readonly constant: boolean;
}

/** Deeper trees are cut by a `let`: parsers give up at about a hundred nested parentheses. */
const DEEPEST = 24;

export class ShaderScope {
  readonly kernel: Kernel;
  readonly helpers = new HelperSet();
  /** Uniform fields used: how many scalars, and whether any field at all. */
  scalarsUsed = 0;
  #fixedUsed = false;
  #hoisted = 0;
  #statements: WgslStatement[] = [];
  readonly #scalars: readonly string[];

  constructor(kernel: Kernel, scalars: readonly string[]) {
    this.kernel = kernel;
    this.#scalars = scalars;
  }

  get usesUniform(): boolean {
    return this.#fixedUsed || this.scalarsUsed > 0 || this.helpers.usesUniform;
  }

  binding(index: number): KernelBinding {
    const binding = this.kernel.bindings[index];
    if (!binding) throw new Error(`internal: ${this.kernel.name} has no binding ${index}`);
    return binding;
  }

  bindingName(index: number): string {
    const { reads, writes } = this.binding(index);
    return `${writes ? (reads ? 'inout' : 'output') : 'input'}${index}`;
  }

  scratchName(array: number): string {
    if (!this.kernel.scratch?.[array])
      throw new Error(`internal: ${this.kernel.name} has no scratch array ${array}`);
    return `scratch${array}`;
  }

  variable(text: string): WgslExpression {
    return name(variableName(text));
  }

  uniform(field: (typeof FIXED_FIELDS)[number]): Emitted {
    this.#fixedUsed = true;
    return leaf(member(name('uniforms'), field));
  }

  /** The number of a loop's turn, which has a uniform binding of its own. */
  turn(depth: number): Emitted {
    return leaf(member(name(turnVariable(depth)), 'number'));
  }

  scalar(text: string): Emitted {
    const index = this.#scalars.indexOf(text);
    if (index < 0) throw new Error(`internal: scalar ${text} is not in the uniform block`);
    this.scalarsUsed = Math.max(this.scalarsUsed, index + 1);
    return leaf(member(name('uniforms'), `scalar${index}`));
  }

  helper(helper: HelperName, lanes: 1 | 4, ...operands: readonly Emitted[]): Emitted {
    const callee = this.helpers.use(helper, lanes);
    return this.join(operands, (codes) => call(callee, ...codes));
  }

  push(statement: WgslStatement): void {
    this.#statements.push(statement);
  }

  /** Statements that `fill` pushes, apart from those so far. */
  block(fill: () => void): WgslStatement[] {
    const outer = this.#statements;
    this.#statements = [];
    fill();
    const inner = this.#statements;
    this.#statements = outer;
    return inner;
  }

  /** Gives the value a name before the statement at hand. */
  hoist(value: Emitted): Emitted {
    if (value.code.kind === 'name') return value;
    const text = `hoisted${this.#hoisted++}`;
    this.push({ kind: 'let', name: text, value: value.code });
    return leaf(name(text));
  }

  /**
   * An operation on operands. Where all of them are constants the first is hoisted, so that the device and
   * not the shader compiler computes it; operands that are too deep are hoisted as well.
   */
  join(operands: readonly Emitted[], build: (codes: WgslExpression[]) => WgslExpression): Emitted {
    const constant = operands.length > 0 && operands.every((operand) => operand.constant);
    const ready = operands.map((operand, i) =>
      (constant && i === 0) || operand.depth >= DEEPEST ? this.hoist(operand) : operand,
    );
    return {
      code: build(ready.map((operand) => operand.code)),
      depth: 1 + Math.max(0, ...ready.map((operand) => operand.depth)),
      constant: false,
    };
  }

  /** A vector of one scalar or of four; of constants it is one itself, for nothing is computed. */
  construct(scalar: ScalarName, operands: readonly Emitted[]): Emitted {
    const ready = operands.map((operand) => (operand.depth >= DEEPEST ? this.hoist(operand) : operand));
    return {
      code: call(typeName({ scalar, lanes: 4 }), ...ready.map((operand) => operand.code)),
      depth: 1 + Math.max(...ready.map((operand) => operand.depth)),
      constant: ready.every((operand) => operand.constant),
    };
  }
}

export const leaf = (code: WgslExpression): Emitted => ({ code, depth: 0, constant: false });

export const constant = (code: WgslExpression): Emitted => ({ code, depth: 0, constant: true });

export const count = (value: number): Emitted => constant(unsigned(value));
