/**
 * Re-evaluates one number of a graph after one tensor has changed: only what lies between is computed
 * again. The program's
 * `detach` nodes keep their first value, as differentiation sees them. In: a graph of primitives
 * and an environment. Out: the number of an output of shape [].
 */
import { broken, type Environment } from '../graph/op-row.ts';
import type { HostTensor } from '../graph/host-tensor.ts';
import { evaluateNode, interpretNodes } from '../graph/interpret.ts';
import type { Graph, Node } from '../graph/ir.ts';

export class Perturbation {
  /** Values of all nodes where nothing is changed. */
  readonly base: readonly HostTensor[];
  private readonly graph: Graph;
  private readonly given: Environment;

  constructor(graph: Graph, given: Environment) {
    this.graph = graph;
    this.given = given;
    this.base = interpretNodes(graph, given);
  }

  /**
   * A function from the elements of the leaves `variables`, which hold the same tensor, to the value of
   * node `target`.
   */
  along(variables: readonly number[], target: number): (data: Float64Array) => number {
    const between = this.between(variables, target);
    return (data) => {
      const values = [...this.base];
      for (const id of variables) values[id] = { ...this.valueOf(id), data };
      for (const node of between) values[node.id] = evaluateNode(node, values, this.given);
      return values[target]?.data[0] ?? broken(`%${target} has no value`);
    };
  }

  valueOf(id: number): HostTensor {
    return this.base[id] ?? broken(`%${id} has no value`);
  }

  /** Nodes that depend on the variables and that the target depends on, in order. */
  private between(variables: readonly number[], target: number): Node[] {
    const above = new Set(variables);
    for (const node of this.graph.nodes) {
      // A derivative rule has no business with detach: only the program's own hold still.
      const isStill = node.op === 'detach' && node.phase !== 'backward';
      if (!isStill && node.inputs.some((input) => above.has(input))) above.add(node.id);
    }
    const below = new Set([target]);
    for (const node of [...this.graph.nodes].reverse()) {
      if (below.has(node.id)) for (const input of node.inputs) below.add(input);
    }
    return this.graph.nodes.filter(({ id }) => above.has(id) && below.has(id) && !variables.includes(id));
  }
}
