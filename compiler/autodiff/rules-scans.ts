/**
 * The derivative of a loop over time is a loop that runs backward in time. Its carries are the gradients of
 * the carries; its sequences the gradients of the emits and what the forward loop saves for it; what gradients
 * of values that are the same in every turn get in each turn adds up in carries of their own.
 *
 * Saved are the carries and the results of products, sums and look-ups; what is computed element by element
 * from these is computed again. The forward scan emits what is saved, after what it emits already. Of a scan in the
 * body its results are saved, those too that its own derivative has added.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { binary, full } from '../graph/convenience.ts';
import { copyNode, mapped } from '../graph/copy.ts';
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import { broken, isFloat, nth } from '../graph/op-row.ts';
import { OPS } from '../graph/ops.ts';
import { ScanBuilder, scanResult } from '../graph/scan-builder.ts';
import { argumentRole, outputLabel } from '../graph/scan.ts';
import type { VjpContext, VjpRule } from './vjp-rule.ts';

const scan: VjpRule<'scan'> = (context) => {
  let built: ReadonlyMap<number, number> | undefined;
  return context.node.inputs.map((_, index) => () => {
    built ??= backward(context);
    return built.get(index) ?? zerosLike(context.b, context.input(index));
  });
};

function zerosLike(b: GraphBuilder, id: number): number {
  const { dtype, shape } = b.type(id);
  return full(b, 0, shape, dtype);
}

/** Gradients of the scan's inputs by place, for those that are wanted and are not zero. */
function backward(context: VjpContext<'scan'>): ReadonlyMap<number, number> {
  const { b, node } = context;
  const { turns, reverse } = node.attributes;
  const source = b.source;
  const turn = oneTurn(context);
  const loop = new ScanBuilder(b, `${node.attributes.body.name}.backward`, { turns, reverse: !reverse });
  const copy = new Copier(context, turn, loop);
  const next = new Map<number, number>();
  const emits: number[] = [];
  const results: ((scan: number, carryCount: number) => readonly [number, number])[] = [];

  // Carries first, so that result i of the loop is that of carry i.
  for (const { index } of turn.carries) {
    const initial = nth(node.inputs, index);
    const leaf = loop.carry(context.gradients[index] ?? zerosLike(b, initial));
    copy.gradientOfCarry(index, leaf);
  }
  const accumulators = turn.constants.map(({ index }) => loop.carry(zerosLike(b, nth(node.inputs, index))));
  turn.carries.forEach(({ index, gradient }, place) => {
    const leaf = copy.carryLeaf(index);
    const value = gradient === undefined ? zerosLike(loop.body, leaf) : copy.value(gradient);
    next.set(leaf, value);
    if (context.wanted[index]) results.push((made) => [index, scanResult(b, made, place)]);
  });
  turn.constants.forEach(({ index, gradient }, place) => {
    const leaf = accumulators[place] as number;
    next.set(leaf, binary(loop.body, 'add', leaf, copy.value(gradient)));
    results.push((made) => [index, scanResult(b, made, turn.carries.length + place)]);
  });
  for (const { index, gradient } of turn.sequences) {
    const place = emits.push(copy.value(gradient)) - 1;
    results.push((made, carryCount) => [index, scanResult(b, made, carryCount + place)]);
  }
  b.source = source;
  if (results.length === 0) return new Map();
  const made = loop.finish(next, emits);
  return new Map(results.map((result) => result(made, next.size)));
}

/** The body of one turn with its derivatives behind it. */
interface Turn {
  readonly graph: GraphBuilder;
  /** Nodes before this one are the forward body's, by their ids. */
  readonly forward: number;
  /** What is the same in every turn is computed again, and moved out of the loop with the forward one's. */
  readonly varies: readonly boolean[];
  /** The gradient of each emit and next carry, by place: the leaf that stands for it. */
  readonly seeds: ReadonlyMap<number, number>;
  readonly carries: readonly { index: number; gradient: number | undefined }[];
  readonly sequences: readonly { index: number; gradient: number }[];
  readonly constants: readonly { index: number; gradient: number }[];
}

