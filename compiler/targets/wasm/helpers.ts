/**
 * Helper functions of a module: the shaders' own definitions as functions over four lanes, and integer division.
 * In: which helpers kernels call. Out: their indices in the module. `apart` is nothing here: no
 * engine regroups sums.
 */
import { helperText, type HelperName } from '../wgsl/prelude.ts';
import { FunctionBuilder } from './function-builder.ts';
import {
  parseHelper,
  type HelperExpression,
  type HelperFunction,
  type HelperStatement,
  type HelperType,
} from './helper-parser.ts';
import { BINARY, COMPARISONS, CONVERSIONS, SIMPLE } from './helper-tables.ts';
import type { ModuleBuilder } from './module-builder.ts';
import type { WasmType } from './opcodes.ts';

/** Where the fields of the uniform block lie that helpers read. */
export interface HelperAddresses {
  readonly 'uniforms.seed': number;
  readonly 'uniforms.draw': number;
}

const wasmType = (type: HelperType): WasmType => (type === 'u32' ? 'i32' : 'v128');

/** What the writing of a module's helpers keeps at hand: a text is parsed once, however often it is written out. */
class Texts {
  readonly addresses: HelperAddresses;
  private readonly parsed = new Map<HelperName, HelperFunction>();

  constructor(addresses: HelperAddresses) {
    this.addresses = addresses;
  }

  of(name: HelperName): HelperFunction {
    const known = this.parsed.get(name) ?? parseHelper(helperText(name));
    this.parsed.set(name, known);
    return known;
  }
}

export class Helpers {
  private readonly indices = new Map<string, number>();
  private readonly module: ModuleBuilder;
  private readonly texts: Texts;

  constructor(module: ModuleBuilder, addresses: HelperAddresses) {
    this.module = module;
    this.texts = new Texts(addresses);
  }

  /** The index of a helper's function, made at the first use. */
  index(name: HelperName): number {
    const known = this.indices.get(name);
    if (known !== undefined) return known;
    const index = this.module.add(this.build(name), name);
    this.indices.set(name, index);
    return index;
  }

  /** The body of a helper in place of a call, of what lies on the stack. */
  writeOut(f: FunctionBuilder, name: HelperName): void {
    writeOut(f, name, this.texts);
  }

  private build(name: HelperName): FunctionBuilder {
    const { parameters, result, body } = this.texts.of(name);
    const f = new FunctionBuilder({
      parameters: parameters.map(({ type }) => wasmType(type)),
      results: [wasmType(result)],
    });
    const variables = new Map<string, Variable>();
    parameters.forEach(({ name: parameter, type }, local) => variables.set(parameter, { type, local }));
    const writer = new HelperWriter(f, variables, this.texts);
    body.forEach((statement) => writer.statement(statement));
    return f;
  }
}

interface Variable {
  readonly type: HelperType;
  readonly local: number;
}

/** A helper's body, of what lies on the stack: no engine of these puts one function into another. */
function writeOut(f: FunctionBuilder, name: HelperName, texts: Texts): HelperType {
  const { parameters, result, body } = texts.of(name);
  const variables = new Map<string, Variable>();
  for (const { name: parameter, type } of [...parameters].reverse()) {
    const local = f.local(wasmType(type));
    f.set(local);
    variables.set(parameter, { type, local });
  }
  const writer = new HelperWriter(f, variables, texts);
  body.forEach((statement) => writer.statement(statement));
  for (const { type, local } of variables.values()) f.release(wasmType(type), local);
  return result;
}

class HelperWriter {
  private readonly f: FunctionBuilder;
  private readonly variables: Map<string, Variable>;
  private readonly texts: Texts;

  constructor(f: FunctionBuilder, variables: Map<string, Variable>, texts: Texts) {
    this.f = f;
    this.variables = variables;
    this.texts = texts;
  }

  statement(s: HelperStatement): void {
    switch (s.kind) {
      case 'assign': {
        const type = this.expression(s.value);
        const known = this.variables.get(s.name) ?? { type, local: this.f.local(wasmType(type)) };
        this.variables.set(s.name, known);
        this.f.set(known.local);
        return;
      }
      case 'repeat':
        for (let turn = 0; turn < s.times; turn++) s.body.forEach((inner) => this.statement(inner));
        return;
      case 'return':
        this.expression(s.value);
        return;
      default:
        s satisfies never;
    }
  }

