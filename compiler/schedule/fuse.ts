/**
 * Joins groups, the most profitable move first. In: one group a primitive. Out: fewer groups, and for every pair
 * that still reads from each other why it is two kernels.
 *
 * The moves, from the surest: a producer joins its only consumer, so that its value never reaches memory; a value
 * is worked out anew in all its readers instead of being stored; a producer joins one consumer and stores its value
 * for the others; two groups that read the same tensors become one; on devices where a launch is dear, sums also join a
 * product that only has as many columns. A move is made where it is legal, within the
 * device's limits and saves time; then the surest are tried again. Ties go to the earlier nodes.
 */
import type { TargetProfile } from '../kernel/profile.ts';
import { Drafts, type Draft, type WeighedGroup } from './drafts.ts';
import type { CostContext } from './evaluation.ts';
import { Judge, Judgements, refused, type Refusal } from './judgements.ts';
import { joinsStrangers, repeatsMasks } from './rates.ts';
import { readsMemory, recomputation } from './recompute.ts';
import type { FusionDecision, Group } from './schedule.ts';
import type { ScheduledGraph } from './scheduled-graph.ts';
import { mayJoin, mayRepeat } from './second-times.ts';

export interface FuseOptions {
  readonly profile: TargetProfile;
  /** The largest batch. */
  readonly batch: number;
  /** Judgements of other graphs for the same profile. */
  readonly judgements?: Judgements;
}

type Pair = readonly [Draft, Draft];

interface Move {
  readonly old: readonly Draft[];
  /** The value that is worked out anew; undefined where two groups are joined. */
  readonly value?: number;
  readonly groups: readonly WeighedGroup[];
  /** Saved bytes and what counts as such (`cost.ts`). */
  readonly benefit: number;
  /** No value of a producer stays in memory for others. */
  readonly vanishes: boolean;
}

type Proposal = { readonly kind: 'move'; readonly move: Move } | Refusal;

const SECOND_TIME = 'one of them is worked out a second time to save memory';
const BETWEEN = 'another kernel stands between them';
const TURNS = 'one of them runs in every turn of a loop, and the other result is not for that alone';

const inSameLoop = (one: Draft, other: Draft): boolean => one.loops.at(-1) === other.loops.at(-1);

const keyOf = (drafts: readonly Draft[]): string => drafts.map((draft) => draft.id).join();

/** Groups that nothing joins: parts of a wide concat, copies, leaves that are results. */
const isClosed = (graph: ScheduledGraph, { group }: Draft): boolean =>
  group.part !== undefined ||
  (group.copies ?? []).length > 0 ||
  group.nodes.length === 0 ||
  group.nodes.some((id) => ['parameter', 'state', 'input'].includes(graph.nodes[id]?.op ?? ''));

/** Of two ascending lists. */
function union(first: readonly number[], second: readonly number[]): number[] {
  const all: number[] = [];
  let at = 0;
  for (const id of first) {
    for (let next = second[at]; next !== undefined && next <= id; next = second[++at])
      if (next < id) all.push(next);
    all.push(id);
  }
  return [...all, ...second.slice(at)];
}

export function fuse(
  graph: ScheduledGraph,
  groups: readonly Group[],
  kept: ReadonlySet<number>,
  options: FuseOptions,
): { groups: Group[]; refusals: FusionDecision[] } {
  const context: CostContext = { graph, batch: options.batch, deviceClass: options.profile.deviceClass };
  const { profile, judgements = new Judgements() } = options;
  const judge = new Judge(context, profile, judgements);
  const fuser = new Fuser(graph, new Drafts(context, groups, kept), judge, profile);
  fuser.run();
  return fuser.result();
}

class Fuser {
  private readonly graph: ScheduledGraph;
  private readonly drafts: Drafts;
  private readonly profile: TargetProfile;
  private readonly judge: Judge;
  /** By the drafts concerned; one that changes is a new draft. */
  private readonly pairs = new Map<Draft, Map<Draft, Proposal>>();
  private readonly values = new Map<string, Proposal>();
  /** Some values are worked out a second time. */
  private readonly isRepeating: boolean;

  constructor(graph: ScheduledGraph, drafts: Drafts, judge: Judge, profile: TargetProfile) {
    this.graph = graph;
    this.drafts = drafts;
    this.profile = profile;
    this.isRepeating = graph.nodes.some(({ again }) => again !== undefined);
    this.judge = judge;
  }

  run(): void {
    while (
      this.make(() => this.vertical((move) => move.vanishes)) ||
      this.make(() => this.recomputations()) ||
      this.make(() => this.vertical(() => true)) ||
      this.make(() => this.siblings()) ||
      this.make(() => this.strangers())
    );
  }

  result(): { groups: Group[]; refusals: FusionDecision[] } {
    return { groups: this.drafts.all().map((draft) => draft.group), refusals: this.refusals() };
  }

  private refusals(): FusionDecision[] {
    const decisions: FusionDecision[] = [];
    for (const consumer of this.drafts.all()) {
      const last = consumer.group.stored.at(-1);
      for (const value of consumer.loads) {
        const producer = this.drafts.maker(value);
        if (!producer || producer === consumer || last === undefined) continue;
        const proposal = this.proposePair([producer, consumer]);
        const reason = proposal.kind === 'refused' ? proposal.reason : 'costs more than it saves';
        decisions.push({ producer: value, consumer: last, fused: false, reason });
      }
    }
    return decisions;
  }

  private *vertical(wanted: (move: Move) => boolean): Iterable<Proposal> {
    for (const consumer of this.drafts.all())
      for (const producer of this.drafts.producersOf(consumer)) {
        const proposal = this.proposePair([producer, consumer]);
        if (proposal.kind === 'move' && wanted(proposal.move)) yield proposal;
      }
  }

