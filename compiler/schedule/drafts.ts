/**
 * Groups while they are joined. In: groups of one node each. Out: drafts that know who reads whose values, what
 * a joint kernel would store, and whether joining two would make a circle.
 */
import type { Loop } from '../graph/ir.ts';
import { costOf, type Cost } from './cost.ts';
import type { CostContext } from './evaluation.ts';
import { loopsOfGroup } from './loops.ts';
import { madeBy } from './order.ts';
import { readsOf, type Reads } from './reads.ts';
import type { Group } from './schedule.ts';
import type { ScheduledGraph } from './scheduled-graph.ts';

export interface Draft {
  readonly id: number;
  readonly group: Group;
  readonly nodes: ReadonlySet<number>;
  readonly loads: readonly number[];
  /** The same, and the stacks of the carries among them. */
  readonly waitsFor: readonly number[];
  /** What it stores, and the stacks it fills a part of. */
  readonly made: readonly number[];
  /** Names of the tensors it reads as leaves. */
  readonly leaves: readonly string[];
  readonly cost: Cost;
  /** The loops in whose turns it runs, the outermost first. */
  readonly loops: readonly Loop[];
  /** The smallest and largest node, for pruning. */
  readonly first: number;
  readonly last: number;
}

/** A group with what it reads and costs. */
export interface WeighedGroup {
  readonly group: Group;
  readonly reads: Reads;
  readonly cost: Cost;
}

export class Drafts {
  readonly context: CostContext;
  private readonly drafts = new Map<number, Draft>();
  private readonly makers = new Map<number, number>();
  // Short lists: they are walked for every move that fusion thinks of.
  private readonly readers = new Map<number, number[]>();
  private readonly leafReaders = new Map<string, number[]>();
  /** Drafts of loops, and of the loops inside of them. */
  private readonly ofLoop = new Map<Loop, number[]>();
  /** By draft: the last walk that has met it. */
  private readonly metIn: number[] = [];
  private walk = 0;
  private readonly kept: ReadonlySet<number>;
  private count = 0;

  /** `kept`: values that must lie in memory whoever reads them. */
  constructor(context: CostContext, groups: readonly Group[], kept: ReadonlySet<number>) {
    this.context = context;
    this.kept = kept;
    for (const group of groups) this.add(this.weigh(group));
  }

  private get graph(): ScheduledGraph {
    return this.context.graph;
  }

  /** In order of their making. */
  all(): Draft[] {
    return [...this.drafts.values()];
  }

  has(draft: Draft): boolean {
    return this.drafts.get(draft.id) === draft;
  }

  maker(value: number): Draft | undefined {
    const id = this.makers.get(value);
    return id === undefined ? undefined : this.drafts.get(id);
  }

  /** The drafts that load a value, in order of their making: a new one is always the last. */
  readersOf(value: number): Draft[] {
    const readers: Draft[] = [];
    for (const id of this.readers.get(value) ?? []) readers.push(this.drafts.get(id) as Draft);
    return readers;
  }

  private isReadOutside(value: number, joined: readonly Draft[]): boolean {
    for (const id of this.readers.get(value) ?? NONE) if (!includesId(joined, id)) return true;
    return false;
  }

  producersOf(draft: Draft): Draft[] {
    const found: Draft[] = [];
    for (const value of draft.loads) {
      const maker = this.maker(value);
      if (maker && maker !== draft && !found.includes(maker)) found.push(maker);
    }
    return found;
  }

  /**
   * Adds to a list who reads, in one turn of the loop `within`, what a draft stores; of a draft in a loop inside of it, what
   * any of that loop's stores. What the turn leaves in the loop's own stacks is for later turns and what follows.
   */
  private addConsumers(draft: Draft, within: Within, list: number[], except?: number): void {
    const inner = draft.loops[within.depth];
    const makers = inner ? (this.ofLoop.get(inner) ?? NONE) : [draft.id];
    for (const maker of makers)
      for (const value of this.drafts.get(maker)?.made ?? NONE)
        if (within.loop?.stacks.includes(value) !== true)
          for (const reader of this.readers.get(value) ?? NONE)
            if (reader !== draft.id && reader !== except) list.push(reader);
  }

  isKept(value: number): boolean {
    return this.kept.has(value);
  }

