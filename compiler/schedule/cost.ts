/**
 * What a kernel costs, in bytes of device memory moved: a launch and an arithmetic operation count as the bytes
 * that could be moved meanwhile. In: a group. Out: its cost, and how many loads and stores its text will have.
 */
import { elementsAt } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { isLeaf } from './free.ts';
import { turnsOfGroup } from './loops.ts';
import { piecesOf } from './pieces.ts';
import type { Reads } from './reads.ts';
import type { Group } from './schedule.ts';
import { countOf, isFree, liesElsewhere, type ScheduledGraph } from './scheduled-graph.ts';
import { isReduction } from './spaces.ts';

interface Rates {
  /** A dispatch with its barrier. */
  readonly launch: number;
  /** An addition or a comparison, a lane. */
  readonly simple: number;
  /** A root, a quotient. */
  readonly quotient: number;
  /** An exponential, a logarithm, an angle. */
  readonly transcendental: number;
  /** 20 rounds of threefry. */
  readonly random: number;
  /** Values made of positions and numbers alone are worked out anew whatever they cost: memory is what lacks. */
  readonly repeatsMasks: boolean;
  /** Threads below which the device is not busy. */
  readonly threads: number;
  /** Threads that work out one reduction together, at most. */
  readonly members: number;
}

/**
 * Rates by device class. On the processor `transcendental` is that of measured kernels with exp and tanh (5 ns an
 * element at 40 GB/s); all other rates are estimates, not yet held against timings.
 */
const RATES: { readonly [P in DeviceClass]: Rates } = {
  cpu: {
    launch: 80_000,
    simple: 0.5,
    quotient: 4,
    transcendental: 200,
    random: 400,
    repeatsMasks: false,
    threads: 16,
    members: 1,
  },
  software: {
    launch: 160_000,
    simple: 0.5,
    quotient: 6,
    transcendental: 6,
    random: 20,
    repeatsMasks: true,
    threads: 16,
    members: 1,
  },
  small: {
    launch: 500_000,
    simple: 0.1,
    quotient: 0.5,
    transcendental: 0.5,
    random: 4,
    repeatsMasks: true,
    threads: 1024,
    members: 64,
  },
  large: {
    launch: 2_000_000,
    simple: 0.05,
    quotient: 0.25,
    transcendental: 0.25,
    random: 2,
    repeatsMasks: true,
    threads: 4096,
    members: 256,
  },
};

export const repeatsMasks = (deviceClass: DeviceClass): boolean => RATES[deviceClass].repeatsMasks;

/** Where the threads of a product's first workgroups take a sum together, it costs little beside any product. */
export const joinsStrangers = (deviceClass: DeviceClass): boolean => RATES[deviceClass].members > 1;

export interface Cost {
  /** Bytes read and written in one turn, each tensor once. */
  readonly bytes: number;
  /** Launch, bytes and arithmetic of all turns. */
  readonly total: number;
  /** Loads and stores in the kernel's text. */
  readonly accesses: number;
}

export interface CostContext {
  readonly graph: ScheduledGraph;
  /** The largest batch. */
  readonly batch: number;
  readonly deviceClass: DeviceClass;
}

export function costOf(context: CostContext, group: Group, { loads, leaves }: Reads): Cost {
  const { graph } = context;
  const size = (id: number): number => elementsAt((graph.nodes[id] as Node).type.shape, context.batch) * 4;
  const turns = turnsOfGroup(graph, group);
  const read = [...loads, ...leaves.values()];
  const parts = turns > 1 ? partsPerTurn(graph, group, new Set(read)) : undefined;
  let bytes = 0;
  for (const id of read) bytes += size(id) / (parts?.get(id) ?? 1);
  for (const id of group.stored) bytes += size(id);
  const { work, accesses } = new Evaluation(context, group).run();
  const rates = RATES[context.deviceClass];
  const idle = Math.max(1, rates.threads / threadsOf(context, group));
  return { bytes, accesses, total: turns * (rates.launch + (bytes + work) * idle) };
}

/** By tensor that a group in a loop reads: of how many parts of it a turn looks at one. */
function partsPerTurn(
  graph: ScheduledGraph,
  group: Group,
  read: ReadonlySet<number>,
): ReadonlyMap<number, number> {
  const parts = new Map<number, number>();
  const visit = (id: number, count: number): void => {
    const known = parts.get(id);
    if (known !== undefined && known <= count) return;
    parts.set(id, count);
    const node = graph.nodes[id] as Node;
    if (read.has(id)) return;
    for (const input of node.inputs)
      visit(input, node.op === 'at_turn' ? count * node.attributes.turns : count);
  };
  for (const id of group.stored) visit(id, 1);
  return parts;
}

