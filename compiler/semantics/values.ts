/**
 * Compile-time values: what an expression of the language means while a program is elaborated. A tensor is
 * the id of a graph node; everything else is known exactly. Numbers remember where they come from, so that
 * an error can say whose size it is.
 */
import type {
  Duration,
  Initializer,
  Schedule,
  SourceFiles,
  Span,
  TokensSpec,
} from '../../runtime/plan-format.ts';
import type { BatchDimension, Dimension } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import type { NamingScope } from './naming-scope.ts';

/** Where a size comes from: `axis 1 of column image`. `symbol` is printed in place of the size (`B`). */
export interface Origin {
  readonly text: string;
  readonly span: Span;
  readonly symbol?: string;
}

/** One axis of a tensor. */
export interface Axis {
  readonly size: Dimension;
  readonly origin?: Origin | undefined;
}

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  /** Whole by the way it is written or computed (`3`, `6 / 2`, `floor(x)`), not `3.0`. */
  readonly integer: boolean;
  readonly origin?: Origin | undefined;
}

/** A size that depends on the batch, in graphs whose batch is open. */
export interface DimensionValue {
  readonly kind: 'dimension';
  readonly value: BatchDimension;
  readonly origin?: Origin | undefined;
}

export interface TensorValue {
  readonly kind: 'tensor';
  readonly id: number;
}

export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}

/** A literal with a unit: `1 epoch`, `64 MB`. */
export interface AmountValue {
  readonly kind: 'amount';
  readonly count: number;
  readonly unit: ast.Unit;
}

export interface Binding {
  /** Computed at the first use where the value is lazy (a `let`, a data column). */
  readonly get: () => Value;
  readonly span: Span | undefined;
  /** Where the argument stands that gave a parameter its value. */
  readonly argument?: Span | undefined;
}

/** Names in view from some place. */
export interface Names {
  lookup(name: string): Binding | undefined;
  /** Where a body in view binds the name, though it has not yet. */
  laterBinding(name: string): Span | undefined;
  /** Every name in view, for suggestions. */
  names(): string[];
}

export interface FunctionValue {
  readonly kind: 'function';
  readonly declaration: Extract<ast.Declaration, { kind: 'fn' }>;
  readonly scope: Names;
}

export interface LayerValue {
  readonly kind: 'layer';
  readonly declaration: ast.LayerDeclaration;
  readonly scope: Names;
}

/** An argument as given or by default, with the place to blame. */
export interface BoundArgument {
  readonly value: Value;
  readonly span: Span;
  readonly given: boolean;
}

/**
 * Layers in use. An instance is a declaration with its arguments and a path; the path is its identity, so
 * elaborating a body once more (another call, another graph) finds the same weights again.
 */
export interface Instance {
  readonly declaration: ast.LayerDeclaration;
  /** Where the declaration stands: file-level names. */
  readonly scope: Names;
  readonly arguments: ReadonlyMap<string, BoundArgument>;
  /** The body that made it, which also names it. */
  readonly home: NamingScope;
  readonly span: Span;
  /** Undefined until it is bound, labelled or first called. Null: made where no weights can live. */
  path: string | null | undefined;
}

/** A layer or model with its arguments; `frozen`: evaluation mode, no gradient, no updates of state. */
export interface InstanceValue {
  readonly kind: 'instance';
  readonly instance: Instance;
  readonly frozen: boolean;
}

/** All weights below a path, for example the turns of a `repeat`. */
export interface WeightsValue {
  readonly kind: 'weights';
  readonly path: string;
}

/** An initializer before the shape of its weight is known. */
export type InitializerTemplate =
  | Exclude<Initializer, { kind: 'glorot' | 'glorot_normal' | 'he' | 'he_normal' }>
  | { kind: 'glorot' | 'glorot_normal' | 'he' | 'he_normal' };

export type TransformTemplate =
  | { kind: 'clip_value'; limit: number }
  | { kind: 'clip_norm'; limit: number }
  | { kind: 'decay'; rate: number; pattern: string; span: Span };

/** An optimizer before the names of what it moves are known. */
export type OptimizerTemplate =
  | { kind: 'sgd'; lr: Schedule; momentum: number; nesterov: boolean }
  | { kind: 'adam'; lr: Schedule; betas: [number, number]; eps: number }
  | {
      kind: 'adamw';
      lr: Schedule;
      betas: [number, number];
      eps: number;
      decay: number;
      pattern: string;
      patternSpan?: Span;
    }
  | { kind: 'rmsprop'; lr: Schedule; alpha: number; eps: number }
  | { kind: 'adagrad'; lr: Schedule; eps: number }
  | { kind: 'adadelta'; lr: Schedule; rho: number; eps: number }
  | { kind: 'lion'; lr: Schedule; betas: [number, number]; decay: number };

