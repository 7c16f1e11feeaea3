/**
 * Derivatives that a turn takes by a value from around its loop. In: a scan whose body still has `gradient` nodes, in
 * the graph around. Out: the same scan, in whose body every path from such a value to what is differentiated can be
 * seen, so that the body's own derivatives are the whole: what is computed from the value before the loop, and stays the
 * same in all turns, is computed in the turn (the passes take it out again). What a turn is given, its carries and
 * elements of sequences, counts as given (`given-in-turns.ts` says where that is refused).
 */
import { GraphBuilder } from '../graph/builder.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import { nth } from '../graph/op-row.ts';
import { argumentLeaves, argumentRole } from '../graph/scan.ts';
import { differentiatedBy, type OpenScan } from './asked-in-loops.ts';
import { dependencies, dependents, flowing } from './dependence.ts';
import { refuseGiven } from './given-in-turns.ts';

/** `b`: the graph around. Throws a CompileError E0302 where what a turn is given hides the value. */
export function openToGradients(b: GraphBuilder, scan: OpenScan): OpenScan {
  return [...differentiatedBy(scan.node)].reduce((opened, index) => openTo(b, opened, index), scan);
}

function openTo(b: GraphBuilder, { node: scan, inputs }: OpenScan, index: number): OpenScan {
  const { attributes } = scan;
  const made = dependents(b, [nth(inputs, index)], b.nodes.length - 1, flowing);
  const isMade = (input: number): boolean => made[nth(inputs, input)] === true;
  refuseGiven(b, { node: scan, inputs }, index, isMade);
  const constants = argumentLeaves(attributes.body).filter(
    ({ attributes: leaf }) => argumentRole(attributes, leaf.index) === 'constant',
  );
  const sunk = new Set(
    constants
      .filter(({ attributes: leaf }) => leaf.index !== index && isMade(leaf.index))
      .map(({ id }) => id),
  );
  if (sunk.size === 0) return { node: scan, inputs };

  const body = new GraphBuilder(attributes.body.name);
  const wider = [...inputs];
  const ids: number[] = [];
  /** Nodes of the body by what they are in the graph around. */
  const known = new Map<number, number>();
  for (const leaf of argumentLeaves(attributes.body)) {
    if (sunk.has(leaf.id)) continue;
    ids[leaf.id] = copyNode(body, leaf, []);
    if (constants.includes(leaf)) known.set(nth(inputs, leaf.attributes.index), mapped(ids, leaf.id));
  }
  const captured = (id: number): number => {
    const leaf = known.get(id) ?? body.add('argument', [], { index: wider.push(id) - 1 }, b.type(id));
    known.set(id, leaf);
    return leaf;
  };
  const ends = constants.filter(({ id }) => sunk.has(id)).map((leaf) => nth(inputs, leaf.attributes.index));
  const needed = dependencies(b, ends, () => true);
  for (const node of b.nodes) {
    if (!made[node.id] || !needed[node.id] || known.has(node.id)) continue;
    known.set(node.id, copyNode(body, node, node.inputs.map(captured)));
  }
  for (const { id, attributes: leaf } of constants) ids[id] = captured(nth(inputs, leaf.index));
  for (const node of attributes.body.nodes) {
    if (node.op === 'argument') continue;
    const operands = node.inputs.map((input) => mapped(ids, input));
    ids[node.id] = copyNode(body, node, operands);
  }
  copyOutputs(body, attributes.body, ids);
  return { node: { ...scan, attributes: { ...attributes, body: body.finish() } }, inputs: wider };
}
