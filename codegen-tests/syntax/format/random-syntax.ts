/**
 * Programs that keep the grammar and mean nothing, with any nesting of it. In: a source of draws. Out: a text in
 * which every optional part of every rule of LANGUAGE.md section 3 turns up sooner or later.
 */
import type { Draw } from '../../support/draws.ts';

const NAMES = [
  'a',
  'x',
  'weight',
  'over',
  'with',
  'step',
  'long_name_of_something',
  'T',
  'in',
  'else_',
  'f32',
];
const OPERATORS = ['+', '-', '*', '/', '%', '@', '^', 'and', 'or'];
const LITERALS = ['1', '20_000', '.5', '1e-3', '10%', '3 epochs', '64MB', '"a # b"', '"\\"->"'];

export class RandomSyntax {
  readonly #draw: Draw;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  file(): string {
    return this.#many(1, 5, () => this.#declaration()).join(this.#draw.pick(['\n', '\n\n'])) + '\n';
  }

  #declaration(): string {
    const name = this.#draw.pick(['net', 'block', 'd', 'helper']);
    switch (this.#draw.below(7)) {
      case 0:
        return `let ${name} = ${this.#expression(3)}`;
      case 1:
        return `use "${name}.net"`;
      case 2:
        return `fn ${name}${this.#parameters()} = ${this.#expression(4)}`;
      case 3:
        return `fn ${name}${this.#parameters()} ${this.#block(() => this.#body(2))}`;
      case 4:
        return `data ${name} ${this.#block(() => this.#dataStatement())}`;
      case 5:
        return `train ${this.#draw.chance(0.3) ? 'main ' : ''}on ${name} ${this.#block(() => this.#trainStatement())}`;
      default:
        return this.#layer(name);
    }
  }

  #layer(name: string): string {
    const word = this.#draw.pick(['layer', 'model']);
    const parameters = this.#draw.chance(0.6) ? this.#parameters() : '';
    const inputs = this.#many(1, 3, () => this.#tensor(true)).join(', ');
    const outputs = this.#many(1, 3, () => this.#tensor(this.#draw.chance(0.5))).join(', ');
    const result = this.#draw.chance(0.3) ? `(${outputs}${this.#comma()})` : outputs;
    const body = this.#block(() => (this.#draw.chance(0.3) ? this.#weights() : this.#body(2)));
    return `${word} ${name}${parameters}: ${inputs} -> ${result} ${body}`;
  }

  #dataStatement(): string {
    switch (this.#draw.below(4)) {
      case 0:
        return `from ${this.#name()} = ${this.#expression(2)}`;
      case 1:
        return `split ${this.#many(1, 3, () => `${this.#name()} = 10%`).join(', ')}`;
      case 2:
        return `augment ${this.#name()} = ${this.#expression(3)}`;
      default:
        return `${this.#tensor(true)}${this.#draw.chance(0.7) ? ` = ${this.#expression(2)}` : ''}`;
    }
  }

  #trainStatement(): string {
    if (this.#draw.chance(0.4)) return this.#bindings();
    const name = this.#draw.chance(0.5) ? ' critic' : '';
    const given = this.#draw.chance(0.5) ? this.#arguments(1) : '';
    return `step${name}${given} ${this.#block(() => this.#stepStatement())}`;
  }

  #stepStatement(): string {
    if (this.#draw.chance(0.3)) return `metric ${this.#name()} = ${this.#expression(2)}`;
    if (this.#draw.chance(0.5)) return this.#bindings();
    const over = this.#draw.chance(0.5)
      ? ` over ${this.#many(1, 3, () => this.#expression(1)).join(', ')}`
      : '';
    return `minimize ${this.#expression(2)}${over} with ${this.#expression(3)}`;
  }

  /** Statements that may stand in any body. */
  #body(depth: number): string {
    const nested = (): string => this.#block(() => this.#body(depth - 1));
    switch (depth <= 0 ? 0 : this.#draw.below(6)) {
      case 1:
        return `${this.#draw.chance(0.5) ? 'blocks: ' : ''}repeat ${this.#expression(1)}${this.#draw.chance(0.4) ? ' as i' : ''} ${nested()}`;
      case 2: {
        const otherwise = this.#draw.pick([
          '',
          ` else ${nested()}`,
          ` else if ${this.#expression(1)} ${nested()}`,
        ]);
        return `if ${this.#expression(2)} ${nested()}${otherwise}`;
      }
      case 3: {
        const carries = this.#many(0, 2, () => `, ${this.#tensor(true)} = ${this.#expression(1)}`).join('');
        const sequences = this.#many(1, 2, () => `${this.#name()} in ${this.#expression(1)}`).join(', ');
        const emitted = this.#block(() => `emit ${this.#expression(1)}`);
        return `scan ${sequences} along T${carries} ${emitted}`;
      }
      case 4:
        return `return ${this.#expression(4)}`;
      default:
        return this.#bindings();
    }
  }

  #weights(): string {
    const weight = (): string =>
      `${this.#tensor(true)}${this.#draw.chance(0.7) ? ` = ${this.#expression(1)}` : ''}`;
    return `${this.#draw.pick(['param', 'state'])} ${this.#many(1, 3, weight).join(', ')}`;
  }

  #bindings(): string {
    const target = (): string =>
      this.#draw.chance(0.2)
        ? `(${this.#many(1, 3, () => this.#name()).join(', ')}${this.#comma()})`
        : this.#name();
    return this.#many(1, 3, () => `${target()} = ${this.#expression(3)}`).join(', ');
  }

  #block(statement: () => string): string {
    const statements = this.#many(0, 3, statement);
    if (statements.length === 0) return '{ }';
    if (statements.length === 1 && this.#draw.chance(0.5)) return `{ ${statements[0]} }`;
    return `{\n${statements.join(this.#draw.pick(['\n', '\n\n']))}\n}`;
  }

  #parameters(): string {
    const parameter = (): string => {
      const type = this.#draw.chance(0.4) ? `: ${this.#draw.pick(['int', 'float', 'bool'])}` : '';
      return `${this.#name()}${type}${this.#draw.chance(0.4) ? ` = ${this.#expression(1)}` : ''}`;
    };
    return this.#list('(', 0, 4, parameter, ')');
  }

  #tensor(named: boolean): string {
    const dimension = (): string => (this.#draw.chance(0.1) ? '...' : this.#expression(1));
    const dtype = this.#draw.pick(['', '', ' u32', ' f16', ' bool']);
    return `${named ? this.#draw.pick(['x', 'weight', 'h']) : ''}${this.#list('[', 0, 3, dimension, ']')}${dtype}`;
  }

  #expression(depth: number): string {
    const operand = (): string => this.#operand(depth - 1);
    let written = operand();
    const comparison = this.#draw.chance(0.1);
    if (comparison) written += ` ${this.#draw.pick(['<', '>=', '=='])} ${operand()}`;
    else while (this.#draw.chance(0.35)) written += ` ${this.#draw.pick(OPERATORS)} ${operand()}`;
    while (depth > 0 && this.#draw.chance(0.25)) {
      const label = this.#draw.chance(0.4) ? `${this.#name()}: ` : '';
      const given = this.#draw.chance(0.7) ? this.#arguments(depth - 1) : '';
      written += `${this.#draw.chance(0.15) ? '\n' : ' '}-> ${label}${this.#name()}${given}`;
    }
    return written;
  }

  #operand(depth: number): string {
    const sign = this.#draw.chance(0.15) ? '-' : '';
    if (depth <= 0) return `${sign}${this.#draw.pick([...NAMES, ...LITERALS])}`;
    switch (this.#draw.below(5)) {
      case 0:
        return `${sign}${this.#name()}${this.#arguments(depth - 1)}`;
      case 1:
        return `${sign}${this.#name()}${this.#list('[', 1, 3, () => this.#range(depth - 1), ']')}.T`;
      case 2:
        return `${sign}(${this.#draw.chance(0.2) ? 'not ' : ''}${this.#expression(depth - 1)})`;
      case 3:
        return this.#list('(', 2, 3, () => this.#expression(depth - 1), ')');
      default:
        return this.#operand(0);
    }
  }

  #arguments(depth: number): string {
    const positional = this.#many(0, 3, () => this.#expression(depth));
    const named = this.#many(0, 3, () => `${this.#name()} = ${this.#expression(depth)}`);
    const all = [...positional, ...named];
    return `(${all.join(', ')}${all.length > 0 ? this.#comma() : ''})`;
  }

  #range(depth: number): string {
    const end = (): string => (this.#draw.chance(0.5) ? this.#operand(depth) : '');
    switch (this.#draw.below(4)) {
      case 0:
        return '...';
      case 1:
        return `${end()}:${end()}`;
      case 2:
        return `${end()}:${end()}:${this.#operand(depth)} + 1`;
      default:
        return this.#expression(depth);
    }
  }

  #name(): string {
    return this.#draw.pick(NAMES);
  }

  #comma(): string {
    return this.#draw.chance(0.2) ? ',' : '';
  }

  #list(open: string, least: number, most: number, item: () => string, close: string): string {
    const items = this.#many(least, most, item);
    return `${open}${items.join(', ')}${items.length > 0 ? this.#comma() : ''}${close}`;
  }

  #many<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.#draw.below(most - least + 1) }, make);
  }
}
