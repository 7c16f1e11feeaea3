/**
 * Groups of more than one primitive, and primitives of more than one group. In: the graph and the device's
 * limit of storage bindings. Out: the kernels of the update; reductions with their element-wise inputs;
 * a concat of many inputs in parts.
 */
import { equalShapes } from '../graph/dimension.ts';
import { ELEMENTWISE_ROWS } from '../graph/ops-elementwise.ts';
import type { Graph, Node } from '../graph/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { isFree } from './free.ts';
import { bindingCount, loadsOf } from './reads.ts';
import type { Group } from './schedule.ts';

const joins = (graph: Graph, node: Node): boolean =>
  node.phase === 'update' && Object.hasOwn(ELEMENTWISE_ROWS, node.op) && !isFree(graph, node);

/**
 * The update's kernels: all overwritten tensors of one shape and what is computed for them element by
 * element, as many in one kernel as there are bindings. `together` false: one kernel each.
 */
export function findUpdates(
  graph: Graph,
  profile: TargetProfile,
  spilled: readonly number[],
  together: boolean,
): Group[] {
  const roots = [
    ...new Set(graph.outputs.filter((output) => output.role === 'update').map((output) => output.value)),
  ].filter((id) => joins(graph, nodeAt(graph, id)));
  const groups: Group[] = [];
  const left = [...roots];
  while (left.length > 0) {
    const [first] = left.splice(0, 1) as [number];
    const { shape } = nodeAt(graph, first).type;
    let group = updateOf(graph, [first], spilled);
    for (const other of together ? [...left] : []) {
      if (!equalShapes(nodeAt(graph, other).type.shape, shape)) continue;
      const wider = updateOf(graph, [...group.stored, other], spilled);
      if (bindingCount(graph, wider) > profile.storageBindings || readsItself(graph, wider)) continue;
      group = wider;
      left.splice(left.indexOf(other), 1);
    }
    groups.push(group);
  }
  // What one kernel overwrites, another reads from there instead of computing it from overwritten tensors.
  const all = new Set(roots);
  return groups.map((group) => {
    const others = new Set([...all].filter((id) => !group.stored.includes(id)));
    return { ...group, nodes: closure(graph, group.stored, others) };
  });
}

/** Whether something the group loads is made, by other kernels, from what the group stores. */
function readsItself(graph: Graph, group: Group): boolean {
  const stored = new Set(group.stored);
  const seen = new Set<number>();
  const reaches = (id: number): boolean => {
    if (stored.has(id)) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return nodeAt(graph, id).inputs.some(reaches);
  };
  return loadsOf(graph, group).some(reaches);
}

function updateOf(graph: Graph, stored: readonly number[], spilled: readonly number[]): Group {
  return { kind: 'elementwise', nodes: closure(graph, stored, new Set()), stored, spilled };
}

/** The element-wise nodes of the update behind `roots`, through views, down to what must be loaded. */
function closure(graph: Graph, roots: readonly number[], excluded: ReadonlySet<number>): number[] {
  const found = new Set<number>();
  const seen = new Set<number>();
  const visit = (id: number): void => {
    if (seen.has(id) || excluded.has(id)) return;
    seen.add(id);
    const node = nodeAt(graph, id);
    if (joins(graph, node)) found.add(id);
    else if (!isFree(graph, node)) return;
    node.inputs.forEach(visit);
  };
  roots.forEach(visit);
  return [...found].sort((a, b) => a - b);
}

/** A reduction with its element-wise inputs, as far as the bindings allow it. */
export function withProducers(graph: Graph, group: Group, profile: TargetProfile): Group {
  const [root] = group.nodes as [number];
  const producers = closure(graph, nodeAt(graph, root).inputs, new Set());
  const wider: Group = { ...group, nodes: [...producers, root] };
  return bindingCount(graph, wider) <= profile.storageBindings ? wider : group;
}

/** The concat as it is where its inputs fit the bindings, else one group a run of inputs that does. */
export function concatParts(graph: Graph, group: Group, profile: TargetProfile): Group[] {
  if (bindingCount(graph, group) <= profile.storageBindings) return [group];
  const [id] = group.nodes as [number];
  const count = nodeAt(graph, id).inputs.length;
  const parts: Group[] = [];
  for (let from = 0; from < count;) {
    let to = from + 1;
    const part = (end: number): Group => ({ ...group, part: { from, to: end } });
    while (to < count && bindingCount(graph, part(to + 1)) <= profile.storageBindings) to++;
    parts.push(part(to));
    from = to;
  }
  return parts;
}

const nodeAt = (graph: Graph, id: number): Node => {
  const node = graph.nodes[id];
  if (!node) throw new Error(`internal: no node %${id} in graph ${graph.name}`);
  return node;
};
