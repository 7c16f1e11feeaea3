/**
 * Moves work out of loops over time. In: a graph with scans. Out: the same outputs, where
 *
 * - a carry that never changes is a value that stays the same;
 * - what depends on sequences and values that stay alone is computed before the loop for all turns at once
 *   (`x @ W` of every turn is one product), but for what is done to each element of it for the turns alone;
 * - a carry that is only added to becomes a sum after the loop (a weight's gradient is one product over all
 *   turns), and what no carry depends on is computed after the loop from what it is made of.
 *
 * `batching-rules.ts` says how an operator is computed for all turns; what has no rule stays in the loop.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { binary, broadcastTo } from '../graph/convenience.ts';
import { copyNode, mapped } from '../graph/copy.ts';
import { elementsAt } from '../graph/dimension.ts';
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import { broken, nth } from '../graph/op-row.ts';
import { OPS } from '../graph/ops.ts';
import { ScanBuilder, scanResult } from '../graph/scan-builder.ts';
import { argumentRole } from '../graph/scan.ts';
import { batch, canBatch, type Batched } from './batching-rules.ts';
import { rewriteGraph, type Pass } from './rewrite.ts';
import { addedUp, addsUpWell, sumOverTurns } from './sum-over-turns.ts';

export const moveOutOfLoops: Pass = {
  name: 'move work out of loops',
  run(graph) {
    const results = new Map<number, readonly number[]>();
    return rewriteGraph(graph, (b, node, inputs) => {
      if (node.op === 'scan') {
        const moved = new Mover(b, node, inputs).run();
        results.set(node.id, moved);
        // Only its results are read; any value serves in place of the scan itself.
        return nth(moved, 0);
      }
      if (node.op !== 'scan_result') return undefined;
      return nth(results.get(nth(node.inputs, 0)) ?? [], node.attributes.index);
    });
  },
};

/** Worked out element by element wherever it is read. */
const isCheap = ({ op }: Node): boolean => {
  const { kind } = OPS[op];
  return kind === 'elementwise' || kind === 'view';
};

class Mover {
  private readonly b: GraphBuilder;
  private readonly scan: NodeOf<'scan'>;
  private readonly inputs: readonly number[];
  private readonly body: Graph;
  private readonly turns: number;
  private readonly loop: ScanBuilder;
  /** Before the loop: values of the body's nodes for all turns, where they can be had there. */
  private readonly outside: (Batched | undefined)[] = [];
  /** Nodes of the new body. */
  private readonly inside: number[] = [];
  private readonly emits: number[] = [];
  private made: number | undefined;
  private readonly after = new Map<number, Batched>();

  constructor(b: GraphBuilder, scan: NodeOf<'scan'>, inputs: readonly number[]) {
    this.b = b;
    this.scan = scan;
    this.inputs = inputs;
    this.body = scan.attributes.body;
    this.turns = scan.attributes.turns;
    this.loop = new ScanBuilder(b, this.body.name, scan.attributes);
  }

  /** The value of every result of the scan. */
  run(): number[] {
    const { carries } = this.scan.attributes;
    const values = this.body.outputs.map(({ value }) => value);
    const sums = values.slice(0, carries).map((next, carry) => this.addends(carry, next));
    const kept = [...sums.keys()].filter((carry) => sums[carry] === undefined);
    this.enter(new Set(kept));
    this.copyBody();

    const needed = this.neededBy(kept.map((carry) => nth(values, carry)));
    const emitted = values.slice(carries);
    // Sums have no choice; what they need is at hand for the others.
    const terms = sums.flatMap((each) => each ?? []);
    for (const id of terms.flatMap((term) => addedUp(this.body, term))) this.planEmits(id, needed, false);
    for (const id of emitted) this.planEmits(id, needed, true);

    const leaves = new Map(kept.map((carry) => [this.leafOf(carry), this.insideOf(nth(values, carry))]));
    if (leaves.size + this.emits.length > 0) {
      this.stamp();
      this.made = this.loop.finish(
        leaves,
        this.emits.map((id) => this.insideOf(id)),
      );
    }
    return [
      ...sums.map((added, carry) =>
        added === undefined ? this.result(kept.indexOf(carry)) : this.total(carry, added),
      ),
      ...emitted.map((id) => this.stackOf(this.ofAllTurns(id))),
    ];
  }

  private stamp(): void {
    this.b.source = this.scan.source;
    this.b.phase = this.scan.phase;
    this.b.origin = this.scan.origin;
  }

