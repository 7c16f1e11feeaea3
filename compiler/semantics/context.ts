/**
 * The state of one elaboration into one graph: mode, call frames, the graph under construction. In: the
 * session, which lives through all graphs of a program. Out: places to put nodes and errors. An error inside
 * the standard library is the caller's: it is moved to the user's span and says which function found it.
 */
import type { FieldOrigin } from '../../runtime/plan-format.ts';
import { fail as failAt, type Diagnostic, type DiagnosticCode, type Span } from '../diagnostics.ts';
import type { Dimension } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import type { DiagnosticList } from './diagnostic-list.ts';
import type { NamingScope } from './naming-scope.ts';
import type { Scope } from './scope.ts';
import { Tensors } from './tensors.ts';
import type { Axis, Instance, Value, Watch } from './values.ts';
import type { LayerState, WeightStore } from './weights.ts';

/** Where an expression stands: the names in view, and who names the instances made there. */
export interface Place {
  readonly scope: Scope;
  readonly naming: NamingScope;
  /** In a layer's body: the full names of the states declared so far. */
  readonly states?: Map<string, string>;
  /** In a step: what takes its metrics and minimized losses. */
  readonly step?: StepRecorder;
  /** In the body of a scan: what takes the values it emits. */
  readonly emits?: Emits;
  /** The last statement's value is that of the whole body. */
  readonly tail?: boolean;
}

export interface Emits {
  emit(context: Context, statement: Extract<ast.Statement, { kind: 'return' | 'emit' }>, place: Place): void;
}

/** `metric name = value`, and the other statements of that form. */
export type NamedStatement = Extract<ast.Statement, { kind: 'from' | 'augment' | 'metric' | 'update' }>;

export interface StepRecorder {
  metric(statement: NamedStatement, place: Place): void;
  minimize(statement: Extract<ast.Statement, { kind: 'minimize' }>, place: Place): void;
}

/** A raw field that a call in a column's expression stands for: `column("age")`, `window(64)`. */
export interface FieldCall {
  /** As the call is written with its arguments worked out: the field's name. */
  readonly text: string;
  readonly origin: FieldOrigin;
  /** Of one record. */
  readonly shape: readonly number[];
  /** Absent: that of the column where the call is its whole expression, else f32. */
  readonly dtype?: 'u32';
  readonly span: Span;
}

/** Mean and deviation that the host takes over the training split, and the states that hold them. */
export interface Standard {
  readonly data: string;
  /** The tensor's name as an output of the routine that computes it. */
  readonly output: string;
  readonly mean: string;
  readonly deviation: string;
  /** Axes of a record with statistics of their own, and their sizes. */
  readonly per: readonly number[];
  readonly shape: readonly number[];
  readonly span: Span;
}

/** What the expression of a data column may ask of the data it stands in. */
export interface ColumnSite {
  field(call: FieldCall): Value;
  /** Notes that the mean and deviation of a tensor of this graph are wanted. */
  standardize(operand: number, wanted: Pick<Standard, 'per' | 'shape' | 'span'>): Standard;
}

/** A value handed to a call, or the text of one not evaluated yet. */
export interface GivenArgument {
  readonly name?: ast.Identifier;
  readonly expression?: ast.Expression;
  readonly value?: Value;
  readonly span: Span;
}

export interface CallSite {
  /** The whole call; errors about the call as such stand here. */
  readonly span: Span;
  readonly given: readonly GivenArgument[];
  /** The first of `given` came through a pipe. */
  readonly piped: boolean;
  readonly label?: ast.Identifier | undefined;
  /** What is called, where it is written apart from its arguments. */
  readonly callee?: Span;
  readonly place: Place;
}

/** The mutually recursive parts of the interpreter, handed around so that files do not import in circles. */
export interface Machine {
  evaluate(context: Context, expression: ast.Expression, place: Place): Value;
  call(context: Context, callee: Value, site: CallSite): Value;
  /** Runs statements; the value of `return` where one was met. */
  run(context: Context, block: ast.Block, place: Place): Returned | undefined;
}

/** The value of a body, and the expression that gave it: of a `return`, or of the `emit` of a scan at the end. */
export interface Returned {
  readonly value: Value;
  readonly span: Span;
}

export interface Frame {
  readonly name: string;
  readonly span: Span;
  readonly declaration: object;
  /** The body stands in the standard library. */
  readonly standard: boolean;
  /** Of an instance: its path, which its weights are named by. */
  readonly path?: string | null;
}

/** What lives through every graph of one elaboration. */
export interface Session {
  readonly diagnostics: DiagnosticList;
  readonly machine: Machine;
  readonly standardFile: string;
  readonly weights: WeightStore;
  /** Layer states by name, in order of first use. */
  readonly states: Map<string, LayerState>;
  /** Stream numbers of random draws, by step and call site, equal in all graphs of a step. */
  readonly streams: Map<string, number>;
  /** Shapes that models are called with in evaluation, at their first call. */
  readonly calls: Map<object, readonly (readonly Axis[])[]>;
  /** Declarations whose bodies were elaborated. */
  readonly reached: Set<object>;
  /** Reported numbers that schedules watch. */
  readonly watches: Watch[];
  /** Exclusive upper bounds of label fields. */
  readonly bounds: Map<string, number>;
  /** Standardized tensors of all data, by output. */
  readonly standards: Map<string, Standard>;
}