function oneTurn(context: VjpContext<'scan'>): Turn {
  const { node, gradients, wanted } = context;
  const { attributes } = node;
  const { body, carries } = attributes;
  const graph = new GraphBuilder(body.name);
  for (const each of body.nodes) copyNode(graph, each, each.inputs);
  const forward = graph.nodes.length;
  const varies: boolean[] = [];
  for (const { id, op, inputs, attributes: own } of body.nodes) {
    varies[id] =
      op === 'argument'
        ? argumentRole(attributes, own.index) !== 'constant'
        : inputs.some((input) => varies[input] === true);
  }
  graph.phase = 'backward';

  const seeds = new Map<number, number>();
  const starts = new Map<number, number>();
  body.outputs.forEach(({ value }, place) => {
    const type = graph.type(value);
    const flows = place < carries ? isFloat(type.dtype) : gradients[place] !== undefined;
    if (!flows) return;
    // A leaf of its own, whose index says nothing: the copier knows it by its id.
    const seed = graph.add('argument', [], { index: node.inputs.length + place }, type);
    seeds.set(place, seed);
    const before = starts.get(value);
    starts.set(value, before === undefined ? seed : binary(graph, 'add', before, seed));
  });

  const leaves = new Map<number, number>();
  for (const leaf of body.nodes) {
    if (leaf.op !== 'argument' || !isFloat(leaf.type.dtype)) continue;
    const { index } = leaf.attributes;
    if (leaves.has(index)) broken(`two leaves for argument ${index} of a scan`);
    if (argumentRole(attributes, index) === 'carry' || wanted[index]) leaves.set(index, leaf.id);
  }
  const found =
    starts.size === 0 ? new Map<number, number>() : context.walk(graph, starts, [...leaves.values()]);
  const gradientOf = (index: number): number | undefined => found.get(leaves.get(index) ?? -1);
  const of = (role: string): { index: number; gradient: number }[] =>
    [...leaves.keys()]
      .filter((index) => argumentRole(attributes, index) === role)
      .flatMap((index) => {
        const gradient = gradientOf(index);
        return gradient === undefined ? [] : [{ index, gradient }];
      })
      .sort((x, y) => x.index - y.index);
  return {
    graph,
    forward,
    varies,
    seeds,
    carries: node.inputs.slice(0, carries).flatMap((input, index) => {
      return isFloat(context.b.type(input).dtype) ? [{ index, gradient: gradientOf(index) }] : [];
    }),
    sequences: of('sequence'),
    constants: of('constant'),
  };
}

/** Copies what the backward loop needs of one turn into it, and makes the forward scan emit what is saved. */
class Copier {
  private readonly context: VjpContext<'scan'>;
  private readonly turn: Turn;
  private readonly loop: ScanBuilder;
  private readonly ids: number[] = [];
  /** Results of scans in the body that were added to it to be saved, by the node in the turn. */
  private readonly added = new Map<number, number>();
  private readonly carryLeaves = new Map<number, number>();

  constructor(context: VjpContext<'scan'>, turn: Turn, loop: ScanBuilder) {
    this.context = context;
    this.turn = turn;
    this.loop = loop;
  }

  gradientOfCarry(index: number, leaf: number): void {
    this.carryLeaves.set(index, leaf);
    const seed = this.turn.seeds.get(index);
    if (seed !== undefined) this.ids[seed] = leaf;
  }

  carryLeaf(index: number): number {
    return this.carryLeaves.get(index) ?? broken(`carry ${index} has no gradient`);
  }

  /** The id in the loop's body of a value of the turn. */
  value(id: number): number {
    const pending = [id];
    while (pending.length > 0) {
      const at = pending.at(-1) as number;
      if (this.ids[at] === undefined) {
        const node = this.turn.graph.node(at);
        const given = this.given(node);
        if (given === undefined) {
          const missing = node.inputs.filter((input) => this.ids[input] === undefined);
          if (missing.length > 0) {
            pending.push(...missing);
            continue;
          }
          const inputs = node.inputs.map((input) => mapped(this.ids, input));
          this.ids[at] = copyNode(this.loop.body, { ...node, phase: 'backward' }, inputs);
        } else this.ids[at] = given;
      }
      pending.pop();
    }
    return mapped(this.ids, id);
  }

