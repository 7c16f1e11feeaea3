/**
 * Whether one kernel may compute a group on the device, and what it costs. In: a group. Out: the group with its kind, its
 * reads and its cost, or why not. Groups of equal structure are judged and weighed once, whichever layer they are of.
 */
import type { TargetProfile } from '../kernel/profile.ts';
import { costOf, type Cost } from './cost.ts';
import type { WeighedGroup } from './drafts.ts';
import type { CostContext } from './evaluation.ts';
import { judge } from './legality.ts';
import { REASONS } from './levels.ts';
import { turnsOfGroup } from './loops.ts';
import { bindingCount, readsOf, type Reads } from './reads.ts';
import type { Group, GroupKind } from './schedule.ts';
import { Structures, Vocabulary } from './structure.ts';

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: string;
}

type Judgement = { readonly kind: 'fine'; readonly group: GroupKind; readonly cost: Cost } | Refusal;

export type Checked = { readonly kind: 'fine'; readonly weighed: WeighedGroup } | Refusal;

/** What is known so far, for one target profile: shared by the routines of a program, whose graphs are alike. */
export class Judgements {
  readonly vocabulary = new Vocabulary();
  readonly known = new Map<string, Judgement>();
}

/** Of one graph. */
export class Judge {
  private readonly context: CostContext;
  private readonly profile: TargetProfile;
  private readonly structures: Structures;
  private readonly known: Map<string, Judgement>;

  constructor(context: CostContext, profile: TargetProfile, { vocabulary, known }: Judgements) {
    this.context = context;
    this.profile = profile;
    this.known = known;
    this.structures = new Structures(context.graph, vocabulary);
  }

  check(group: Group): Checked {
    const { operators } = this.profile;
    if (group.nodes.length > operators)
      return refused(`${group.nodes.length} operators, ${operators} wanted at most`);
    const { text, reads } = this.structureOf(group);
    const known = text === undefined ? undefined : this.known.get(text);
    const judgement = known ?? this.judge(group, reads);
    if (text !== undefined) this.known.set(text, judgement);
    if (judgement.kind === 'refused') return judgement;
    return {
      kind: 'fine',
      weighed: { group: { ...group, kind: judgement.group }, reads, cost: judgement.cost },
    };
  }

  /** A group with values that are kept away from their tensors has reads of its own: it is rare, and judged anew. */
  private structureOf(group: Group): { text: string | undefined; reads: Reads } {
    const { graph } = this.context;
    if (group.spilled) return { text: undefined, reads: readsOf(graph, group) };
    const { text, reads } = this.structures.of(group);
    const often = `${this.context.batch} ${turnsOfGroup(graph, group)}`;
    return { text: text === undefined ? undefined : `${often} ${text}`, reads };
  }

  private judge(group: Group, reads: Reads): Judgement {
    const { graph } = this.context;
    const verdict = judge(graph, new Set(group.nodes), new Set(group.stored));
    if (verdict.kind === 'refused') return verdict;
    const complete = { ...group, kind: verdict.group };
    const isCpu = this.profile.deviceClass === 'cpu';
    if (verdict.beside === true && isCpu) return refused('on a processor no product has sums beside it');
    if (verdict.heads === true && !isCpu) return refused(REASONS.attention);
    const { storageBindings, accesses, operators } = this.profile;
    const bindings = bindingCount(graph, complete, this.profile, this.context.batch, reads);
    if (bindings > storageBindings)
      return refused(`${bindings} storage bindings, ${storageBindings} allowed`);
    const cost = costOf(this.context, complete, reads);
    if (cost.accesses > accesses)
      return refused(`${cost.accesses} loads and stores, ${accesses} wanted at most`);
    if (cost.values > operators)
      return refused(`${cost.values} values are worked out, ${operators} wanted at most`);
    return { kind: 'fine', group: verdict.group, cost };
  }
}

export const refused = (reason: string): Refusal => ({ kind: 'refused', reason });
