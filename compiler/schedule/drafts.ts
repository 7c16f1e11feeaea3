/**
 * Groups while they are joined. In: groups of one node each. Out: drafts that know who reads whose values, what
 * a joint kernel would store, and whether joining two would make a circle.
 */
import type { Graph, Loop } from '../graph/ir.ts';
import { costOf, type Cost, type CostContext } from './cost.ts';
import { loopOfGroup } from './loops.ts';
import { madeBy } from './order.ts';
import { readsOf } from './reads.ts';
import type { Group } from './schedule.ts';

export interface Draft {
  readonly id: number;
  readonly group: Group;
  readonly nodes: ReadonlySet<number>;
  readonly loads: readonly number[];
  /** Names of the tensors it reads as leaves. */
  readonly leaves: readonly string[];
  readonly cost: Cost;
  /** The loop in whose turns it runs. */
  readonly loop: Loop | undefined;
  /** The smallest and largest node, for pruning. */
  readonly first: number;
  readonly last: number;
}

export class Drafts {
  readonly context: CostContext;
  private readonly drafts = new Map<number, Draft>();
  private readonly makers = new Map<number, number>();
  private readonly readers = new Map<number, Set<number>>();
  private readonly leafReaders = new Map<string, Set<number>>();
  private readonly kept: ReadonlySet<number>;
  private count = 0;

  /** `kept`: values that must lie in memory whoever reads them. */
  constructor(context: CostContext, groups: readonly Group[], kept: ReadonlySet<number>) {
    this.context = context;
    this.kept = kept;
    for (const group of groups) this.add(group);
  }

  private get graph(): Graph {
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

  /** The drafts that load a value, in order of their making. */
  readersOf(value: number): Draft[] {
    return [...(this.readers.get(value) ?? [])]
      .sort((a, b) => a - b)
      .map((id) => this.drafts.get(id) as Draft);
  }

  producersOf(draft: Draft): Draft[] {
    const found = new Set<Draft>();
    for (const value of draft.loads) {
      const maker = this.maker(value);
      if (maker && maker !== draft) found.add(maker);
    }
    return [...found];
  }

  /** Who reads what a draft stores; of a draft in a loop, what any of the loop's stores. */
  consumersOf(draft: Draft): Draft[] {
    const found = new Set<Draft>();
    const makers = draft.loop ? this.all().filter(({ loop }) => loop === draft.loop) : [draft];
    for (const maker of makers)
      for (const value of madeBy(this.graph, maker.group))
        for (const reader of this.readersOf(value)) if (reader !== draft) found.add(reader);
    return [...found].sort((a, b) => a.id - b.id);
  }

  isKept(value: number): boolean {
    return this.kept.has(value);
  }

  /** What a kernel of several drafts stores: what others read, or must lie in memory. */
  storedBy(joined: readonly Draft[]): number[] {
    return joined
      .flatMap((draft) => draft.group.stored)
      .filter(
        (value) => this.kept.has(value) || this.readersOf(value).some((reader) => !joined.includes(reader)),
      )
      .sort((a, b) => a - b);
  }

  /** Later drafts that read a tensor which this one reads too. */
  sharing(draft: Draft): Draft[] {
    const others = draft.loads.flatMap((value) => [...(this.readers.get(value) ?? [])]);
    for (const name of draft.leaves) others.push(...(this.leafReaders.get(name) ?? []));
    const later = [...new Set(others)].filter((id) => id > draft.id).sort((a, b) => a - b);
    return later.map((id) => this.drafts.get(id) as Draft);
  }

  /** Whether a path leads from one draft to another through a third. */
  leadsAround(from: Draft, to: Draft): boolean {
    const seen = new Set<number>([from.id]);
    const pending = this.consumersOf(from).filter((draft) => draft !== to);
    for (let draft = pending.pop(); draft; draft = pending.pop()) {
      if (draft === to) return true;
      if (seen.has(draft.id) || (draft.loop === undefined && draft.first > to.last)) continue;
      seen.add(draft.id);
      pending.push(...this.consumersOf(draft));
    }
    return false;
  }

  /** Puts groups in the place of drafts. */
  replace(old: readonly Draft[], groups: readonly Group[]): void {
    for (const draft of old) this.remove(draft);
    for (const group of groups) this.add(group);
  }

  private remove(draft: Draft): void {
    this.drafts.delete(draft.id);
    for (const value of draft.group.stored)
      if (this.makers.get(value) === draft.id) this.makers.delete(value);
    for (const value of draft.loads) this.readers.get(value)?.delete(draft.id);
    for (const name of draft.leaves) this.leafReaders.get(name)?.delete(draft.id);
  }

  private add(group: Group): void {
    const id = this.count++;
    const reads = readsOf(this.graph, group);
    const ids = [...group.nodes, ...group.stored];
    const draft: Draft = {
      id,
      group,
      nodes: new Set(group.nodes),
      loads: [...reads.loads],
      leaves: [...reads.leaves.keys()],
      loop: loopOfGroup(this.graph, group),
      cost: costOf(this.context, group, reads),
      first: Math.min(...ids),
      last: Math.max(...ids),
    };
    this.drafts.set(id, draft);
    for (const value of group.stored) this.makers.set(value, id);
    for (const value of draft.loads) note(this.readers, value, id);
    for (const name of draft.leaves) note(this.leafReaders, name, id);
  }
}

function note<K>(readers: Map<K, Set<number>>, key: K, id: number): void {
  const known = readers.get(key);
  if (known) known.add(id);
  else readers.set(key, new Set([id]));
}
