/**
 * Precedence (LANGUAGE.md section 3). In: operands with their prefixes, and the operators between them, as
 * written. Out: one expression. Reported: chained comparisons, `not` where it binds too loosely.
 */
import type { IToken } from 'chevrotain';
import type { BinaryOperator, Expression } from './ast.ts';
import type { Place, Problem, SourceText } from './source-text.ts';
import { T, endOf, is } from './tokens.ts';

/** The higher the tighter. `not` and the unary minus take what binds tighter than they do. */
const LEVELS: Readonly<Record<BinaryOperator, number>> = {
  or: 1, and: 2,
  '<': 4, '<=': 4, '>': 4, '>=': 4, '==': 4, '!=': 4,
  '+': 5, '-': 5,
  '*': 6, '/': 6, '%': 6, '@': 6,
  '^': 8,
}; // prettier-ignore

/** How tight a binary operator binds, the higher the tighter. */
export function bindingLevel(operator: string): number {
  return LEVELS[operator as BinaryOperator];
}

const NOT = 3;
const COMPARISON = 4;
const UNARY = 7;
const POWER = 8;

/** A bound on the depth of the tree that later stages walk. */
const MOST_OPERATORS = 1000;

/** An expression with its place in the text, its own parentheses among it. */
export interface Placed extends Place {
  expression: Expression;
}

export interface Operand extends Placed {
  /** `-` and `not` before it, in order. */
  prefixes: readonly IToken[];
}

export interface Context {
  source: SourceText;
  problems: Problem[];
  /** Where statements begin whose heads failed to parse: nothing is made of them. */
  failed: ReadonlySet<number>;
}

export function combine(
  operands: readonly Operand[],
  operators: readonly IToken[],
  context: Context,
): Placed {
  const count = operands.reduce((sum, { prefixes }) => sum + 1 + prefixes.length, 0);
  const [first] = operands;
  if (!first) throw new Error('internal: an expression without operands');
  if (count <= MOST_OPERATORS) return new Climber(operands, operators, context).climb(0, 0);
  const message = `an expression of more than ${MOST_OPERATORS} operators is not supported`;
  const start = first.prefixes[0]?.startOffset ?? first.start;
  context.problems.push({ code: 'E0901', start, end: first.end, message });
  return first;
}

/** Precedence climbing; `next` is the index of the first operand not taken yet. */
class Climber {
  readonly #operands: readonly Operand[];
  readonly #operators: readonly IToken[];
  readonly #context: Context;
  #next = 0;

  constructor(operands: readonly Operand[], operators: readonly IToken[], context: Context) {
    this.#operands = operands;
    this.#operators = operators;
    this.#context = context;
  }

  /** Reads operators of at least `level`; `skip` prefixes of the first operand are taken already. */
  climb(level: number, skip: number): Placed {
    let left = this.#prefixed(level, skip);
    for (;;) {
      const token = this.#operators[this.#next - 1];
      if (!token) return left;
      const operator = token.image as BinaryOperator;
      const own = LEVELS[operator];
      if (own < level) return left;
      const right = this.climb(own === POWER ? POWER : own + 1, 0);
      left = this.#binary(operator, token, left, right);
      if (own === COMPARISON) this.#checkChain();
    }
  }

  #prefixed(level: number, skip: number): Placed {
    const operand = this.#operands[this.#next];
    if (!operand) throw new Error('internal: an operator without an operand');
    const prefix = operand.prefixes[skip];
    if (!prefix) {
      this.#next += 1;
      return operand;
    }
    const negates = is(prefix, T.Not);
    if (negates && level > NOT) this.#refuseNot(prefix);
    const inner = this.climb(negates ? NOT : UNARY, skip + 1);
    const span = this.#context.source.span(prefix.startOffset, inner.end);
    const operator = negates ? 'not' : '-';
    return {
      expression: { kind: 'unary', operator, operand: inner.expression, span },
      start: prefix.startOffset,
      end: inner.end,
    };
  }

  #binary(operator: BinaryOperator, token: IToken, left: Placed, right: Placed): Placed {
    const { source } = this.#context;
    const expression: Expression = {
      kind: 'binary',
      operator,
      operatorSpan: source.span(token.startOffset, endOf(token)),
      left: left.expression,
      right: right.expression,
      span: source.span(left.start, right.end),
    };
    return { expression, start: left.start, end: right.end };
  }

  #checkChain(): void {
    const token = this.#operators[this.#next - 1];
    if (!token || LEVELS[token.image as BinaryOperator] !== COMPARISON) return;
    this.#context.problems.push({
      code: 'E0109',
      start: token.startOffset,
      end: endOf(token),
      message: 'comparisons cannot be chained',
      help: `write \`a < b and b ${token.image} c\``,
    });
  }

  #refuseNot(token: IToken): void {
    this.#context.problems.push({
      code: 'E0102',
      start: token.startOffset,
      end: endOf(token),
      message: '`not` needs parentheses here',
      help: '`not` binds looser than a comparison: write `(not x)`',
    });
  }
}
