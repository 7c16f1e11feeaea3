/**
 * What the lowering of a group depends on, as text. In: a group. Out: a key that is equal for groups whose bodies
 * differ in nothing but which tensors they are bound to: the same layer a second time, the same routine for other
 * weights. Values and names are numbered in the order in which they are met, so ids and names do not tell.
 *
 * A node that the group works out itself is described by all that lowering may look at. One that it loads is
 * known by its type and its place alone, whatever computes it.
 */
import type { Node } from '../graph/ir.ts';
import { printType } from '../graph/print.ts';
import { isLeaf } from '../schedule/free.ts';
import { leafName, type Home } from '../schedule/homes.ts';
import { loopsOfGroup } from '../schedule/loops.ts';
import type { Group } from '../schedule/schedule.ts';
import {
  isFree,
  liesElsewhere,
  readHome,
  textOf,
  writtenHome,
  type ScheduledGraph,
} from '../schedule/scheduled-graph.ts';
import { slotOf } from './turns.ts';

export interface GroupKey {
  readonly text: string;
  /** Graph values by their number in the text. */
  readonly values: readonly number[];
  /** Named tensors by their number in the text. */
  readonly names: readonly string[];
}

/** `batch`: the largest one. The profile is not in the text. */
export function groupKey(graph: ScheduledGraph, group: Group, batch: number): GroupKey {
  const keys = new GroupWalk(graph, group);
  return { text: `${group.kind} at ${batch}\n${keys.text()}`, values: keys.values, names: keys.names };
}

class GroupWalk {
  readonly values: number[] = [];
  readonly names: string[] = [];
  private readonly graph: ScheduledGraph;
  private readonly group: Group;
  private readonly members: ReadonlySet<number>;
  private readonly numbers = new Map<number, number>();

  constructor(graph: ScheduledGraph, group: Group) {
    this.graph = graph;
    this.group = group;
    this.members = new Set(group.nodes);
  }

  text(): string {
    const { graph, group } = this;
    const { stored, nodes, copies = [], part, spilled, through } = group;
    const lines = stored.map((id) => `store ${this.value(id)} ${this.home(writtenHome(graph, id, spilled))}`);
    for (const { value, to } of copies)
      lines.push(
        `copy ${this.value(value)} ${to.kind} ${to.kind === 'named' ? this.name(to.name) : this.value(to.stack)}`,
      );
    if (part) lines.push(`part ${part.from} ${part.to}`);
    if (through) lines.push(`through ${loopsOfGroup(graph, group).length} ${through.turns}`);
    lines.push(`nodes ${nodes.map((id) => this.value(id)).join()}`);
    // What a description mentions for the first time is described in its turn.
    for (let i = 0; i < this.values.length; i++)
      lines.push(this.describe(graph.nodes[this.values[i] as number] as Node));
    return lines.join('\n');
  }

  private describe(node: Node): string {
    const { graph, group } = this;
    const slot = slotOf(graph, node);
    const where = slot ? ` in ${this.value(slot.stack.id)}` : '';
    const free = isLeaf(node) || isFree(graph, node.id);
    const member = this.members.has(node.id);
    const place = member ? 'here' : liesElsewhere(graph, group, node.id) ? this.place(node) : 'around';
    if (!member && !free && node.op !== 'over_turns' && node.op !== 'carried')
      return `${place} ${printType(node.type)}${where}`;
    const operands = free || member ? node.inputs.map((id) => this.value(id)) : [node.inputs.length];
    return `${place} ${operands.join()} ${this.named(node)} ${textOf(graph, node.id)}${where}`;
  }

  private place = (node: Node): string => this.home(readHome(this.graph, node, this.group.spilled));

  /** What of a node's attributes is a name or a node. */
  private named(node: Node): string {
    if (node.op === 'carried') return String(this.value(node.attributes.stack));
    const name = leafName(node);
    return name === undefined ? '' : this.name(name);
  }

  private home = (home: Home): string =>
    home.kind === 'named' ? this.name(home.name) : `v${this.value(home.value)}`;

  private value(id: number): number {
    const known = this.numbers.get(id);
    if (known !== undefined) return known;
    this.numbers.set(id, this.values.length);
    return this.values.push(id) - 1;
  }

  private name(name: string): string {
    const at = this.names.indexOf(name);
    return `n${at < 0 ? this.names.push(name) - 1 : at}`;
  }
}
