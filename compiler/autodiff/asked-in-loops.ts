/** What the body of a loop differentiates by, of what comes from around it. */
import type { NodeOf } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { argumentRole } from '../graph/scan.ts';

export interface OpenScan {
  readonly node: NodeOf<'scan'>;
  /** Of the scan, in the graph around. */
  readonly inputs: readonly number[];
}

/** The inputs that stay the same in every turn and that the body, or a scan in it, differentiates by. */
export function differentiatedBy({ attributes }: NodeOf<'scan'>): Set<number> {
  const { nodes } = attributes.body;
  const asked = nodes.flatMap((node) => {
    if (node.op === 'gradient') return [nth(node.inputs, 1)];
    return node.op === 'scan' ? [...differentiatedBy(node)].map((index) => nth(node.inputs, index)) : [];
  });
  const found = new Set<number>();
  for (const id of asked) {
    const node = nth(nodes, id);
    if (node.op === 'argument' && argumentRole(attributes, node.attributes.index) === 'constant')
      found.add(node.attributes.index);
  }
  return found;
}
