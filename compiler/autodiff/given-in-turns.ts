/**
 * What a turn is given, its carries and elements of sequences, counts as given in derivatives that it takes by a value
 * from around. In: a scan, the input that its body differentiates by, which inputs are computed from that. Out: nothing,
 * or an error E0302: an element of a sequence was computed from the value, so that a part of the derivative would be
 * missing; or carries are all that leads to the value, so that nothing of it would be left.
 */
import { fail } from '../diagnostics.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode } from '../graph/copy.ts';
import type { Graph, Node, NodeOf } from '../graph/ir.ts';
import { nth } from '../graph/op-row.ts';
import { argumentLeaves, argumentRole, type ArgumentRole } from '../graph/scan.ts';
import { differentiatedBy, type OpenScan } from './asked-in-loops.ts';
import { dependents, flowing } from './dependence.ts';

/** `isMade` by input: whether it is the value or computed from it. `b`: the graph around. */
export function refuseGiven(
  b: GraphBuilder,
  { node: { attributes }, inputs }: OpenScan,
  index: number,
  isMade: (input: number) => boolean,
): void {
  const { body } = attributes;
  const leavesOf = (role: ArgumentRole): NodeOf<'argument'>[] =>
    argumentLeaves(body).filter((leaf) => argumentRole(attributes, leaf.attributes.index) === role);
  const x = leavesOf('constant').find((leaf) => leaf.attributes.index === index);
  if (!x) return;
  const reached = reachIn(body);
  const name = nameOf(b.node(nth(inputs, index)), 'the value');
  const constants = leavesOf('constant').filter((leaf) => isMade(leaf.attributes.index));
  const seen = reached(constants.map(({ id }) => id));
  for (const { span, y, isHere } of asking(body, x.id)) {
    const sequence = leavesOf('sequence').find(
      (leaf) => isMade(leaf.attributes.index) && reached([leaf.id])[y],
    );
    if (sequence) {
      const element = nameOf(sequence, 'a value');
      fail(
        'E0302',
        span,
        `no derivative within a turn: ${element} is an element of a sequence computed from ${name} before the loop`,
        { help: 'compute it in the body of the `scan`, from elements of what it is made of' },
      );
    }
    const carry = leavesOf('carry').find(({ id, attributes: leaf }) => {
      const next = nth(body.outputs, leaf.index).value;
      return reached([id])[y] && (isMade(leaf.index) || seen[next]);
    });
    if (!isHere || seen[y] || !carry) continue;
    const given = nameOf(carry, 'a carry');
    fail(
      'E0302',
      span,
      `no derivative within a turn: this depends on ${name} only through the carry ${given}, which a turn is given`,
      { help: `take it by the carry, or by ${name} after the loop` },
    );
  }
}

interface Asking {
  readonly span: Node['source'][number] | undefined;
  /** What is differentiated, or the scan in which it is. */
  readonly y: number;
  readonly isHere: boolean;
}

/** Where a body differentiates by its leaf `x`, itself or in a scan. */
function asking({ nodes }: Graph, x: number): Asking[] {
  return nodes.flatMap((node): Asking[] => {
    const [span] = node.source;
    if (node.op === 'gradient' && node.inputs[1] === x)
      return [{ span, y: nth(node.inputs, 0), isHere: true }];
    if (node.op !== 'scan') return [];
    const isAsked = [...differentiatedBy(node)].some((index) => node.inputs[index] === x);
    return isAsked ? [{ span, y: node.id, isHere: false }] : [];
  });
}

/** What of a body depends on nodes of it by paths that derivatives take. */
function reachIn(body: Graph): (from: readonly number[]) => readonly boolean[] {
  const b = new GraphBuilder(body.name);
  for (const node of body.nodes) copyNode(b, node, node.inputs);
  return (from) => dependents(b, from, body.nodes.length - 1, flowing);
}

const nameOf = ({ label, attributes }: Node, otherwise: string): string => {
  const name = label ?? ('name' in attributes ? attributes.name : undefined);
  return name === undefined ? otherwise : `\`${name}\``;
};
