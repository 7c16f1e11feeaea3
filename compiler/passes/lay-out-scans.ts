/**
 * Lays the bodies of scans into the graph around them, for the stages that cut a graph into kernels. In: a
 * graph with `scan` nodes. Out: the same computation without, with `loops` that say which nodes are run turn
 * by turn. What a turn leaves behind lies in stacks, one an emit or carry:
 *
 * - a carry's stack begins with its initial value, so that a turn reads one slot and writes the next: nothing
 *   is copied and nothing overwritten that another kernel of the turn still reads. Where the last value alone
 *   is asked for, two slots serve in turns;
 * - an emit of a carry, before or after its turn, is a view of the carry's stack, of a sequence the sequence.
 *
 * A scan in a body is laid out in that body first: its nodes and stacks are values of the turn like others.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { broadcastTo, reshapeTo } from '../graph/convenience.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Graph, Node, NodeOf, ScanAttributes } from '../graph/ir.ts';
import { broken, nth } from '../graph/op-row.ts';
import { argumentRole } from '../graph/scan.ts';

/** `depth`: how many loops are around the graph. */
export function layOutScans(graph: Graph, depth = 0): Graph {
  if (!graph.nodes.some(({ op }) => op === 'scan')) return graph;
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  const results = new Map<number, readonly (() => number)[]>();
  for (const node of graph.nodes) {
    b.phase = node.phase;
    b.source = node.source;
    b.origin = node.origin;
    b.again = node.again;
    if (node.op === 'scan') {
      const inputs = node.inputs.map((input) => mapped(ids, input));
      results.set(node.id, layOut(b, node, inputs, depth));
      // No node stands for the scan itself, and none reads it but its results.
      ids.push(-1);
    } else if (node.op === 'scan_result') {
      ids.push(nth(results.get(nth(node.inputs, 0)) ?? [], node.attributes.index)());
    } else {
      ids.push(
        copyNode(
          b,
          node,
          node.inputs.map((input) => mapped(ids, input)),
        ),
      );
    }
  }
  copyOutputs(b, graph, ids);
  return b.finish();
}

/** Emits the nodes of one turn and the stacks they fill. Returns a reader for every result. */
function layOut(
  b: GraphBuilder,
  scan: NodeOf<'scan'>,
  inputs: readonly number[],
  depth: number,
): (() => number)[] {
  const { turns, reverse, carries } = scan.attributes;
  const body = layOutScans(scan.attributes.body, depth + 1);
  const { source, phase } = scan;
  const first = b.nodes.length;
  const role = (node: Node) =>
    node.op === 'argument' ? argumentRole(scan.attributes, node.attributes.index) : undefined;
  // Every node of the body but a constant argument stands for one; stacks come behind.
  let behind = first;
  const places = body.nodes.map((node) => (role(node) === 'constant' ? -1 : behind++));
  const ids: number[] = [];
  for (const node of body.nodes) {
    if (node.op !== 'argument') {
      const moved: Node =
        node.op === 'carried'
          ? { ...node, attributes: { stack: mapped(places, node.attributes.stack) } }
          : node;
      ids.push(
        copyNode(
          b,
          moved,
          node.inputs.map((input) => mapped(ids, input)),
        ),
      );
      continue;
    }
    const { index } = node.attributes;
    const outer = nth(inputs, index);
    b.source = node.source.length > 0 ? node.source : source;
    if (role(node) === 'carry') ids.push(b.add('carried', [], { stack: behind + index }, node.type));
    else if (role(node) === 'sequence') ids.push(b.add('at_turn', [outer], { turns, reverse, depth }));
    else ids.push(outer);
  }
  if (b.nodes.length !== behind) broken('a body of another length than was counted');

  b.source = source;
  b.phase = phase;
  const values = body.outputs.map(({ value }) => mapped(ids, value));
  const emits = emitSources(scan.attributes, body, values);
  const stacks: number[] = [];
  for (let carry = 0; carry < carries; carry++) {
    const isKept = emits.some((emit) => emit.kind === 'carry' && emit.carry === carry);
    const slots = isKept ? turns + 1 : Math.min(2, turns + 1);
    const initial = nth(inputs, carry);
    stacks.push(b.add('over_turns', [nth(values, carry), initial], { turns, reverse, depth, slots }));
  }
  const ofEmit = emits.map((emit) => {
    if (emit.kind !== 'own') return undefined;
    const stack = b.add('over_turns', [emit.value], { turns, reverse, depth, slots: turns });
    stacks.push(stack);
    return stack;
  });
  b.loops.push({ turns, first, last: behind - 1, stacks });
  for (const inner of body.loops ?? [])
    b.loops.push({
      turns: inner.turns,
      first: mapped(places, inner.first),
      last: mapped(places, inner.last),
      stacks: inner.stacks.map((stack) => mapped(places, stack)),
    });
  const inScan = (read: () => number) => (): number => {
    b.source = source;
    b.phase = phase;
    return read();
  };
  return [
    ...stacks.slice(0, carries).map((stack) => inScan(() => slotOf(b, stack, turns))),
    ...emits.map((emit, place) =>
      inScan(() => {
        switch (emit.kind) {
          case 'own':
            return ofEmit[place] as number;
          case 'same':
            return ofEmit[emit.place] as number;
          case 'sequence':
            return nth(inputs, emit.input);
          case 'constant':
            return broadcastTo(b, nth(inputs, emit.input), [turns, ...b.type(nth(inputs, emit.input)).shape]);
          case 'carry': {
            const history = slots(b, stacks[emit.carry] as number, emit.from, emit.from + turns);
            return reverse ? b.add('reverse', [history], { axes: [0] }) : history;
          }
          default:
            return emit satisfies never;
        }
      }),
    ),
  ];
}