/** A pipe of gradient transforms, complete once an optimizer ends it. */
export interface UpdateRuleValue {
  readonly kind: 'update rule';
  readonly transforms: readonly TransformTemplate[];
  readonly optimizer?: OptimizerTemplate;
}

export interface SourceValue {
  readonly kind: 'source';
  readonly files: SourceFiles;
}

/** What a text is cut into: `chars()`. */
export interface TokensValue {
  readonly kind: 'tokens';
  readonly tokens: TokensSpec;
}

/** A metric that is more than a mean of batches: `perplexity(loss)`. */
export interface SummaryValue {
  readonly kind: 'summary';
  readonly of: TensorValue;
  readonly after: 'exp';
}

/** What `save`, `stop` and `eval` are made of. */
export type RuleValue =
  | { readonly kind: 'rule'; readonly rule: 'best'; readonly watch: Watch; readonly to: string }
  | {
      readonly kind: 'rule';
      readonly rule: 'every';
      readonly every: Duration;
      readonly to?: string;
      readonly keep?: number;
      readonly batches?: number;
    }
  | {
      readonly kind: 'rule';
      readonly rule: 'plateau';
      readonly watch: Watch;
      readonly patience: number;
      readonly restore: boolean;
    };

/** `valid.loss`: a number that training reports, by its dotted name. */
export interface Watch {
  readonly path: readonly string[];
  readonly span: Span;
}

export type Value =
  | NumberValue
  | DimensionValue
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'none' }
  | TupleValue
  | TensorValue
  | AmountValue
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'training' }
  | FunctionValue
  | LayerValue
  | InstanceValue
  | WeightsValue
  | { readonly kind: 'initializer'; readonly initializer: InitializerTemplate }
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  | UpdateRuleValue
  | SourceValue
  | TokensValue
  | SummaryValue
  | RuleValue
  | { readonly kind: 'data'; readonly name: string };

export const NONE: Value = { kind: 'none' };

export const boolean = (value: boolean): Value => ({ kind: 'bool', value });
export const text = (value: string): Value => ({ kind: 'string', value });
export const tuple = (items: readonly Value[]): TupleValue => ({ kind: 'tuple', items });
export const tensor = (id: number): TensorValue => ({ kind: 'tensor', id });

/** A whole number. */
export const integer = (value: number, origin?: Origin): NumberValue => ({
  kind: 'number',
  value,
  integer: true,
  ...(origin ? { origin } : {}),
});

export const float = (value: number, origin?: Origin): NumberValue => ({
  kind: 'number',
  value,
  integer: false,
  ...(origin ? { origin } : {}),
});

/** A size as a value. */
export function size(d: Dimension, origin?: Origin): NumberValue | DimensionValue {
  return typeof d === 'number'
    ? integer(d, origin)
    : { kind: 'dimension', value: d, ...(origin ? { origin } : {}) };
}

/** A number as a program would write it: a whole float keeps its point. */
export function printNumber(value: NumberValue): string {
  return !value.integer && Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
}

/** What a value is, for messages: `a number`, `the layer dense`. */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case 'number':
      return `the ${value.integer ? 'integer' : 'number'} ${printNumber(value)}`;
    case 'dimension':
      return 'a size';
    case 'bool':
      return String(value.value);
    case 'string':
      return `the string "${value.value}"`;
    case 'none':
      return 'none';
    case 'tuple':
      return `a tuple of ${value.items.length}`;
    case 'tensor':
      return 'a tensor';
    case 'amount':
      return `${value.count} ${value.unit}`;
    case 'builtin':
      return `the function \`${value.name}\``;
    case 'namespace':
      return `\`${value.name}\``;
    case 'training':
      return '`training`';
    case 'function':
      return `the function \`${value.declaration.name.text}\``;
    case 'layer':
      return `the layer \`${value.declaration.name.text}\``;
    case 'instance':
      return value.instance.declaration.kind === 'model'
        ? `the model \`${value.instance.declaration.name.text}\``
        : `an instance of \`${value.instance.declaration.name.text}\``;
    case 'weights':
      return `the weights of \`${value.path}\``;
    case 'initializer':
      return 'an initializer';
    case 'schedule':
      return 'a schedule';
    case 'update rule':
      return value.optimizer ? 'an optimizer' : 'a gradient transform';
    case 'source':
      return 'a data source';
    case 'tokens':
      return `the tokens \`${value.tokens.kind}\``;
    case 'summary':
      return 'a metric over the whole split';
    case 'rule':
      return `the rule \`${value.rule}\``;
    case 'data':
      return `the data \`${value.name}\``;
    default:
      return value satisfies never;
  }
}