  /** What a kernel of several drafts stores: what others read, or must lie in memory. */
  storedBy(joined: readonly Draft[]): number[] {
    const stored: number[] = [];
    for (const draft of joined)
      for (const value of draft.group.stored)
        if (this.kept.has(value) || this.isReadOutside(value, joined)) stored.push(value);
    return stored.length > 1 ? stored.sort((a, b) => a - b) : stored;
  }

  /** Later drafts that read a tensor which this one reads too. */
  sharing(draft: Draft): Draft[] {
    const later = new Set<number>();
    const add = (readers: readonly number[] | undefined): void => {
      for (const id of readers ?? NONE) if (id > draft.id) later.add(id);
    };
    for (const value of draft.loads) add(this.readers.get(value));
    for (const name of draft.leaves) add(this.leafReaders.get(name));
    return [...later].sort((a, b) => a - b).map((id) => this.drafts.get(id) as Draft);
  }

  /** Whether a path leads from one draft to another of the same loop through a third, within a turn. */
  leadsAround(from: Draft, to: Draft): boolean {
    const within: Within = { loop: from.loops.at(-1), depth: from.loops.length };
    const { metIn } = this;
    const walk = ++this.walk;
    metIn[from.id] = walk;
    const pending: number[] = [];
    this.addConsumers(from, within, pending, to.id);
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (id === to.id) return true;
      if (metIn[id] === walk) continue;
      metIn[id] = walk;
      const draft = this.drafts.get(id) as Draft;
      const inner = draft.loops[within.depth];
      if (inner === undefined && draft.first > to.last) continue;
      // All drafts of a loop have the same consumers.
      if (inner !== undefined) for (const other of this.ofLoop.get(inner) ?? NONE) metIn[other] = walk;
      this.addConsumers(draft, within, pending);
    }
    return false;
  }

  weigh(group: Group): WeighedGroup {
    const reads = readsOf(this.graph, group);
    return { group, reads, cost: costOf(this.context, group, reads) };
  }

  /** Puts groups in the place of drafts. */
  replace(old: readonly Draft[], groups: readonly WeighedGroup[]): void {
    for (const draft of old) this.remove(draft);
    for (const group of groups) this.add(group);
  }

  private remove(draft: Draft): void {
    this.drafts.delete(draft.id);
    for (const value of draft.group.stored)
      if (this.makers.get(value) === draft.id) this.makers.delete(value);
    for (const value of draft.waitsFor) strike(this.readers, value, draft.id);
    for (const name of draft.leaves) strike(this.leafReaders, name, draft.id);
    for (const loop of draft.loops) strike(this.ofLoop, loop, draft.id);
  }

  private add({ group, reads, cost }: WeighedGroup): void {
    const id = this.count++;
    const copied = (group.copies ?? []).map(({ value }) => value);
    const ids = [...group.nodes, ...group.stored, ...copied];
    const loads = [...reads.loads];
    const draft: Draft = {
      id,
      group,
      nodes: new Set(group.nodes),
      loads,
      waitsFor: [...loads, ...loads.flatMap((load) => this.stackOfCarry(load))],
      leaves: [...reads.leaves.keys()],
      loops: loopsOfGroup(this.graph, group),
      made: madeBy(this.graph, group),
      cost,
      first: Math.min(...ids),
      last: Math.max(...ids),
    };
    this.drafts.set(id, draft);
    for (const value of group.stored) this.makers.set(value, id);
    for (const value of draft.waitsFor) note(this.readers, value, id);
    for (const name of draft.leaves) note(this.leafReaders, name, id);
    for (const loop of draft.loops) note(this.ofLoop, loop, id);
  }

  private stackOfCarry(id: number): number[] {
    const node = this.graph.nodes[id];
    return node?.op === 'carried' ? [node.attributes.stack] : [];
  }
}

/** One turn of a loop, with so many loops around its drafts; without: what is in no loop. */
interface Within {
  readonly loop: Loop | undefined;
  readonly depth: number;
}

const NONE: readonly number[] = [];

function includesId(drafts: readonly Draft[], id: number): boolean {
  for (const draft of drafts) if (draft.id === id) return true;
  return false;
}

function note<K>(lists: Map<K, number[]>, key: K, id: number): void {
  const known = lists.get(key);
  if (known) known.push(id);
  else lists.set(key, [id]);
}

function strike<K>(lists: Map<K, number[]>, key: K, id: number): void {
  const known = lists.get(key);
  const at = known?.indexOf(id) ?? -1;
  if (at >= 0) known?.splice(at, 1);
}