/** A thread, or a team, a row; a tile of a product, shared by several where there are few; or four results. */
function threadsOf({ graph, batch, deviceClass }: CostContext, group: Group): number {
  const nodeOf = (id: number): Node => graph.nodes[id] as Node;
  const elements = (node: Node): number => elementsAt(node.type.shape, batch);
  const { members } = RATES[deviceClass];
  const nodes = group.nodes.map(nodeOf);
  const product = nodes.find((node) => node.op === 'matmul');
  if (product) return Math.max(1, elements(product) / (members > 1 ? 4 : 16));
  const reduction = nodes.find(isReduction);
  if (reduction) {
    const along = elements(nodeOf(reduction.inputs[0] as number)) / Math.max(1, elements(reduction));
    return Math.max(1, elements(reduction) * Math.max(1, Math.min(members, along / 4)));
  }
  const [first] = group.stored;
  if (first === undefined) return 1;
  const part = piecesOf(graph, group).get(first)?.inputs[0] ?? first;
  return Math.max(1, elements(nodeOf(part)) / 4);
}

/** Counts how often each node of a group is worked out: once a loop it is needed in. */
class Evaluation {
  private readonly context: CostContext;
  private readonly group: Group;
  private readonly members: ReadonlySet<number>;
  private work = 0;
  private accesses = 0;
  /** Reductions met on the way: each is a loop of its own. */
  private readonly loops: number[] = [];
  private readonly written = new Set<number>();

  constructor(context: CostContext, group: Group) {
    this.context = context;
    this.group = group;
    this.members = new Set(group.nodes);
  }

  run(): { work: number; accesses: number } {
    const { graph } = this.context;
    const anchor = this.group.nodes.map((id) => graph.nodes[id] as Node).find((node) => node.op === 'matmul');
    // A product's tile has four rows: each of them is loaded and stored.
    const each = anchor ? 4 : 1;
    const counts = new Map<string, number[]>();
    const pieces = piecesOf(graph, this.group);
    for (const id of this.group.stored.flatMap((each) => pieces.get(each)?.inputs ?? [each])) {
      const key = countOf(graph, id);
      counts.set(key, [...(counts.get(key) ?? []), id]);
    }
    for (const ids of counts.values()) {
      const [first] = ids as [number];
      const copies = anchor && this.elements(first) < this.elements(anchor.id) ? 1 : each;
      this.visitAll(ids, this.elements(first), copies);
      this.accesses += ids.length * copies;
    }
    const done = new Set<number>();
    for (let id = this.loops.pop(); id !== undefined; id = this.loops.pop()) {
      if (done.has(id)) continue;
      done.add(id);
      const node = graph.nodes[id] as Node;
      const input = node.inputs[0] as number;
      this.work += this.elements(input) * this.rates.simple;
      this.visitAll([input], this.elements(input), 1);
    }
    if (anchor) this.accesses += 8;
    return { work: this.work, accesses: this.accesses };
  }

  private get rates(): Rates {
    return RATES[this.context.deviceClass];
  }

  private elements(id: number): number {
    return elementsAt((this.context.graph.nodes[id] as Node).type.shape, this.context.batch);
  }

  /** What one loop over `count` elements works out. */
  private visitAll(roots: readonly number[], count: number, each: number): void {
    const { graph } = this.context;
    const seen = new Set<number>();
    const visit = (id: number): void => {
      if (seen.has(id)) return;
      seen.add(id);
      const node = graph.nodes[id] as Node;
      const member = this.members.has(id);
      if (isLeaf(node) || (!member && liesElsewhere(graph, this.group, id))) {
        this.accesses += this.elements(id) * 4 > count ? each : 1;
        return;
      }
      if (member) {
        // A row kernel reads back what an earlier loop along the row has stored.
        if (this.group.kind === 'rows' && this.group.stored.includes(id) && this.elements(id) === count) {
          if (this.written.has(id)) {
            this.accesses++;
            return;
          }
          this.written.add(id);
        }
        if (isReduction(node)) {
          this.loops.push(id);
          return;
        }
        if (node.op === 'matmul') return;
        // A value that is broadcast is worked out once for four neighbours.
        const own = this.elements(id);
        this.work += this.weight(node) * (own < count ? Math.max(own, count / 4) : count);
      } else if (!isFree(graph, id)) return;
      node.inputs.forEach(visit);
    };
    roots.forEach(visit);
  }

  private weight(node: Node): number {
    switch (node.op) {
      case 'random_bits':
        return this.rates.random;
      case 'sqrt':
      case 'rsqrt':
      case 'div':
      case 'mod':
        return this.rates.quotient;
      case 'exp':
      case 'log':
      case 'sin':
      case 'cos':
      case 'tan':
      case 'asin':
      case 'acos':
      case 'atan':
      case 'sinh':
      case 'cosh':
      case 'tanh':
      case 'erf':
      case 'pow':
        return this.rates.transcendental;
      default:
        return this.rates.simple;
    }
  }
}
