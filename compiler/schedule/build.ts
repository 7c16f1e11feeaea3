/**
 * Cuts a graph into groups, one kernel each. In: a graph of primitives, whether to fuse, the device's limits.
 * Out: groups in an order that respects what they read and what they overwrite, and a reason for every
 * producer that was or was not joined with its consumer. Without `fuse`: one kernel a primitive.
 */
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { isLeaf } from './free.ts';
import { leafName, outputName } from './homes.ts';
import { concatParts } from './concat-parts.ts';
import { fuse } from './fuse.ts';
import type { Judgements } from './judgements.ts';
import { arrange, findHazard } from './order.ts';
import { loadsOf } from './reads.ts';
import type { Copy, FusionDecision, Group, GroupKind, Schedule } from './schedule.ts';
import { runWholeLoops } from './whole-loops.ts';
import { isFree, stackOf, withFacts, writtenHome, type ScheduledGraph } from './scheduled-graph.ts';

export interface ScheduleOptions {
  readonly fuse: boolean;
  readonly profile: TargetProfile;
  /** The largest batch. */
  readonly batch: number;
  /** Shared by graphs that are alike; for one profile. */
  readonly judgements?: Judgements;
}

const OFF = 'fusion is off';
/** No program is known to come to this. */
const CIRCLE = 'joined kernels would wait for each other in a circle, so nothing is joined';

export function buildSchedule(given: Graph, options: ScheduleOptions): Schedule {
  checkNames(given);
  const graph = withFacts(given, options.profile.deviceClass);
  // A tensor that would be overwritten too early is written to a place of its own first and copied last.
  const spilled: number[] = [];
  /** True, or why nothing is joined. */
  let joins: true | string = options.fuse || OFF;
  for (;;) {
    const single = collect(graph, options, spilled);
    const { groups, refusals } =
      joins === true ? fuse(graph, single, keptOf(graph), options) : apart(graph, single, joins);
    const hazard = findHazard(graph, groups);
    if (hazard !== undefined) {
      spilled.push(hazard);
      continue;
    }
    const arrangement = arrange(graph, groups);
    switch (arrangement.kind) {
      case 'ordered':
        return {
          graph,
          ...(joins === true ? runWholeLoops(graph, arrangement) : arrangement),
          decisions: [...joined(arrangement.groups), ...refusals],
        };
      case 'conflict':
        spilled.push(arrangement.value);
        continue;
      case 'circle':
        if (joins !== true)
          throw new Error(`internal: the groups of graph ${graph.name} read each other in a circle`);
        joins = CIRCLE;
        continue;
      default:
        arrangement satisfies never;
    }
  }
}

/** What must lie in memory whoever reads it: results, and what other turns of a loop or what follows it reads. */
const keptOf = (graph: ScheduledGraph): Set<number> =>
  new Set([
    ...graph.outputs.map((output) => output.value),
    ...graph.nodes.flatMap(({ id }) => (stackOf(graph, id) === undefined ? [] : [id])),
  ]);

function checkNames(graph: Graph): void {
  const names = graph.outputs.map(outputName).filter((name) => name !== undefined);
  if (new Set(names).size !== names.length) {
    throw new Error(`internal: graph ${graph.name} overwrites a tensor twice`);
  }
}

/** Groups for all outputs and for everything they read, in no particular order. */
function collect(graph: ScheduledGraph, options: ScheduleOptions, spilled: readonly number[]): Group[] {
  const groups: Group[] = [];
  const made = new Set<number>();
  const pending: number[] = [];
  const add = (group: Group): void => {
    const complete = spilled.length > 0 ? { ...group, spilled } : group;
    groups.push(complete);
    for (const id of group.stored) made.add(id);
    pending.push(...loadsOf(graph, complete));
  };

  const values = new Set(graph.outputs.map((output) => output.value));
  for (const id of values) {
    const node = nodeOf(graph, id);
    if (!isFree(graph, id) && !isLeaf(node)) pending.push(id);
    else if (!liesInPlace(graph, node)) add({ kind: 'elementwise', nodes: [id], stored: [id] });
    const copies = copiesOf(graph, node, spilled);
    if (copies.length > 0) {
      for (const copy of copies) add({ kind: 'elementwise', nodes: [], stored: [], copies: [copy] });
    }
  }
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (made.has(id)) continue;
    const node = nodeOf(graph, id);
    made.add(id);
    if (node.op === 'carried') pending.push(node.attributes.stack);
    else if (node.op === 'over_turns') stackCopies(graph, node).forEach(add);
    else primitive(graph, node, options).forEach(add);
    if (node.op === 'over_turns' && stackOf(graph, node.inputs[0] as number) === id) {
      pending.push(node.inputs[0] as number);
    }
  }
  return groups;
}

