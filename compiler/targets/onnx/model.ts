/** An ONNX model as plain data, before it is encoded. The words are those of onnx.ai's specification of the IR. */

/** Elements; the graph's u32 are i64, which every operator takes. */
export type ElementType = 'f32' | 'f16' | 'i32' | 'i64' | 'bool';

export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Little-endian. */
  readonly bytes: Uint8Array;
}

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly values: readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'graph'; readonly graph: OnnxGraph };

export type OnnxAttributes = Readonly<Record<string, OnnxAttribute>>;

export interface OnnxNode {
  readonly op: string;
  readonly name: string;
  /** An empty name is an input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OnnxAttributes;
  /** The program's line it comes from. */
  readonly doc?: string;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** A text is the name of a size that is open; absent: nothing is said. */
  readonly shape?: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** netc's. */
  readonly version: string;
  readonly doc: string;
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

/** The operator set of ai.onnx that the nodes are of, and the version of the IR that came with it. */
export const OPSET = 17;
export const IR_VERSION = 8;

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const ints = (values: readonly number[]): OnnxAttribute => ({ kind: 'ints', values });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const string = (value: string): OnnxAttribute => ({ kind: 'string', value });