  /** What comes from outside: an argument of the scan, the gradient of an emit, a saved value. */
  private given(node: Node): number | undefined {
    const { node: scanNode } = this.context;
    if (node.id >= this.turn.forward) {
      if (node.op === 'argument') return this.gradientOfEmit(node);
      const isOfForward = node.op === 'scan_result' && nth(node.inputs, 0) < this.turn.forward;
      return isOfForward && this.turn.varies[nth(node.inputs, 0)] === true
        ? this.savedOfScan(node)
        : undefined;
    }
    if (node.op !== 'argument') {
      const { kind } = OPS[node.op];
      const isCheap = kind === 'leaf' || kind === 'elementwise' || kind === 'view';
      return (isCheap && !this.standsForResult(node)) || this.turn.varies[node.id] !== true
        ? undefined
        : this.saved(node.id);
    }
    const { index } = node.attributes;
    const outer = nth(scanNode.inputs, index);
    switch (argumentRole(scanNode.attributes, index)) {
      case 'carry':
        return this.saved(node.id);
      case 'sequence':
        return this.loop.sequence(outer);
      case 'constant':
        return this.loop.constant(outer);
    }
  }

  /** A sum with a result that would be saved and is for nothing else: no derivative asks for a term of a sum. */
  private standsForResult(node: Node): boolean {
    if (node.op !== 'add' && node.op !== 'sub') return false;
    return node.inputs.some((input) => {
      // A term with other uses ends the search, so that no term is looked at twice.
      if (this.turn.varies[input] !== true || this.usesOf(input) !== 1) return false;
      const term = this.turn.graph.node(input);
      const { kind } = OPS[term.op];
      const isResult = kind !== 'leaf' && kind !== 'elementwise' && kind !== 'view' && kind !== 'scan';
      return isResult || this.standsForResult(term);
    });
  }

  /** By the forward body. */
  private usesOf(id: number): number {
    const { body } = this.context.node.attributes;
    const readers = body.nodes.flatMap(({ inputs }) => inputs.filter((input) => input === id));
    return readers.length + body.outputs.filter(({ value }) => value === id).length;
  }

  private gradientOfEmit(seed: NodeOf<'argument'>): number {
    const place = seed.attributes.index - this.context.node.inputs.length;
    const gradient = this.context.gradients[place];
    return gradient === undefined ? broken(`no gradient of result ${place}`) : this.loop.sequence(gradient);
  }

  /** A result that the derivative of a scan in the body has added to it: the body gets it as well. */
  private savedOfScan(result: NodeOf<'scan_result'>): number {
    const known = this.added.get(result.id);
    if (known !== undefined) return this.saved(known);
    const { b, node } = this.context;
    const { body } = this.scanNow().attributes;
    const inner = nth(result.inputs, 0);
    const id = body.nodes.length;
    const nodes = body.nodes.map((each) => (each.id === inner ? this.turn.graph.node(inner) : each));
    b.widenScan(node.id, { ...body, nodes: [...nodes, { ...result, id, phase: node.phase }] });
    this.added.set(result.id, id);
    return this.saved(id);
  }

  /** The scan as it is by now: what is saved has widened it. */
  private scanNow(): NodeOf<'scan'> {
    const { b, node } = this.context;
    const scanNow = b.node(node.id);
    return scanNow.op === 'scan' ? scanNow : broken(`%${node.id} is no scan`);
  }

  private saved(id: number): number {
    const { b, node } = this.context;
    const { body, carries } = this.scanNow().attributes;
    const known = body.outputs.findIndex(({ value }, place) => place >= carries && value === id);
    const place = known >= 0 ? known : body.outputs.length;
    if (known < 0) b.widenScan(node.id, emitting(body, id, carries));
    return this.loop.sequence(scanResult(b, node.id, place));
  }
}

/** The body with one more emit. */
function emitting(body: Graph, value: number, carries: number): Graph {
  const name = outputLabel(body.outputs.length, carries);
  return { ...body, outputs: [...body.outputs, { name, value, role: 'result' }] };
}

export const SCAN_RULES = {
  argument: 'leaf',
  scan,
  scan_result: 'result',
  at_turn: 'zero',
  carried: 'leaf',
  over_turns: 'zero',
} as const;
