/**
 * WGSL as a small typed tree: what `from-kernel` builds and `print` writes. Only what kernels need: no textures,
 * no pointers. Helper functions of the prelude are text.
 */

export type ScalarName = 'f32' | 'f16' | 'i32' | 'u32' | 'bool';

export interface WgslType {
  readonly scalar: ScalarName;
  readonly lanes: 1 | 4;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '||'
  | '&&';

export type WgslExpression =
  /** A finite number of this type; floats are rounded, integers wrap; bool is 0 or 1. */
  | { readonly kind: 'literal'; readonly scalar: ScalarName; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: WgslExpression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: WgslExpression;
      readonly right: WgslExpression;
    }
  /** A function, a type constructor or a conversion. */
  | { readonly kind: 'call'; readonly callee: string; readonly arguments: readonly WgslExpression[] }
  | { readonly kind: 'index'; readonly base: WgslExpression; readonly index: WgslExpression }
  | { readonly kind: 'member'; readonly base: WgslExpression; readonly member: string };

export type WgslStatement =
  | { readonly kind: 'let' | 'var'; readonly name: string; readonly value: WgslExpression }
  | { readonly kind: 'assign'; readonly target: WgslExpression; readonly value: WgslExpression }
  | {
      readonly kind: 'for';
      readonly variable: string;
      readonly from: WgslExpression;
      readonly to: WgslExpression;
      readonly step: number;
      readonly body: readonly WgslStatement[];
    }
  | {
      readonly kind: 'if';
      readonly condition: WgslExpression;
      readonly then: readonly WgslStatement[];
      readonly else: readonly WgslStatement[];
    }
  | { readonly kind: 'return' }
  | { readonly kind: 'barrier' };

export interface WgslBinding {
  readonly name: string;
  readonly access: 'read' | 'read_write';
  /** The element of the bound array. */
  readonly element: WgslType;
}

/** The uniform block as far as the kernel needs it; follows the storage bindings. */
export interface WgslUniform {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: 'u32' | 'f32' }[];
}

export interface WgslModule {
  /** Comment lines above everything else. */
  readonly header: readonly string[];
  /** Extensions that the module uses: `f16`. */
  readonly enables: readonly string[];
  /** Bound at @group(0) @binding(i) in this order. */
  readonly bindings: readonly WgslBinding[];
  readonly uniform?: WgslUniform;
  /** Arrays in workgroup memory. */
  readonly scratch: readonly { readonly name: string; readonly element: WgslType; readonly length: number }[];
  /** The loops of dispatches whose turn's number is bound, by the number of loops around; behind the uniform block. */
  readonly turns?: readonly number[];
  /** Texts of helper functions, callees before callers. */
  readonly functions: readonly string[];
  readonly workgroup: readonly [number, number, number];
  /** Built-in values the entry point takes. */
  readonly builtins: readonly { readonly name: string; readonly builtin: string; readonly type: string }[];
  readonly body: readonly WgslStatement[];
}

export const typeName = ({ scalar, lanes }: WgslType): string => (lanes === 4 ? `vec4<${scalar}>` : scalar);

export const name = (text: string): WgslExpression => ({ kind: 'name', name: text });

export const literal = (value: number, scalar: ScalarName): WgslExpression => ({
  kind: 'literal',
  scalar,
  value,
});

export const unsigned = (value: number): WgslExpression => literal(value, 'u32');

export const call = (callee: string, ...args: WgslExpression[]): WgslExpression => ({
  kind: 'call',
  callee,
  arguments: args,
});

export const binary = (
  operator: BinaryOperator,
  left: WgslExpression,
  right: WgslExpression,
): WgslExpression => ({ kind: 'binary', operator, left, right });

export const unary = (operator: '-' | '!', operand: WgslExpression): WgslExpression => ({
  kind: 'unary',
  operator,
  operand,
});

export const index = (base: WgslExpression, at: WgslExpression): WgslExpression => ({
  kind: 'index',
  base,
  index: at,
});

export const member = (base: WgslExpression, field: string): WgslExpression => ({
  kind: 'member',
  base,
  member: field,
});
