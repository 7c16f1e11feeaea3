/**
 * A scan under construction. In: arguments as they are met, in any order; nodes put into `body`. Out: one
 * `scan` node in the graph around, its arguments numbered as the scan wants them, and its results.
 */
import { GraphBuilder } from './builder.ts';
import { copyNode, mapped } from './copy.ts';
import type { Graph, Node, ScanAttributes, TensorType, TurnAttributes } from './ir.ts';
import { broken } from './op-row.ts';
import { outputLabel, resultType, type ArgumentRole } from './scan.ts';

interface Argument {
  role: ArgumentRole;
  /** In the graph around. */
  readonly outer: number;
  readonly leaf: number;
}

export class ScanBuilder {
  /** Holds the nodes of one turn. */
  readonly body: GraphBuilder;
  private readonly around: GraphBuilder;
  private readonly turns: TurnAttributes;
  private readonly list: Argument[] = [];

  constructor(around: GraphBuilder, name: string, turns: TurnAttributes) {
    this.around = around;
    this.turns = turns;
    this.body = new GraphBuilder(name);
  }

  get arguments(): readonly Readonly<Argument>[] {
    return this.list;
  }

  /** A leaf that holds `initial` in the first turn. */
  carry(initial: number): number {
    return this.add('carry', initial, this.around.type(initial));
  }

  /** A leaf that holds one slice along axis 0 in every turn. */
  sequence(outer: number): number {
    const { dtype, shape } = this.around.type(outer);
    return this.known('sequence', outer) ?? this.add('sequence', outer, { dtype, shape: shape.slice(1) });
  }

  /** A leaf that holds the same in every turn. */
  constant(outer: number): number {
    return this.known('constant', outer) ?? this.add('constant', outer, this.around.type(outer));
  }

  /** A carry that every turn leaves as it is holds the same in every turn. */
  keep(leaf: number): void {
    const argument = this.list.find((each) => each.leaf === leaf) ?? broken(`%${leaf} is no argument`);
    argument.role = 'constant';
  }

  private known(role: ArgumentRole, outer: number): number | undefined {
    return this.list.find((argument) => argument.role === role && argument.outer === outer)?.leaf;
  }

  private add(role: ArgumentRole, outer: number, type: TensorType): number {
    const leaf = this.body.add('argument', [], { index: this.list.length }, type);
    this.list.push({ role, outer, leaf });
    return leaf;
  }

  /** `next` by the carry's leaf. Returns the scan's id in the graph around; a scan has a result or more. */
  finish(next: ReadonlyMap<number, number>, emits: readonly number[]): number {
    const of = (role: ArgumentRole): Argument[] => this.list.filter((argument) => argument.role === role);
    const [carries, sequences, constants] = [of('carry'), of('sequence'), of('constant')];
    const ordered = [...carries, ...sequences, ...constants];
    const places = new Map(ordered.map(({ leaf }, index) => [leaf, index]));
    const values = [
      ...carries.map(({ leaf }) => next.get(leaf) ?? broken(`no next value for %${leaf}`)),
      ...emits,
    ];
    const attributes: ScanAttributes = {
      turns: this.turns.turns,
      reverse: this.turns.reverse,
      carries: carries.length,
      sequences: sequences.length,
      body: renumbered(this.body.finish(), places, values, carries.length),
    };
    return this.around.add(
      'scan',
      ordered.map(({ outer }) => outer),
      attributes,
    );
  }
}

/** The body with its arguments in order and `values` for outputs. */
function renumbered(
  body: Graph,
  places: ReadonlyMap<number, number>,
  values: readonly number[],
  carries: number,
): Graph {
  const b = new GraphBuilder(body.name);
  const ids: number[] = [];
  for (const node of body.nodes) {
    const inputs = node.inputs.map((input) => mapped(ids, input));
    const place = places.get(node.id);
    const placed: Node =
      node.op === 'argument' && place !== undefined ? { ...node, attributes: { index: place } } : node;
    ids.push(copyNode(b, placed, inputs));
  }
  values.forEach((value, index) => b.output(outputLabel(index, carries), mapped(ids, value), 'result'));
  return b.finish();
}

/** Reads one result of a scan. */
export function scanResult(b: GraphBuilder, scan: number, index: number): number {
  const node = b.node(scan);
  if (node.op !== 'scan') broken(`%${scan} is no scan`);
  return b.add('scan_result', [scan], { index }, resultType(node.attributes, index));
}
