/**
 * Builds graphs node by node. In: primitives, inputs, attributes. Out: a `Graph` whose types follow the
 * operator table. Nothing is folded or shared here; passes do that.
 */
import { equalShapes } from './dimension.ts';
import type {
  Graph,
  GraphOutput,
  Loop,
  Node,
  NodeOf,
  OpAttributes,
  OpName,
  Origin,
  OutputRole,
  Phase,
  TensorType,
} from './ir.ts';
import type { Span } from '../../runtime/plan-format.ts';
import { broken, type GivenType } from './op-row.ts';
import { inferType } from './ops.ts';

/** All nodes have the same fields in the same order: engines read such objects fastest, and copy them fastest. */
function placed(node: Node, id: number, inputs: readonly number[]): Node {
  const { op, attributes, type, source, phase, origin, again, label, scope } = node;
  return { id, op, inputs, attributes, type, source, phase, origin, again, label, scope } as Node;
}

export class GraphBuilder {
  readonly name: string;
  /** Stamped on new nodes. */
  phase: Phase = 'forward';
  /** Stamped on new nodes: from the user's line inwards. */
  source: readonly Span[] = [];
  /** Stamped on new nodes. */
  origin: Origin | undefined;
  /** Stamped on new nodes. */
  again: number | undefined;
  /** Stamped on new nodes. */
  scope: string | undefined;
  /** Of a graph whose scans are laid out. */
  readonly loops: Loop[] = [];
  private readonly list: Node[] = [];
  private readonly results: GraphOutput[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get nodes(): readonly Node[] {
    return this.list;
  }

  get outputs(): readonly GraphOutput[] {
    return this.results;
  }

  /**
   * Appends a node and returns its id. `given` is needed where inputs do not tell the type: the shape of
   * parameter, state, input, argument, scan_result, iota, random_bits, reshape and broadcast; the dtype of cast (of a constant,
   * parameter or state it is f32 where not given; of a sum or product of f16 it may be f32).
   */
  add<P extends OpName>(
    op: P,
    inputs: readonly number[],
    attributes: OpAttributes[P],
    given: GivenType = {},
  ): number {
    const type = inferType(
      op,
      inputs.map((id) => this.type(id)),
      attributes,
      given,
    );
    if (given.shape && !equalShapes(given.shape, type.shape)) broken(`${op} of another shape than given`);
    if (given.dtype && given.dtype !== type.dtype) broken(`${op} gives ${type.dtype}, not ${given.dtype}`);
    const id = this.list.length;
    const { source, phase, origin, again, scope } = this;
    const label = undefined;
    const node: NodeOf<P> = { id, op, inputs, attributes, type, source, phase, origin, again, label, scope };
    this.list.push(node as Node);
    return id;
  }

  /**
   * Appends a node of another graph with inputs of the same types; phase, source chain, origin and label stay. Its type
   * is not inferred anew: `verifyGraph` holds it against the table.
   */
  copy(node: Node, inputs: readonly number[]): number {
    const id = this.list.length;
    const stays = id === node.id && inputs.every((input, i) => input === node.inputs[i]);
    this.list.push(stays ? node : placed(node, id, inputs));
    return id;
  }

  /** Gives a scan a body with the same arguments and results, and perhaps more emits after them. */
  widenScan(id: number, body: Graph): void {
    const node = this.node(id);
    if (node.op !== 'scan') broken(`%${id} is no scan`);
    this.list[id] = { ...node, attributes: { ...node.attributes, body } };
  }

  node(id: number): Node {
    const node = this.list[id];
    if (!node) broken(`no node %${id} in graph ${this.name}`);
    return node;
  }

  type(id: number): TensorType {
    return this.node(id).type;
  }

  /** Names the value for readers; the first name stays. */
  label(id: number, text: string): void {
    const node = this.node(id);
    if (node.label === undefined) this.list[id] = { ...node, label: text };
  }

  output(name: string, value: number, role: OutputRole): void {
    this.node(value);
    this.results.push({ name, value, role });
  }

  /** A copy of the graph as it stands. */
  finish(): Graph {
    const graph = { name: this.name, nodes: [...this.list], outputs: [...this.results] };
    return this.loops.length === 0 ? graph : { ...graph, loops: [...this.loops] };
  }
}
