/**
 * What a kernel costs, in bytes of device memory moved: a launch and an arithmetic operation count as the bytes
 * that could be moved meanwhile. In: a group. Out: its cost, and how long its text will be.
 */
import { elementsAt } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { Evaluation, type CostContext } from './evaluation.ts';
import { turnsOfGroup } from './loops.ts';
import { piecesOf } from './pieces.ts';
import { RATES } from './rates.ts';
import type { Reads } from './reads.ts';
import type { Group } from './schedule.ts';
import type { ScheduledGraph } from './scheduled-graph.ts';
import { isReduction } from './spaces.ts';

export interface Cost {
  /** Bytes read and written in one turn, each tensor once. */
  readonly bytes: number;
  /** Launch, bytes and arithmetic of all turns. */
  readonly total: number;
  /** Loads and stores in the kernel's text. */
  readonly accesses: number;
  /** Values that its text works out: operators, once for every place that is asked for. */
  readonly values: number;
}

export function costOf(context: CostContext, group: Group, { loads, leaves }: Reads): Cost {
  const { graph } = context;
  const size = (id: number): number => elementsAt((graph.nodes[id] as Node).type.shape, context.batch) * 4;
  const turns = turnsOfGroup(graph, group);
  const read = [...loads, ...leaves.values()];
  const parts = turns > 1 ? partsPerTurn(graph, group, new Set(read)) : undefined;
  let bytes = 0;
  for (const id of read) bytes += size(id) / (parts?.get(id) ?? 1);
  for (const id of group.stored) bytes += size(id);
  const rates = RATES[context.deviceClass];
  const { work, accesses, values } = new Evaluation(context, rates, group).run();
  const idle = Math.max(1, rates.threads / threadsOf(context, group));
  return { bytes, accesses, values, total: turns * (rates.launch + (bytes + work) * idle) };
}

/** By tensor that a group in a loop reads: of how many parts of it a turn looks at one. */
function partsPerTurn(
  graph: ScheduledGraph,
  group: Group,
  read: ReadonlySet<number>,
): ReadonlyMap<number, number> {
  const parts = new Map<number, number>();
  const visit = (id: number, count: number): void => {
    const known = parts.get(id);
    if (known !== undefined && known <= count) return;
    parts.set(id, count);
    const node = graph.nodes[id] as Node;
    if (read.has(id)) return;
    for (const input of node.inputs)
      visit(input, node.op === 'at_turn' ? count * node.attributes.turns : count);
  };
  for (const id of group.stored) visit(id, 1);
  return parts;
}

/** A thread, or a team, a row; a tile of a product, shared by several where there are few; or four results. */
function threadsOf({ graph, batch, deviceClass }: CostContext, group: Group): number {
  const nodeOf = (id: number): Node => graph.nodes[id] as Node;
  const elements = (node: Node): number => elementsAt(node.type.shape, batch);
  const { members } = RATES[deviceClass];
  const nodes = group.nodes.map(nodeOf);
  const product = nodes.find((node) => node.op === 'matmul');
  if (product) return Math.max(1, elements(product) / (members > 1 ? 4 : 16));
  const reduction = nodes.find(isReduction);
  if (reduction) {
    const along = elements(nodeOf(reduction.inputs[0] as number)) / Math.max(1, elements(reduction));
    return Math.max(1, elements(reduction) * Math.max(1, Math.min(members, along / 4)));
  }
  const [first] = group.stored;
  if (first === undefined) return 1;
  const part = piecesOf(graph, group).get(first)?.inputs[0] ?? first;
  return Math.max(1, elements(nodeOf(part)) / 4);
}