/** What has happened in this graph so far. */
export interface GraphState {
  readonly tensors: Tensors;
  /** Node of each weight, by name. */
  readonly weights: Map<string, number>;
  /** Of each layer state, by name: its value from before the step, and the newest one. */
  readonly states: Map<string, { readonly leaf: number; newest: number }>;
  readonly instances: Map<string, Instance>;
  /** Raw fields of the data by their node. */
  readonly fields: Map<number, string>;
  /** Draws made so far at each call site. */
  readonly draws: Map<string, number>;
  /** The standardized tensors of data columns, by output. */
  readonly standardized: Map<string, number>;
}

export interface ContextOptions {
  readonly session: Session;
  /** Undefined where only compile-time values make sense: `let`, settings. */
  readonly graph?: string;
  readonly training: boolean;
  /** Size of the batch in this graph. */
  readonly batch?: Dimension;
  /** What is elaborated: keys the random streams. */
  readonly unit: string;
}

export class Context {
  readonly session: Session;
  readonly unit: string;
  readonly batch: Dimension | undefined;
  readonly state: GraphState | undefined;
  training: boolean;
  /** True inside `frozen(…)`: weights are constants. */
  frozen = false;
  /** While a data column's expression is elaborated. */
  column: ColumnSite | undefined;
  /** The expression that emits. */
  current: Span | undefined;
  private readonly stack: Frame[] = [];
  private scope: string | undefined;

  constructor(options: ContextOptions) {
    this.session = options.session;
    this.unit = options.unit;
    this.batch = options.batch;
    this.training = options.training;
    this.state =
      options.graph === undefined
        ? undefined
        : {
            tensors: new Tensors(
              options.graph,
              () => this.source(),
              () => this.scope,
            ),
            weights: new Map(),
            states: new Map(),
            instances: new Map(),
            fields: new Map(),
            draws: new Map(),
            standardized: new Map(),
          };
  }

  get frames(): readonly Frame[] {
    return this.stack;
  }

  /** The graph under construction; an error where tensors have no place. */
  graph(span: Span): GraphState {
    return (
      this.state ??
      this.fail('E0217', span, 'a tensor is not known at compile time', {
        help: 'constants and settings are numbers, strings or booleans',
      })
    );
  }

  tensors(span: Span): Tensors {
    return this.graph(span).tensors;
  }

  evaluate(expression: ast.Expression, place: Place): Value {
    return this.session.machine.evaluate(this, expression, place);
  }

  isStandard(span: Span): boolean {
    return span.file === this.session.standardFile;
  }

  /** Runs a body under a frame of its own. */
  within<T>(frame: Frame, work: () => T): T {
    this.stack.push(frame);
    const { current, scope } = this;
    this.scope = frame.path ?? (scope === undefined ? frame.name : `${scope}.${frame.name}`);
    try {
      return work();
    } finally {
      this.stack.pop();
      this.current = current;
      this.scope = scope;
    }
  }

  /** Spans of the calls around and of the expression at hand, from the innermost user's line inwards. */
  source(): readonly Span[] {
    const chain = this.stack.map((frame) => frame.span);
    if (this.current) chain.push(this.current);
    const from = chain.findLastIndex((span) => !this.isStandard(span));
    return chain.slice(Math.max(0, from));
  }

  /** Stops with one error. Inside the standard library it is reported at the user's call. */
  fail(
    code: DiagnosticCode,
    span: Span,
    message: string,
    extra: Pick<Diagnostic, 'help' | 'related'> = {},
  ): never {
    const inner = this.stack.findLastIndex((frame) => !this.isStandard(frame.span));
    const own = this.stack[inner];
    const throughStandard = own !== undefined && this.inStandard;
    const place = this.isStandard(span) && own ? own.span : span;
    const calls = this.stack
      .slice(0, throughStandard ? inner : inner + 1)
      .filter((frame) => !this.isStandard(frame.span))
      .reverse()
      .slice(0, 4)
      .map((frame) => ({ message: `\`${frame.name}\` is called here`, span: frame.span }));
    const related = [...(extra.related ?? []).filter((note) => !this.isStandard(note.span)), ...calls];
    failAt(code, place, throughStandard ? `\`${own.name}\`: ${message}` : message, {
      ...extra,
      related: related.length > 0 ? related : undefined,
    });
  }

  /** Stops with an error that no text is at fault for. */
  failAnywhere(code: DiagnosticCode, message: string, help?: string): never {
    failAt(code, undefined, message, help === undefined ? {} : { help });
  }

  /** Whether the body at hand is the standard library's. */
  get inStandard(): boolean {
    return this.stack.at(-1)?.standard ?? false;
  }
}
