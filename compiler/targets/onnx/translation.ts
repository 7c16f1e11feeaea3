/**
 * The graph's values as values of an ONNX graph. In: a graph, a writer. Out: names. Reshapes and broadcasts are put off
 * until somebody needs them: element-wise operators of ONNX broadcast by themselves, as NumPy's, and a reshape of a
 * reshape is one. Sizes that contain the batch are computed from the shape of the model's first input.
 */
import { CompileError, errorAt } from '../../diagnostics.ts';
import {
  broadcastShapes,
  equalShapes,
  printDimension,
  type BatchDimension,
  type Dimension,
} from '../../graph/dimension.ts';
import type { Graph, Node } from '../../graph/ir.ts';
import { broken, nth } from '../../graph/op-row.ts';
import { int } from './model.ts';
import { ELEMENT_OF } from './tensors.ts';
import type { GraphWriter } from './writer.ts';

/** A value that stands for a node's: of the same elements in row-major order, or one that broadcasts to it. */
export interface OnnxStandIn {
  readonly name: string;
  /** Its real shape. */
  readonly shape: readonly Dimension[];
  /** It broadcasts to the node's shape. */
  readonly spread?: true;
}

/** What a row gives: a name where the value has the node's own shape. Of a scan: the names of all its results. */
export type Translated = string | OnnxStandIn | { readonly results: readonly string[] };

export class Translation {
  readonly graph: Graph;
  readonly writer: GraphWriter;
  /** Of the body of a scan: the translation around it. */
  readonly around: Translation | undefined;
  /** Of the body of a scan: values of its arguments by index, and their shapes. */
  readonly arguments: readonly OnnxStandIn[];
  private readonly values: OnnxStandIn[] = [];
  private readonly several = new Map<number, readonly string[]>();
  private readonly wholes = new Map<string, string>();
  private batchName: string | undefined;

  constructor(
    graph: Graph,
    writer: GraphWriter,
    inside?: { around: Translation; arguments: readonly OnnxStandIn[] },
  ) {
    this.graph = graph;
    this.writer = writer;
    this.around = inside?.around;
    this.arguments = inside?.arguments ?? [];
  }

  node(id: number): Node {
    return this.graph.nodes[id] ?? broken(`no node %${id} in ${this.graph.name}`);
  }

  shape(id: number): readonly Dimension[] {
    return this.node(id).type.shape;
  }

  define(id: number, translated: Translated): void {
    if (typeof translated === 'object' && 'results' in translated) this.several.set(id, translated.results);
    else if (typeof translated === 'string') this.values[id] = { name: translated, shape: this.shape(id) };
    else this.values[id] = translated;
  }

  standIn(id: number): OnnxStandIn {
    return this.values[id] ?? broken(`%${id} of ${this.graph.name} is not translated yet`);
  }

  /** A result of a scan. */
  result(scan: number, index: number): string {
    return nth(this.several.get(scan) ?? [], index);
  }

  /** The value in the node's own shape. */
  value(id: number): string {
    const { name, shape, spread } = this.standIn(id);
    const due = this.shape(id);
    if (equalShapes(shape, due)) return name;
    return spread ? this.expanded(name, due) : this.inShape(name, due);
  }

  /** The value's elements in another shape. */
  reshaped(id: number, shape: readonly Dimension[]): string {
    const standIn = this.standIn(id);
    if (equalShapes(standIn.shape, shape) && !standIn.spread) return standIn.name;
    return this.inShape(standIn.spread ? this.value(id) : standIn.name, shape);
  }

  /** Names that broadcast together to `shape`, which is that of every one of the values. */
  operands(ids: readonly number[], shape: readonly Dimension[]): string[] {
    const found = ids.map((id) => this.spreadable(id));
    const together = found.reduce<readonly Dimension[] | undefined>(
      (union, each) => union && broadcastShapes(union, each.shape),
      [],
    );
    const names = found.map(({ name }) => name);
    return together && equalShapes(together, shape) ? names : [this.value(nth(ids, 0)), ...names.slice(1)];
  }

  /** The value as something that broadcasts to it. */
  spreadable(id: number): OnnxStandIn {
    const standIn = this.standIn(id);
    const due = this.shape(id);
    const added = due.length - standIn.shape.length;
    const isPadded =
      added >= 0 &&
      due.slice(0, added).every((size) => size === 1) &&
      equalShapes(due.slice(added), standIn.shape);
    return standIn.spread || isPadded ? standIn : { name: this.value(id), shape: due };
  }

  inShape(name: string, shape: readonly Dimension[]): string {
    return this.once(`reshape ${name} ${shape.map(printDimension).join()}`, () =>
      this.writer.add('Reshape', [name, this.sizes(shape, true)]),
    );
  }

  private expanded(name: string, shape: readonly Dimension[]): string {
    return this.once(`expand ${name} ${shape.map(printDimension).join()}`, () =>
      this.writer.add('Expand', [name, this.sizes(shape, false)]),
    );
  }

  /** A shape as a tensor. `mayInfer`: one open size may be left for the operator to find. */
  sizes(shape: readonly Dimension[], mayInfer: boolean): string {
    const { writer } = this;
    const open = shape.filter((size) => typeof size !== 'number').length;
    if (open === 0 || (mayInfer && open === 1 && !shape.includes(0))) {
      return writer.constant(
        'i64',
        [shape.length],
        shape.map((size) => (typeof size === 'number' ? size : -1)),
      );
    }
    const parts = shape.map((size) => this.size(size));
    return parts.length === 1 ? nth(parts, 0) : writer.add('Concat', parts, { axis: int(0) });
  }

  /** One size as a tensor of one number. */
  size(size: Dimension): string {
    if (typeof size === 'number') return this.writer.constant('i64', [1], [size]);
    return this.once(`size ${printDimension(size)}`, () => this.openSize(size));
  }

  private openSize({ times, plus }: BatchDimension): string {
    const { writer } = this;
    const batch = this.batch();
    const product = times === 1 ? batch : writer.add('Mul', [batch, writer.constant('i64', [1], [times])]);
    return plus === 0 ? product : writer.add('Add', [product, writer.constant('i64', [1], [plus])]);
  }

  /** The number of records at hand, [1]. */
  private batch(): string {
    if (this.around) return this.around.batch();
    const [input] = this.graph.nodes.flatMap((node) => (node.op === 'input' ? [node.attributes.name] : []));
    if (input === undefined) return broken(`${this.graph.name} has an open batch and no input`);
    this.batchName ??= this.writer.add('Shape', [input], { start: int(0), end: int(1) });
    return this.batchName;
  }

  cast(name: string, type: Node['type']['dtype']): string {
    return this.writer.add('Cast', [name], { to: int(CAST_TO[ELEMENT_OF[type]]) });
  }

  /** Stops at what ONNX has no words for: E0901 at the program's line. */
  refuse(node: Node, what: string, help: string): never {
    throw new CompileError([
      errorAt('E0901', node.source[0], `${what} cannot be exported to ONNX yet`, { help }),
    ]);
  }

  private once(key: string, make: () => string): string {
    const known = this.wholes.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.wholes.set(key, name);
    return name;
  }
}

/** `TensorProto.DataType` */
const CAST_TO = { f32: 1, i32: 6, i64: 7, bool: 9, f16: 10 } as const;
