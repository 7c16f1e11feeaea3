/**
 * Reads the helper functions that shaders use (`targets/wgsl/prelude*.ts`), so that both targets compute one
 * definition. In: a helper's text. Out: its tree. The texts are WGSL of a few forms: `let`, `var`, assignments,
 * a counting `for`, `return`, calls, operators with WGSL's precedence. Anything else is an internal error.
 */

/** `F`, `U`, `I`, `B`: four lanes of f32, u32, i32, truth values. The others are single numbers. */
export type HelperType = 'F' | 'U' | 'I' | 'B' | 'u32';

export type HelperExpression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: HelperExpression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: HelperExpression;
      readonly right: HelperExpression;
    }
  /** `F`, `select`, `bitcast<F>`, or another helper as `$exp`. */
  | { readonly kind: 'call'; readonly callee: string; readonly arguments: readonly HelperExpression[] };

export type HelperStatement =
  | { readonly kind: 'assign'; readonly name: string; readonly value: HelperExpression }
  | { readonly kind: 'repeat'; readonly times: number; readonly body: readonly HelperStatement[] }
  | { readonly kind: 'return'; readonly value: HelperExpression };

export interface HelperFunction {
  readonly parameters: readonly { readonly name: string; readonly type: HelperType }[];
  readonly result: HelperType;
  readonly body: readonly HelperStatement[];
}

const TOKEN =
  /0x[\da-f]+(?:\.[\da-f]*)?p[+-]?\d+f?|0x[\da-f]+u?|\d+(?:\.\d+)?(?:e[+-]?\d+)?[fiu]?|bitcast<[FUIB]>|[$\w]+(?:\.\w+)?|->|<<|>>|[=!<>]=|\+=|[-+*/%&|^<>=!(){},:;]/gy;

/** Loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

export function parseHelper(text: string): HelperFunction {
  return new Parser(text).function();
}

class Parser {
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(text: string) {
    const plain = text.replace(/\/\/.*$/gm, '');
    TOKEN.lastIndex = 0;
    let place = 0;
    while ((place += (/^\s*/.exec(plain.slice(place)) as RegExpExecArray)[0].length) < plain.length) {
      TOKEN.lastIndex = place;
      const found = TOKEN.exec(plain);
      if (!found) throw new Error(`internal: a helper has '${plain.slice(place, place + 20)}'`);
      this.tokens.push(found[0]);
      place = TOKEN.lastIndex;
    }
  }

  function(): HelperFunction {
    this.take('fn');
    this.next();
    this.take('(');
    const parameters: { name: string; type: HelperType }[] = [];
    while (this.peek() !== ')') {
      const name = this.next();
      this.take(':');
      parameters.push({ name, type: this.next() as HelperType });
      if (this.peek() === ',') this.next();
    }
    this.take(')');
    this.take('->');
    const result = this.next() as HelperType;
    return { parameters, result, body: this.block() };
  }

  private block(): HelperStatement[] {
    this.take('{');
    const body: HelperStatement[] = [];
    while (this.peek() !== '}') body.push(this.statement());
    this.take('}');
    return body;
  }

  private statement(): HelperStatement {
    const first = this.next();
    if (first === 'return') return { kind: 'return', value: this.ended(this.expression()) };
    if (first === 'for') return this.repeat();
    const name = first === 'let' || first === 'var' ? this.next() : first;
    const sign = this.next();
    const value = this.ended(this.expression());
    if (sign === '=') return { kind: 'assign', name, value };
    if (sign !== '+=') throw new Error(`internal: a helper has '${sign}' where a statement goes on`);
    return {
      kind: 'assign',
      name,
      value: { kind: 'binary', operator: '+', left: { kind: 'name', name }, right: value },
    };
  }

  /** `for (var turn = 0u; turn < 32u; turn += 1u)`, whose variable nobody reads. */
  private repeat(): HelperStatement {
    this.take('(');
    let times = 0;
    while (this.peek() !== '{') if (this.next() === '<') times = parseInt(this.next(), 10);
    return { kind: 'repeat', times, body: this.block() };
  }

  private expression(level = 0): HelperExpression {
    const operators = LEVELS[level];
    if (!operators) return this.operand();
    let left = this.expression(level + 1);
    while (operators.includes(this.peek())) {
      const operator = this.next();
      left = { kind: 'binary', operator, left, right: this.expression(level + 1) };
    }
    return left;
  }

  private operand(): HelperExpression {
    const token = this.next();
    if (token === '(') {
      const inner = this.expression();
      this.take(')');
      return inner;
    }
    if (token === '-' || token === '!') {
      const operand = this.operand();
      if (token === '-' && operand.kind === 'number') return { kind: 'number', value: -operand.value };
      return { kind: 'unary', operator: token, operand };
    }
    if (/^\d/.test(token)) return { kind: 'number', value: numberOf(token) };
    if (this.peek() !== '(') return { kind: 'name', name: token };
    this.take('(');
    const list: HelperExpression[] = [];
    while (this.peek() !== ')') {
      list.push(this.expression());
      if (this.peek() === ',') this.next();
    }
    this.take(')');
    return { kind: 'call', callee: token, arguments: list };
  }

  private ended(value: HelperExpression): HelperExpression {
    this.take(';');
    return value;
  }

  private peek(): string {
    return this.tokens[this.at] ?? '';
  }

  private next(): string {
    return this.tokens[this.at++] ?? '';
  }

  private take(token: string): void {
    const found = this.next();
    if (found !== token) throw new Error(`internal: a helper has '${found}' where '${token}' belongs`);
  }
}

/** `1.5f`, `7u`, `0x7f800000u`, `0x1.8p+3f`. */
function numberOf(token: string): number {
  const [, whole, fraction, power] = /^0x([\da-f]+)\.?([\da-f]*)p([+-]?\d+)f?$/.exec(token) ?? [];
  if (whole !== undefined && fraction !== undefined && power !== undefined)
    return (parseInt(whole + fraction, 16) / 16 ** fraction.length) * 2 ** Number(power);
  return token.startsWith('0x') ? parseInt(token, 16) : parseFloat(token);
}