/** True for a leaf that is only to be left as it is. */
function liesInPlace(graph: ScheduledGraph, node: Node): boolean {
  const home = writtenHome(graph, node.id);
  return home.kind === 'named' && home.name === leafName(node);
}

/** The names under which a value must lie besides its home. */
function copiesOf(graph: ScheduledGraph, node: Node, spilled: readonly number[]): Copy[] {
  const home = writtenHome(graph, node.id, spilled);
  return graph.outputs
    .filter((output) => output.value === node.id)
    .map(outputName)
    .filter((name) => name !== undefined)
    .filter((name) => name !== leafName(node) && !(home.kind === 'named' && home.name === name))
    .map((name) => ({ value: node.id, to: { kind: 'named', name } }));
}

/** What enters a stack without being computed for it: a carry's initial value, a value that lies elsewhere. */
function stackCopies(graph: ScheduledGraph, { id, inputs }: NodeOf<'over_turns'>): Group[] {
  const [value, initial] = inputs as [number, number | undefined];
  const copy = (from: number, kind: 'initial' | 'turn'): Group => ({
    kind: 'elementwise',
    nodes: [],
    stored: [],
    copies: [{ value: from, to: { kind, stack: id } }],
  });
  return [
    ...(initial === undefined ? [] : [copy(initial, 'initial')]),
    ...(stackOf(graph, value) === id ? [] : [copy(value, 'turn')]),
  ];
}

function primitive(graph: ScheduledGraph, node: Node, { profile, batch }: ScheduleOptions): Group[] {
  const group: Group = { kind: kindOf(node), nodes: [node.id], stored: [node.id] };
  if (node.op === 'concat') return concatParts(graph, group, profile, batch);
  return [group];
}

function kindOf(node: Node): GroupKind {
  switch (node.op) {
    case 'matmul':
      return 'matmul';
    case 'attention':
    case 'attention_lse':
    case 'attention_gradient':
      return 'attention';
    case 'take':
    case 'gather':
      return 'gather';
    case 'cumsum':
    case 'top_k':
      return 'row';
    case 'scatter_add':
      return 'scatter';
    case 'reduce_sum':
    case 'reduce_max':
    case 'reduce_min':
    case 'reduce_prod':
    case 'argmax':
    case 'argmin':
      return 'reduce';
    case 'gradient':
    case 'conv':
    case 'argument':
    case 'scan':
    case 'scan_result':
      throw new Error(`internal: a ${node.op} node reached the schedule`);
    default:
      return 'elementwise';
  }
}

/** The pairs that are one kernel. */
function joined(groups: readonly Group[]): FusionDecision[] {
  return groups.flatMap(({ kind, nodes, stored }) => {
    const consumer = stored.at(-1);
    if (consumer === undefined) return [];
    return nodes
      .filter((producer) => producer !== consumer)
      .map((producer) => ({ producer, consumer, fused: true, reason: `one ${kind} kernel` }));
  });
}

function apart(
  graph: ScheduledGraph,
  groups: readonly Group[],
  reason: string,
): { groups: readonly Group[]; refusals: FusionDecision[] } {
  const refusals = groups.flatMap((group) => {
    const consumer = group.nodes.at(-1);
    if (consumer === undefined) return [];
    return loadsOf(graph, group).map((producer) => ({
      producer,
      consumer,
      fused: false,
      reason,
    }));
  });
  return { groups, refusals };
}

function nodeOf(graph: ScheduledGraph, id: number): Node {
  const node = graph.nodes[id];
  if (!node) throw new Error(`internal: no node %${id} in graph ${graph.name}`);
  return node;
}
