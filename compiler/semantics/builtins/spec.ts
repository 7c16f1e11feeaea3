/**
 * What a row of the builtin table is: parameters with their kinds and defaults, and what the call does. The
 * kinds are checked before the row runs; `BuiltinCall` reads the checked arguments.
 */
import type { DType, Duration, Schedule, Span } from '../../../runtime/plan-format.ts';
import { asAxes, asAxis, asAxisIndex, asTensor } from '../convert.ts';
import type { CallSite, Context, GraphState } from '../context.ts';
import type { Tensors } from '../tensors.ts';
import { NONE, type Axis, type Value, type Watch } from '../values.ts';

export type ParameterKind =
  /** Anything; the row looks itself. */
  | 'value'
  /** A tensor; a number alone is f32. */
  | 'tensor'
  /** A tensor or a number, which folds. */
  | 'operand'
  | 'integer'
  /** A whole number from 1, or a size that depends on the batch. */
  | 'size'
  | 'number'
  | 'boolean'
  | 'string'
  /** One axis or several, `none` for all. */
  | 'axes'
  | 'axis'
  /** `5`, `5 steps` or `1 epoch`. */
  | 'duration'
  /** A number or a schedule. */
  | 'rate'
  /** The dotted name of a reported number, not evaluated. */
  | 'watch'
  /** One of a few bare words, not evaluated. */
  | { readonly words: readonly string[] };

export interface BuiltinParameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** Absent: required. */
  readonly default?: Value;
  readonly rest?: 'positional' | 'named';
}

export interface Builtin {
  readonly parameters: readonly BuiltinParameter[];
  /** What a pipe into it means: its first argument, or its result is what is piped into. */
  readonly piped?: 'first argument' | 'result' | 'rule';
  /** Seen by the standard library alone. */
  readonly internal?: boolean;
  /** The name in messages, where it is another one. */
  readonly shown?: string;
  readonly run: (call: BuiltinCall) => Value;
}

export interface ReadArgument {
  readonly value: Value;
  readonly span: Span;
  readonly given: boolean;
  readonly name?: string;
  readonly watch?: Watch;
}

const required = (name: string, kind: ParameterKind): BuiltinParameter => ({ name, kind });

/** Shorthands for the rows. */
export const parameter = {
  required,
  optional: (name: string, kind: ParameterKind, value: Value = NONE): BuiltinParameter => ({
    name,
    kind,
    default: value,
  }),
  rest: (name: string, kind: ParameterKind): BuiltinParameter => ({ name, kind, rest: 'positional' }),
  named: (name: string, kind: ParameterKind): BuiltinParameter => ({ name, kind, rest: 'named' }),
};

export class BuiltinCall {
  readonly context: Context;
  readonly name: string;
  readonly site: CallSite;
  readonly rest: readonly ReadArgument[];
  private readonly single: ReadonlyMap<string, ReadArgument>;

  constructor(
    context: Context,
    name: string,
    site: CallSite,
    single: ReadonlyMap<string, ReadArgument>,
    rest: readonly ReadArgument[],
  ) {
    this.context = context;
    this.name = name;
    this.site = site;
    this.single = single;
    this.rest = rest;
  }

  get span(): Span {
    return this.site.span;
  }

  get graph(): GraphState {
    return this.context.graph(this.span);
  }

  get tensors(): Tensors {
    return this.graph.tensors;
  }

  argument(name: string): ReadArgument {
    const argument = this.single.get(name);
    if (!argument) throw new Error(`internal: ${this.name} has no argument ${name}`);
    return argument;
  }

  value(name: string): Value {
    return this.argument(name).value;
  }

  spanOf(name: string): Span {
    return this.argument(name).span;
  }

  given(name: string): boolean {
    return this.argument(name).given;
  }

  tensor(name: string): number {
    const { value, span } = this.argument(name);
    return asTensor(this.context, value, span);
  }

  /** A tensor of f32 or f16. */
  floats(name: string): number {
    return this.ofDtype(name, ['f32', 'f16']);
  }

  /** A tensor of f32. */
  singles(name: string): number {
    return this.ofDtype(name, ['f32']);
  }

  private ofDtype(name: string, wanted: readonly DType[]): number {
    const id = this.tensor(name);
    const dtype = this.tensors.dtype(id);
    if (!wanted.includes(dtype)) {
      this.context.fail('E0209', this.spanOf(name), `\`${this.name}\` takes f32, not ${dtype}`, {
        help: 'cast it: `f32(…)`',
      });
    }
    return id;
  }

  size(name: string): Axis {
    const { value, span } = this.argument(name);
    return asAxis(this.context, value, span);
  }

  number(name: string): number {
    const { value } = this.argument(name);
    if (value.kind !== 'number') throw new Error(`internal: ${this.name}: ${name} is no number`);
    return value.value;
  }

  boolean(name: string): boolean {
    const { value } = this.argument(name);
    if (value.kind !== 'bool') throw new Error(`internal: ${this.name}: ${name} is no boolean`);
    return value.value;
  }

  string(name: string): string {
    const { value } = this.argument(name);
    if (value.kind !== 'string') throw new Error(`internal: ${this.name}: ${name} is no string`);
    return value.value;
  }

  axes(name: string, rank: number): number[] {
    const { value, span } = this.argument(name);
    return asAxes(this.context, value, span, rank);
  }

  axis(name: string, rank: number): number {
    const { value, span } = this.argument(name);
    return asAxisIndex(this.context, value, span, rank, `\`${name}\``);
  }

  /** Rest arguments as sizes; a tuple counts as its items. */
  sizes(): Axis[] {
    return this.spreadRest().map(({ value, span }) => asAxis(this.context, value, span));
  }

  spreadRest(): { value: Value; span: Span }[] {
    return this.rest.flatMap(({ value, span }) =>
      value.kind === 'tuple' ? value.items.map((item) => ({ value: item, span })) : [{ value, span }],
    );
  }

  duration(name: string): Duration {
    const { value } = this.argument(name);
    if (value.kind === 'number') return { count: value.value, unit: 'step' };
    if (value.kind === 'amount' && (value.unit === 'epoch' || value.unit === 'step')) {
      return { count: value.count, unit: value.unit };
    }
    throw new Error(`internal: ${this.name}: ${name} is no duration`);
  }

  rate(name: string): Schedule {
    const { value } = this.argument(name);
    if (value.kind === 'number') return { type: 'constant', value: value.value };
    if (value.kind === 'schedule') return value.schedule;
    throw new Error(`internal: ${this.name}: ${name} is no rate`);
  }

  fail(...args: Parameters<Context['fail']>): never {
    return this.context.fail(...args);
  }
}