  /** Groups that share an input and do not wait for each other. */
  private *siblings(): Iterable<Proposal> {
    for (const first of this.drafts.all())
      for (const second of this.drafts.sharing(first)) yield this.proposePair([first, second]);
  }

  /** Sums of columns with a product that has nothing to do with them, where a launch costs more than its threads wait. */
  private *strangers(): Iterable<Proposal> {
    if (!joinsStrangers(this.profile.deviceClass)) return;
    const all = this.drafts.all();
    const products = all.filter(({ group }) => group.kind === 'matmul');
    for (const sums of all.filter(({ group }) => group.kind === 'reduce'))
      for (const product of products)
        yield this.proposePair(sums.id < product.id ? [sums, product] : [product, sums]);
  }

  private *recomputations(): Iterable<Proposal> {
    for (const draft of this.drafts.all())
      for (const value of draft.group.stored) yield this.proposeValue(draft, value);
  }

  /** Makes the moves that pay, the best first, as far as they leave each other's groups alone. */
  private make(proposals: () => Iterable<Proposal>): boolean {
    const moves: Move[] = [];
    for (const proposal of proposals())
      if (proposal.kind === 'move' && proposal.move.benefit > 0) moves.push(proposal.move);
    let made = false;
    // The sort is stable: equal benefits stay in the order of their nodes.
    for (const move of moves.sort((a, b) => b.benefit - a.benefit)) {
      if (!move.old.every((draft) => this.drafts.has(draft)) || !this.holds(move)) continue;
      this.drafts.replace(move.old, move.groups);
      for (const draft of move.old) this.pairs.delete(draft);
      made = true;
    }
    return made;
  }

  /** Whether a move is still what it was when it was weighed; what was joined since may have changed that. */
  private holds(move: Move): boolean {
    if (move.value !== undefined) {
      return keyOf([...move.old.slice(0, 1), ...this.drafts.readersOf(move.value)]) === keyOf(move.old);
    }
    const pair = move.old as Pair;
    const between = this.standsBetween(pair);
    const same = this.drafts.storedBy(pair).join() === move.groups[0]?.group.stored.join();
    if (between) this.known(pair).set(pair[1], refused(BETWEEN));
    else if (!same) this.known(pair).delete(pair[1]);
    return !between && same;
  }

  private proposePair(pair: Pair): Proposal {
    const known = this.known(pair);
    const proposal = known.get(pair[1]) ?? this.join(pair);
    known.set(pair[1], proposal);
    return proposal;
  }

  /** What is known of pairs with this first draft. */
  private known([first]: Pair): Map<Draft, Proposal> {
    const known = this.pairs.get(first) ?? new Map<Draft, Proposal>();
    this.pairs.set(first, known);
    return known;
  }

  private proposeValue(maker: Draft, value: number): Proposal {
    const key = `${value}: ${keyOf([maker, ...this.drafts.readersOf(value)])}`;
    const known = this.values.get(key) ?? this.recompute(maker, value);
    this.values.set(key, known);
    return known;
  }

  /** What vanishes in the only kernel that reads it has no way around that: what runs before a loop, in its turns. */
  private standsBetween([first, second]: Pair): boolean {
    if (!inSameLoop(first, second)) return false;
    return this.drafts.leadsAround(first, second) || this.drafts.leadsAround(second, first);
  }

  private join(pair: Pair): Proposal {
    if (pair.some((draft) => isClosed(this.graph, draft))) return refused('a kernel of its own');
    const [first, second] = pair;
    if (this.isRepeating && !mayJoin(this.graph, first, second)) return refused(SECOND_TIME);
    const nodes = union(first.group.nodes, second.group.nodes);
    const stored = this.drafts.storedBy(pair);
    // What a loop reads it follows: of two that do not run as often the second is in the loop.
    if (!inSameLoop(first, second) && stored.join() !== second.group.stored.join()) return refused(TURNS);
    const group: Group = { ...first.group, nodes, stored };
    const checked = this.judge.check(group);
    if (checked.kind === 'refused') return checked;
    if (this.standsBetween(pair)) return refused(BETWEEN);
    const benefit = first.cost.total + second.cost.total - checked.weighed.cost.total;
    const vanishes = !first.group.stored.some((id) => second.loads.includes(id) && stored.includes(id));
    return { kind: 'move', move: { old: pair, groups: [checked.weighed], benefit, vanishes } };
  }

  private recompute(maker: Draft, value: number): Proposal {
    const plan = recomputation(this.drafts, value);
    if (!plan) return refused('not worth repeating');
    if (plan.old.some((draft) => isClosed(this.graph, draft))) return refused('a kernel of its own');
    const fromMemory = (): boolean => readsMemory(this.drafts, maker, value);
    if (this.isRepeating && fromMemory() && !mayRepeat(this.graph, maker, this.drafts.readersOf(value)))
      return refused(SECOND_TIME);
    let benefit = plan.old.reduce((sum, draft) => sum + draft.cost.total, 0);
    const groups: WeighedGroup[] = [];
    for (const group of plan.groups) {
      const checked = this.judge.check(group);
      if (checked.kind === 'refused') return checked;
      groups.push(checked.weighed);
      benefit -= checked.weighed.cost.total;
    }
    // Where random bits cost little, masks and other values of positions and numbers alone never reach memory.
    const isOnce = plan.old.every((draft) => inSameLoop(maker, draft));
    if (isOnce && repeatsMasks(this.profile.deviceClass) && !fromMemory()) benefit = Infinity;
    return { kind: 'move', move: { old: plan.old, value, groups, benefit, vanishes: true } };
  }
}
