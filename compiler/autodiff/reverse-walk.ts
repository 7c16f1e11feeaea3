/**
 * The reverse walk. In: values y with the gradient g that each starts from, and values that gradients are
 * asked for. Out: d(sum of g * y) by the id of each of those that some y depends on. Nodes are visited from
 * the last to the first, those alone that stand between the two; the rules emit what they need.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { binary } from '../graph/convenience.ts';
import type { NodeOf, OpName } from '../graph/ir.ts';
import { broken, nth } from '../graph/op-row.ts';
import { dependencies, dependents, edge, flowing } from './dependence.ts';
import { VjpContext, type Emit } from './vjp-rule.ts';
import { VJP_RULES } from './vjp-rules.ts';

export function reverseWalk(
  b: GraphBuilder,
  seeds: ReadonlyMap<number, number>,
  wanted: readonly number[],
): ReadonlyMap<number, number> {
  const last = Math.max(...seeds.keys());
  const above = dependents(b, wanted, last, flowing);
  const below = dependencies(b, [...seeds.keys()], flowing);
  const isActive = (id: number) => above[id] === true && below[id] === true;
  const asked = new Set(wanted);
  const found = new Map<number, number>();
  const sums = new Map([...seeds].filter(([id]) => isActive(id)));
  /** Gradients of the results of nodes that have several. */
  const results = new Map<number, (number | undefined)[]>();
  const plus = (sum: number | undefined, part: number): number =>
    sum === undefined ? part : binary(b, 'add', sum, part);

  for (let id = last; id >= 0; id--) {
    const gradient = sums.get(id);
    const gradients = results.get(id) ?? [gradient];
    if (gradient !== undefined && asked.has(id)) found.set(id, gradient);
    if (gradients.every((one) => one === undefined)) continue;
    const node = b.node(id);
    b.source = node.source;
    b.origin = node.origin;
    if (node.op === 'scan_result' && gradient !== undefined) {
      const input = nth(node.inputs, 0);
      const parts = results.get(input) ?? [];
      parts[node.attributes.index] = plus(parts[node.attributes.index], gradient);
      results.set(input, parts);
      continue;
    }
    const flows = node.inputs.map((input, index) => isActive(input) && edge(b, node, index) === 'flows');
    const emits = inputGradients(b, node, gradients, flows);
    node.inputs.forEach((input, index) => {
      if (!flows[index]) return;
      const emit = emits[index] ?? broken(`${node.op} has no derivative by its input ${index}`);
      const part = emit();
      sums.set(input, plus(sums.get(input), part));
    });
  }
  return found;
}

function inputGradients<P extends OpName>(
  b: GraphBuilder,
  node: NodeOf<P>,
  gradients: readonly (number | undefined)[],
  wanted: readonly boolean[],
): readonly (Emit | undefined)[] {
  const rule = VJP_RULES[node.op];
  return typeof rule === 'string' ? [] : rule(new VjpContext<P>(b, node, gradients, wanted, reverseWalk));
}