/** Where the stacked values of an emit are found. */
type EmitSource =
  | { readonly kind: 'own'; readonly value: number }
  /** Another emit of the same value. */
  | { readonly kind: 'same'; readonly place: number }
  | { readonly kind: 'sequence' | 'constant'; readonly input: number }
  /** Slots of a carry's stack: from 0 what it was when the turns began, from 1 what they made of it. */
  | { readonly kind: 'carry'; readonly carry: number; readonly from: 0 | 1 };

/** `body`: with its own scans laid out. `values`: of its outputs, in the graph around. */
function emitSources(attributes: ScanAttributes, body: Graph, values: readonly number[]): EmitSource[] {
  const { carries } = attributes;
  const emitted = body.outputs.slice(carries).map(({ value }) => value);
  return emitted.map((value, place): EmitSource => {
    const node = nth(body.nodes, value);
    if (node.op === 'argument') {
      const { index } = node.attributes;
      const role = argumentRole(attributes, index);
      return role === 'carry' ? { kind: 'carry', carry: index, from: 0 } : { kind: role, input: index };
    }
    const carry = body.outputs.slice(0, carries).findIndex((output) => output.value === value);
    if (carry >= 0) return { kind: 'carry', carry, from: 1 };
    const same = emitted.indexOf(value);
    return same < place
      ? { kind: 'same', place: same }
      : { kind: 'own', value: nth(values, carries + place) };
  });
}

/** Slots `from` to below `to` of a stack. */
function slots(b: GraphBuilder, stack: number, from: number, to: number): number {
  const { shape } = b.type(stack);
  return b.add('slice', [stack], {
    starts: shape.map((_, axis) => (axis === 0 ? from : 0)),
    limits: shape.map((size, axis) => (axis === 0 ? to : size)),
    steps: shape.map(() => 1),
  });
}

/** What a carry holds after `turns` turns. */
function slotOf(b: GraphBuilder, stack: number, turns: number): number {
  const { shape } = b.type(stack);
  const slot = turns % (shape[0] as number);
  return reshapeTo(b, slots(b, stack, slot, slot + 1), shape.slice(1));
}
