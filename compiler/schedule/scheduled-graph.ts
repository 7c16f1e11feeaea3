/**
 * A graph with what fusing and lowering ask of its nodes again and again, worked out once. In: a graph without scans.
 * Out: the same with an answer a node. Nodes that the schedule keeps away from their named tensor for the time being
 * (`spilled`) are known by the group.
 */
import type { Graph, Node } from '../graph/ir.ts';
import { attributeKey, printType } from '../graph/print.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { freeNodes, isLeaf } from './free.ts';
import { homesOf, leafName, stacksOfValues, type Home } from './homes.ts';
import { countKey, isReduction, rowsOfBroadcast, rowsOfReduction } from './spaces.ts';

interface NodeFacts {
  /** Worked out anew wherever it is read. */
  readonly free: boolean;
  /** Neither a leaf nor free: read from where a kernel stored it. */
  readonly stored: boolean;
  /** The stack that takes a value of a loop. */
  readonly stack: number | undefined;
  readonly home: Home;
  /** Its number of elements: equal where a reshape leads from one to the other. */
  readonly count: string;
  /** Operator, attributes and type, without the names of tensors and the places of nodes. */
  readonly text: string;
  /** The rows a reduction runs along, or those along which a broadcast repeats, if it does. */
  readonly rows: string | undefined;
}

export interface ScheduledGraph extends Graph {
  readonly facts: readonly NodeFacts[];
}

/** A graph that has its facts stays as it is. */
export function withFacts(graph: Graph | ScheduledGraph, deviceClass: DeviceClass): ScheduledGraph {
  if ('facts' in graph) return graph;
  const free = freeNodes(graph, deviceClass);
  const stacks = stacksOfValues(graph, free);
  const homes = homesOf(graph, stacks);
  const facts = graph.nodes.map((node, id): NodeFacts => ({
    free: free[id] as boolean,
    stored: !isLeaf(node) && !free[id],
    stack: stacks.get(id),
    home: homes[id] as Home,
    count: countKey(node.type.shape),
    text: describe(node),
    rows: rowsOf(graph, node),
  }));
  return { ...graph, facts };
}

function describe(node: Node): string {
  const type = printType(node.type);
  switch (node.op) {
    case 'parameter':
    case 'state':
    case 'carried':
      return `${node.op} ${type}`;
    case 'input':
      return `input ${node.attributes.storage} ${type}`;
    default:
      return `${node.op} ${attributeKey(node.attributes)} ${type}`;
  }
}

function rowsOf({ nodes }: Graph, node: Node): string | undefined {
  if (!isReduction(node) && node.op !== 'broadcast') return undefined;
  const { shape } = (nodes[node.inputs[0] as number] as Node).type;
  return isReduction(node) ? rowsOfReduction(node, shape) : rowsOfBroadcast(shape, node.type.shape);
}

const factsOf = ({ facts }: ScheduledGraph, id: number): NodeFacts => facts[id] as NodeFacts;

export const isFree = (graph: ScheduledGraph, id: number): boolean => factsOf(graph, id).free;

export const stackOf = (graph: ScheduledGraph, id: number): number | undefined => factsOf(graph, id).stack;

export const countOf = (graph: ScheduledGraph, id: number): string => factsOf(graph, id).count;

/** Equal for nodes that differ in nothing but what they are called and what they take. */
export const textOf = (graph: ScheduledGraph, id: number): string => factsOf(graph, id).text;

/** Of a reduction, or of a broadcast that repeats. */
export const rowsOfNode = (graph: ScheduledGraph, id: number): string | undefined => factsOf(graph, id).rows;

/** Whether a node that is not computed in a group is read from where another group stored it. */
export const liesElsewhere = (
  graph: ScheduledGraph,
  { spilled }: { readonly spilled?: readonly number[] },
  id: number,
): boolean => factsOf(graph, id).stored || spilled?.includes(id) === true;

/** Where a stored node is written. */
export function writtenHome(graph: ScheduledGraph, id: number, spilled: readonly number[] = []): Home {
  const { home } = factsOf(graph, id);
  return home.kind === 'named' && spilled.includes(id) ? { kind: 'value', value: id } : home;
}

/** Where a node's value is read from, outside of the group that stores it. */
export function readHome(graph: ScheduledGraph, node: Node, spilled: readonly number[] = []): Home {
  if (node.op === 'carried') return { kind: 'value', value: node.attributes.stack };
  const name = spilled.includes(node.id) ? undefined : leafName(node);
  return name === undefined ? writtenHome(graph, node.id, spilled) : { kind: 'named', name };
}
