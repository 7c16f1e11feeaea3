/**
 * The syntax tree of a `.net` file, as LANGUAGE.md section 3 has it: names unresolved, nothing checked but
 * the grammar. Every node carries its span. Keywords are contextual, so the tree holds plain names.
 */
import type { Span } from '../diagnostics.ts';

export interface SourceFile {
  file: string;
  declarations: Declaration[];
  span: Span;
}

export interface Identifier {
  text: string;
  span: Span;
}

export type Declaration =
  | { kind: 'use'; path: string; pathSpan: Span; span: Span }
  | { kind: 'let'; name: Identifier; value: Expression; span: Span }
  | { kind: 'fn'; name: Identifier; parameters: Parameter[]; body: Expression | Block; span: Span }
  | LayerDeclaration
  | { kind: 'data'; name: Identifier; body: Block; span: Span }
  | { kind: 'train'; name?: Identifier; data: Identifier; body: Block; span: Span };

export interface LayerDeclaration {
  kind: 'layer' | 'model';
  name: Identifier;
  /** Undefined where no parentheses stand. */
  parameters: Parameter[];
  inputs: Tensor[];
  outputs: Tensor[];
  body: Block;
  span: Span;
}

export interface Parameter {
  name: Identifier;
  /** `int`, `float` or `bool`; other names are an error of a later stage. */
  type?: Identifier;
  default?: Expression;
  span: Span;
}

/** `name[dims] dtype` */
export interface Tensor {
  name?: Identifier;
  dims: Dimension[];
  dtype?: Identifier;
  span: Span;
}

export type Dimension = { kind: 'rest'; span: Span } | { kind: 'dim'; value: Expression; span: Span };

export interface Block {
  statements: Statement[];
  span: Span;
}

export type Statement =
  /** `a = e`, `(a, b) = e`; `x = 1, y = 2` on one line is two entries. */
  | { kind: 'binding'; entries: Binding[]; span: Span }
  /** A data column: `image[B, 784] = image / 255`. */
  | { kind: 'column'; tensor: Tensor; value?: Expression; span: Span }
  | { kind: 'param' | 'state'; entries: WeightDeclaration[]; span: Span }
  | { kind: 'return' | 'emit'; value: Expression; span: Span }
  | { kind: 'repeat'; label?: Identifier; count: Expression; variable?: Identifier; body: Block; span: Span }
  | ScanStatement
  | IfStatement
  | { kind: 'from' | 'augment' | 'metric' | 'update'; name: Identifier; value: Expression; span: Span }
  | { kind: 'split'; entries: { name: Identifier; share: Expression; span: Span }[]; span: Span }
  | { kind: 'step'; name?: Identifier; arguments: Argument[]; body: Block; span: Span }
  | { kind: 'minimize'; loss: Expression; over: Expression[]; with: Expression; span: Span };

export interface Binding {
  target: Target;
  value: Expression;
  span: Span;
}

export type Target =
  { kind: 'name'; name: Identifier; span: Span } | { kind: 'tuple'; names: Identifier[]; span: Span };

export interface WeightDeclaration {
  tensor: Tensor;
  value?: Expression;
  span: Span;
}

export interface ScanStatement {
  kind: 'scan';
  sequences: { name: Identifier; value: Expression; span: Span }[];
  along: Identifier;
  carries: { tensor: Tensor; value: Expression; span: Span }[];
  body: Block;
  span: Span;
}

export interface IfStatement {
  kind: 'if';
  condition: Expression;
  then: Block;
  /** `else if` is a block of one `if` statement. */
  else?: Block;
  span: Span;
}

export type BinaryOperator =
  | 'or' | 'and' | '<' | '<=' | '>' | '>=' | '==' | '!='
  | '+' | '-' | '*' | '/' | '%' | '@' | '^'; // prettier-ignore

export type Unit = 'epoch' | 'step' | 'MB' | 'GB';

export type Expression =
  /** `10%` is value 0.1 with `integer` false. `integer`: written without point, exponent or percent. */
  | { kind: 'number'; value: number; integer: boolean; unit?: Unit; text: string; span: Span }
  | { kind: 'string'; value: string; span: Span }
  | { kind: 'name'; name: string; span: Span }
  /** Two entries or more; `(x)` is x itself. */
  | { kind: 'tuple'; items: Expression[]; span: Span }
  | {
      kind: 'binary';
      operator: BinaryOperator;
      operatorSpan: Span;
      left: Expression;
      right: Expression;
      span: Span;
    }
  | { kind: 'unary'; operator: '-' | 'not'; operand: Expression; span: Span }
  | { kind: 'call'; callee: Expression; arguments: Argument[]; span: Span }
  | { kind: 'index'; base: Expression; ranges: Range[]; span: Span }
  | { kind: 'member'; base: Expression; name: Identifier; span: Span }
  /** `left -> label: target`; target is a name, call, member or index expression. */
  | { kind: 'pipe'; left: Expression; label?: Identifier; target: Expression; span: Span };

export interface Argument {
  name?: Identifier;
  value: Expression;
  span: Span;
}

export type Range =
  | { kind: 'rest'; span: Span }
  | { kind: 'at'; index: Expression; span: Span }
  | { kind: 'slice'; from?: Expression; to?: Expression; step?: Expression; span: Span };
