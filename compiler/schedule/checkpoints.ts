/**
 * Less memory for more arithmetic. In: a graph with its derivatives, how many segments to cut the forward part into.
 * Out: a graph in which what goes from one segment to the next is kept, and everything else that the backward part
 * asks of a segment is worked out again from that, when the backward part comes to it. The last segment is kept as
 * it is: its values are asked for at once. (Chen et al., "Training deep nets with sublinear memory cost", 2016.)
 *
 * A cut lies where few bytes are on their way: between the turns of a `repeat`, the parts of a split `scan`. What is
 * worked out again carries the number of its segment (`Node.again`), which keeps fusion from joining it with the
 * first time.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import { tensorBytes } from '../graph/element-bytes.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { removeUnused } from '../passes/remove-unused.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { freeNodes, isLeaf } from './free.ts';

/** Undefined where the forward part has no values to cut between. `batch`: the largest one. */
export function withCheckpoints(
  graph: Graph,
  segments: number,
  { batch, deviceClass }: { readonly batch: number; readonly deviceClass: DeviceClass },
): Graph | undefined {
  const forward = new ForwardPart(graph, batch, deviceClass);
  const cuts = forward.cuts(segments);
  if (cuts.length === 0) return undefined;
  return removeUnused.run(repeatSegments(graph, forward, cuts));
}

/** The nodes before the first derivative, the values among them, and how long each is asked for. */
class ForwardPart {
  /** Node ids below this one belong to it. */
  readonly end: number;
  /** By node: neither a leaf nor a view nor a number. */
  readonly isValue: readonly boolean[];
  private readonly graph: Graph;
  private readonly bytes: number[];
  /** By value: the last node of the forward part that reads it, through views. */
  private readonly lastRead: number[];
  private readonly readLater: boolean[];

  constructor(graph: Graph, batch: number, deviceClass: DeviceClass) {
    this.graph = graph;
    this.isValue = valuesOf(graph, deviceClass);
    const { nodes } = graph;
    const first = nodes.findIndex(({ phase }) => phase === 'backward');
    this.end = first < 0 ? nodes.length : first;
    this.bytes = nodes.map((node) => (this.isValue[node.id] ? bytesOf(node, batch) : 0));
    for (const node of nodes)
      if (node.op === 'scan_result') {
        const scan = node.inputs[0] as number;
        this.bytes[scan] = (this.bytes[scan] as number) + (this.bytes[node.id] as number);
      }
    this.lastRead = nodes.map(({ id }) => id);
    this.readLater = nodes.map(() => false);
    for (const node of nodes) {
      if (node.id < this.end && !this.isValue[node.id]) continue;
      for (const value of this.valuesRead(node))
        if (node.id < this.end) this.lastRead[value] = Math.max(this.lastRead[value] as number, node.id);
        else this.readLater[value] = true;
    }
  }

  /** Whether a value goes from before a cut to behind it. */
  crosses(value: number, cut: number): boolean {
    return value < cut && (this.lastRead[value] as number) >= cut;
  }

  /** Ids that begin a segment, ascending: evenly by what the backward part reads, where little crosses. */
  cuts(segments: number): number[] {
    const crossing = this.crossingBytes();
    const saved = this.savedBytes();
    const total = saved.at(-1) ?? 0;
    const half = total / segments / 2;
    const cuts: number[] = [];
    for (let k = 1; k < segments; k++) {
      const wanted = (k * total) / segments;
      let best: number | undefined;
      for (let cut = (cuts.at(-1) ?? 0) + 1; cut < this.end; cut++) {
        const away = Math.abs((saved[cut - 1] as number) - wanted);
        if (away > half) continue;
        const less = best === undefined ? 1 : (crossing[best] as number) - (crossing[cut] as number);
        const closer = best === undefined ? 1 : Math.abs((saved[best - 1] as number) - wanted) - away;
        if (less > 0 || (less === 0 && closer > 0)) best = cut;
      }
      if (best !== undefined) cuts.push(best);
    }
    return cuts;
  }

  /** By cut: bytes that go from before it to behind it. */
  private crossingBytes(): number[] {
    const change = new Array<number>(this.end + 1).fill(0);
    for (let id = 0; id < this.end; id++) {
      const last = this.lastRead[id] as number;
      change[id + 1] = (change[id + 1] as number) + (this.bytes[id] as number);
      change[last + 1] = (change[last + 1] as number) - (this.bytes[id] as number);
    }
    let sum = 0;
    return change.map((bytes) => (sum += bytes));
  }

  /** By node: bytes read by the backward part of it and all before. */
  private savedBytes(): number[] {
    let sum = 0;
    return this.bytes.slice(0, this.end).map((bytes, id) => (sum += this.readLater[id] === true ? bytes : 0));
  }

  /** What a node reads that is no view, number or leaf. */
  private valuesRead(node: Node): Set<number> {
    const found = new Set<number>();
    const visit = (id: number): void => {
      if (this.isValue[id]) found.add(id);
      else (this.graph.nodes[id] as Node).inputs.forEach(visit);
    };
    node.inputs.forEach(visit);
    return found;
  }
}

/** By node: neither a leaf nor a view nor a number. */
function valuesOf(graph: Graph, deviceClass: DeviceClass): boolean[] {
  const free = freeNodes(graph, deviceClass);
  return graph.nodes.map((node, id) => !isLeaf(node) && free[id] === false);
}

/** A scan's are those of its results. */
const bytesOf = ({ op, type }: Node, batch: number): number => (op === 'scan' ? 0 : tensorBytes(type, batch));

/** Copies the graph; nodes behind the forward part read a second copy of what the segments do not keep. */
function repeatSegments(graph: Graph, forward: ForwardPart, cuts: readonly number[]): Graph {
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  const copies = new Map<number, number>();
  const results = new Set(graph.outputs.map(({ value }) => value));
  const begins = [0, ...cuts];
  const segmentOf = (id: number): number => begins.findLastIndex((begin) => begin <= id);
  const last = begins.length - 1;
  const isKept = (id: number): boolean =>
    id >= (begins[last] as number) || results.has(id) || cuts.some((cut) => forward.crosses(id, cut));

  /** The id of a value as the backward part sees it. */
  const later = (id: number): number => {
    const node = graph.nodes[id] as Node;
    if (isLeaf(node) || (forward.isValue[id] && isKept(id))) return mapped(ids, id);
    const known = copies.get(id);
    if (known !== undefined) return known;
    const inputs = node.inputs.map(later);
    // A view or a number of what is kept is the first one.
    const same = !forward.isValue[id] && inputs.every((input, i) => input === ids[node.inputs[i] as number]);
    const copy = same
      ? mapped(ids, id)
      : copyNode(b, { ...node, phase: 'backward', again: segmentOf(id) }, inputs);
    copies.set(id, copy);
    return copy;
  };

  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) =>
      node.id >= forward.end && input < forward.end ? later(input) : mapped(ids, input),
    );
    ids.push(copyNode(b, node, inputs));
  }
  copyOutputs(b, graph, ids);
  return b.finish();
}
