/**
 * Puts an ONNX graph together node by node. In: operators, names of values. Out: an `OnnxGraph`. Holds: names of nodes
 * and values are unique, also among graphs inside of it; equal small constants are one.
 */
import type { ElementType, OnnxAttributes, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './model.ts';
import { tensorBytes } from './tensors.ts';

/** Names taken so far, in a graph and in all that are inside of it. */
class UniqueNames {
  private readonly taken = new Set<string>();

  fresh(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.taken.has(name); count += 1) name = `${wanted}_${count}`;
    this.taken.add(name);
    return name;
  }
}

/** Constants of so few numbers are shared. */
const SHARED = 64;

export class GraphWriter {
  /** The part of the model that new nodes are put under, as `net/fc1`; empty: none. */
  scope = '';
  /** The program's line that new nodes come from. */
  doc: string | undefined;
  private readonly name: string;
  private readonly names: UniqueNames;
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private readonly constants = new Map<string, string>();

  constructor(name: string, around?: GraphWriter) {
    this.name = name;
    this.names = around?.names ?? new UniqueNames();
  }

  /** Takes a name that has to be this very one: an input, a weight. */
  take(name: string): string {
    const taken = this.names.fresh(name);
    if (taken !== name) throw new Error(`internal: two values are called ${name}`);
    return taken;
  }

  fresh(wanted: string): string {
    return this.names.fresh(wanted);
  }

  /** A node; the name of its first result. */
  add(op: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string {
    return this.addSeveral(op, inputs, attributes, 1)[0] as string;
  }

  addSeveral(op: string, inputs: readonly string[], attributes: OnnxAttributes, results: number): string[] {
    const path = this.scope === '' ? op : `${this.scope}/${op}`;
    const name = this.names.fresh(path);
    // A node and its first result have one name, as viewers show either.
    const outputs = Array.from({ length: results }, (_, i) =>
      i === 0 ? name : this.names.fresh(`${name}.${i}`),
    );
    const { doc } = this;
    this.nodes.push({ op, name, inputs, outputs, attributes, ...(doc === undefined ? {} : { doc }) });
    return outputs;
  }

  /** A value under a name that was taken for it: an output. */
  nameResult(name: string, value: string): string {
    const node = this.names.fresh(`outputs/${name}`);
    this.nodes.push({ op: 'Identity', name: node, inputs: [value], outputs: [name], attributes: {} });
    return name;
  }

  initializer(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): string {
    this.initializers.push({ name: this.take(name), type, shape, bytes });
    return name;
  }

  /** A tensor of numbers. */
  constant(type: ElementType, shape: readonly number[], values: readonly number[]): string {
    const key = `${type}[${shape.join()}]${values.map((value) => (Object.is(value, -0) ? '-0' : value)).join()}`;
    const known = values.length <= SHARED ? this.constants.get(key) : undefined;
    if (known !== undefined) return known;
    const name = this.names.fresh(values.length === 1 ? `constant/${String(values[0])}` : 'constant');
    this.initializers.push({ name, type, shape, bytes: tensorBytes(values, type) });
    this.constants.set(key, name);
    return name;
  }

  finish(inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): OnnxGraph {
    return { name: this.name, nodes: this.nodes, initializers: this.initializers, inputs, outputs };
  }
}