  private leafNode(index: number): number | undefined {
    return this.body.nodes.find((node) => node.op === 'argument' && node.attributes.index === index)?.id;
  }

  /**
   * The terms that a carry grows by, if it does nothing else and they are better added up after the loop; none
   * where it never changes. Undefined where it stays a carry.
   */
  private addends(carry: number, next: number): number[] | undefined {
    const { nodes, outputs } = this.body;
    const leaf = this.leafNode(carry);
    if (leaf === undefined) return undefined;
    if (next === leaf) return [];
    const usersOf = (id: number) => nodes.filter((node) => node.inputs.includes(id));
    const outputsOf = (id: number): number => outputs.filter(({ value }) => value === id).length;
    const terms: number[] = [];
    // What the sum stands for on the way must not be asked for by anything else.
    for (let at = leaf; at !== next;) {
      const [user, ...others] = usersOf(at);
      if (user?.op !== 'add' || others.length > 0 || outputsOf(at) > 0) return undefined;
      const added = user.inputs.filter((input) => input !== at);
      if (added.length !== 1) return undefined;
      terms.push(...added);
      at = user.id;
    }
    const isPrivate = usersOf(next).length === 0 && outputsOf(next) === 1;
    return isPrivate && terms.every((id) => addsUpWell(this.body, id)) ? terms : undefined;
  }