  /** Puts the value on the stack; says of which type it is. */
  private expression(e: HelperExpression): HelperType {
    switch (e.kind) {
      case 'number':
        this.f.i32(e.value);
        return 'u32';
      case 'name':
        return this.name(e.name);
      case 'unary':
        return this.unary(e.operator, e.operand);
      case 'binary':
        return this.binary(e);
      case 'call':
        return this.call(e);
      default:
        return e satisfies never;
    }
  }

  private name(name: string): HelperType {
    if (name === 'uniforms.seed' || name === 'uniforms.draw') {
      this.f.i32(0).access('i32.load', this.texts.addresses[name]);
      return 'u32';
    }
    const variable = this.variables.get(name);
    if (!variable) throw new Error(`internal: a helper reads ${name}, which it has not set`);
    this.f.get(variable.local);
    return variable.type;
  }

  private unary(operator: '-' | '!', operand: HelperExpression): HelperType {
    const type = this.expression(operand);
    this.f.op(operator === '!' ? 'v128.not' : type === 'F' ? 'f32x4.neg' : 'i32x4.neg');
    return type;
  }

  private binary({ operator, left, right }: Extract<HelperExpression, { kind: 'binary' }>): HelperType {
    const type = this.expression(left);
    if (operator === '<<' || operator === '>>') {
      const [count] = right.kind === 'call' ? right.arguments : [right];
      if (count?.kind !== 'number') throw new Error('internal: a helper shifts by what is no number');
      this.f.i32(count.value).op(BINARY[operator][type]);
      return type;
    }
    this.expression(right);
    const instruction = BINARY[operator]?.[type];
    if (!instruction) throw new Error(`internal: a helper has ${type} ${operator}`);
    this.f.op(instruction);
    return COMPARISONS.includes(operator) ? 'B' : type;
  }

  private call({ callee, arguments: list }: Extract<HelperExpression, { kind: 'call' }>): HelperType {
    const [first, second, third] = list;
    if (!first) throw new Error(`internal: a helper calls ${callee} of nothing`);
    if (callee === 'F' || callee === 'U' || callee === 'I' || callee === 'B')
      return this.vector(callee, first);
    if (callee.startsWith('bitcast<')) {
      this.expression(first);
      return callee[8] as HelperType;
    }
    if (callee === '$apart') return this.expression(first);
    if (callee === '$is_nan') return this.isNan(first);
    if (callee.startsWith('$')) {
      for (const argument of list) this.expression(argument);
      return writeOut(this.f, callee.slice(1) as HelperName, this.texts);
    }
    if (callee === 'fma' && second && third) {
      for (const argument of [first, second]) this.expression(argument);
      this.f.op('f32x4.mul');
      this.expression(third);
      this.f.op('f32x4.add');
      return 'F';
    }
    if (callee === 'select' && second && third) {
      this.expression(second);
      const type = this.expression(first);
      this.expression(third);
      this.f.op('v128.bitselect');
      return type;
    }
    const type = this.expression(first);
    if (callee === 'sign') return this.sign();
    if (callee === 'clamp' && second && third) {
      this.expression(second);
      this.f.op('f32x4.pmax');
      this.expression(third);
      this.f.op('f32x4.pmin');
      return type;
    }
    if (second) this.expression(second);
    const instructions = SIMPLE[callee]?.[type];
    if (!instructions) throw new Error(`internal: a helper calls ${callee} of ${type}`);
    this.f.op(...instructions);
    return type;
  }

  /** Where a value is not equal to itself: engines compare as they are told. */
  private isNan(value: HelperExpression): HelperType {
    const { f } = this;
    this.expression(value);
    const x = f.local('v128');
    f.tee(x).get(x).op('f32x4.ne');
    f.release('v128', x);
    return 'B';
  }

  /** 1 where above zero, -1 where below, else 0; NaN is mended by the caller. */
  private sign(): HelperType {
    const { f } = this;
    const x = f.local('v128');
    f.tee(x).floats(0).op('f32x4.gt').floats(1).op('v128.and');
    f.get(x).floats(0).op('f32x4.lt').floats(-1).op('v128.and', 'v128.or');
    f.release('v128', x);
    return 'F';
  }

  /** A constructor: of a number, of a single value for all lanes, or a conversion of four. */
  private vector(to: 'F' | 'U' | 'I' | 'B', value: HelperExpression): HelperType {
    if (value.kind === 'number') {
      if (to === 'F') this.f.floats(value.value);
      else this.f.words(value.value);
      return to;
    }
    const from = this.expression(value);
    if (from === 'u32') this.f.op('i32x4.splat');
    else this.f.op(...CONVERSIONS[to][from]);
    return to;
  }
}