  private neededBy(ends: readonly number[]): ReadonlySet<number> {
    const found = new Set<number>();
    const open = [...ends];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id)) continue;
      found.add(id);
      open.push(...nth(this.body.nodes, id).inputs);
    }
    return found;
  }

  /** Leaves of the new loop, and what is known outside of it. */
  private enter(kept: ReadonlySet<number>): void {
    for (const carry of kept) {
      const leaf = this.leafNode(carry);
      const made = this.loop.carry(nth(this.inputs, carry));
      if (leaf === undefined) this.spare.set(carry, made);
      else this.inside[leaf] = made;
    }
    for (const node of this.body.nodes) {
      if (node.op !== 'argument' || kept.has(node.attributes.index)) continue;
      const id = nth(this.inputs, node.attributes.index);
      const role = argumentRole(this.scan.attributes, node.attributes.index);
      // A carry that is no carry any more is its initial value, or is not read.
      this.outside[node.id] = { id, varies: role === 'sequence' };
    }
  }

  /** Leaves of carries that the body does not read. */
  private readonly spare = new Map<number, number>();

  private leafOf(carry: number): number {
    const leaf = this.leafNode(carry);
    return (
      (leaf === undefined ? this.spare.get(carry) : this.inside[leaf]) ?? broken(`no leaf of carry ${carry}`)
    );
  }

  private copyBody(): void {
    for (const node of this.body.nodes) {
      if (node.op === 'argument') continue;
      const inputs = node.inputs.map((input) => this.outside[input]);
      if (inputs.every((input) => input !== undefined)) {
        this.outside[node.id] = batch(this.b, node, inputs, this.turns);
        if (this.outside[node.id]) continue;
      }
      // A product reads its operands as they lie.
      const asLies = !isCheap(node) && OPS[node.op].kind !== 'reduce';
      this.inside[node.id] = copyNode(
        this.loop.body,
        node,
        node.inputs.map((input) => this.insideOf(input, asLies)),
      );
    }
  }

  /**
   * The node of the new body that a node stands for; a leaf where the value comes from outside. `asLies`: it would take a
   * kernel of its own in the turn.
   */
  private insideOf(id: number, asLies = false): number {
    const known = this.inside[id];
    if (known !== undefined) return known;
    const node = nth(this.body.nodes, id);
    const outer = this.outside[id];
    if (!outer) return broken(`%${id} of a scan's body is nowhere`);
    // Numbers are worked out where they are used, and so is in a turn what a turn needs of each element: it would have to be
    // stored for all turns otherwise.
    const isNumber = node.op !== 'argument' && this.isNumber(id);
    const isPart = isCheap(node) && !this.isBehindProduct(id) && !(asLies && OPS[node.op].kind !== 'view');
    if (isNumber || (outer.varies && isPart)) {
      const inputs = node.inputs.map((input) => this.insideOf(input, asLies));
      this.inside[id] = copyNode(this.loop.body, node, inputs);
    } else {
      this.inside[id] = outer.varies ? this.loop.sequence(outer.id) : this.loop.constant(outer.id);
    }
    return mapped(this.inside, id);
  }

  /** What is done to each element of a result that is not stored either: its kernel does it. */
  private isBehindProduct(id: number): boolean {
    const node = nth(this.body.nodes, id);
    if (OPS[node.op].kind !== 'elementwise') return false;
    const [first, second] = node.inputs.filter((input) => this.outside[input]?.varies === true);
    if (first === undefined || (second !== undefined && second !== first)) return false;
    const before = nth(this.body.nodes, first);
    return before.op !== 'argument' && (!isCheap(before) || this.isBehindProduct(first));
  }

  private isNumber(id: number): boolean {
    const node = nth(this.body.nodes, id);
    if (node.op === 'constant') return true;
    return (node.op === 'reshape' || node.op === 'broadcast') && this.isNumber(nth(node.inputs, 0));
  }

  /**
   * Decides what the loop emits so that a value can be had after it: the value itself, or, where no carry
   * needs it, what it is made of. `guarded`: only where that is not much more.
   */
  private planEmits(id: number, needed: ReadonlySet<number>, guarded: boolean): void {
    const frontier = this.frontier(id, needed);
    const isSunk = !guarded || this.storedFor(frontier) <= 2 * this.sizeOf(id);
    for (const each of isSunk ? frontier : [id]) {
      if (this.outside[each] === undefined && !this.emits.includes(each)) this.emits.push(each);
    }
  }

  private sizeOf(id: number): number {
    return elementsAt(nth(this.body.nodes, id).type.shape, 16);
  }

  /** Elements a turn that are not kept yet. */
  private storedFor(ids: readonly number[]): number {
    return ids.reduce((sum, id) => sum + (this.isStored(id) ? 0 : this.sizeOf(id)), 0);
  }

  /** Kept for all turns already: carries before and after their turns, emits. */
  private isStored(id: number): boolean {
    const node = nth(this.body.nodes, id);
    const { carries } = this.scan.attributes;
    return (
      node.op === 'argument' ||
      this.emits.includes(id) ||
      this.body.outputs.slice(0, carries).some(({ value }) => value === id)
    );
  }

  /** What must be emitted for a value to be computed after the loop. */
  private frontier(
    id: number,
    needed: ReadonlySet<number>,
    known = new Map<number, readonly number[]>(),
  ): readonly number[] {
    const found = known.get(id) ?? this.frontierOf(id, needed, known);
    known.set(id, found);
    return found;
  }

  private frontierOf(
    id: number,
    needed: ReadonlySet<number>,
    known: Map<number, readonly number[]>,
  ): readonly number[] {
    if (this.outside[id] !== undefined) return [];
    const node = nth(this.body.nodes, id);
    if (needed.has(id) || node.op === 'argument') return [id];
    const parts = node.inputs.map((input) => this.frontier(input, needed, known));
    if (
      !canBatch(
        node,
        node.inputs.map((input) => this.outside[input]?.varies ?? true),
      )
    )
      return [id];
    const made = [...new Set(parts.flat())];
    // What is done to each element is done in the turn, unless less has to be kept before it.
    return isCheap(node) && this.storedFor(made) >= this.sizeOf(id) ? [id] : made;
  }

  /** After the loop: the value for all turns. */
  private ofAllTurns(id: number): Batched {
    const known = this.outside[id] ?? this.after.get(id);
    if (known) return known;
    const place = this.emits.indexOf(id);
    const node = nth(this.body.nodes, id);
    const value =
      place >= 0
        ? { id: this.result(this.carryCount + place), varies: true }
        : batch(
            this.b,
            node,
            node.inputs.map((input) => this.ofAllTurns(input)),
            this.turns,
          );
    if (!value) return broken(`%${id} of a scan's body is not emitted`);
    this.after.set(id, value);
    return value;
  }

  private get carryCount(): number {
    return this.loop.arguments.filter(({ role }) => role === 'carry').length;
  }

  private result(index: number): number {
    this.stamp();
    return scanResult(this.b, this.made ?? broken('a scan without results is read'), index);
  }

  private stackOf({ id, varies }: Batched): number {
    this.stamp();
    return varies ? id : broadcastTo(this.b, id, [this.turns, ...this.b.type(id).shape]);
  }

  /** The last value of a carry that is only added to. */
  private total(carry: number, terms: readonly number[]): number {
    const sums = terms.map((id) =>
      sumOverTurns(this.b, this.body, id, (part) => this.ofAllTurns(part), this.turns),
    );
    this.stamp();
    return sums.reduce((sum, part) => binary(this.b, 'add', sum, part), nth(this.inputs, carry));
  }
}
