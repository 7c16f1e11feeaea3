/**
 * Where the elaborator's nodes go. In: operators and ids of values. Out: ids. While the body of a loop is open
 * nodes are put into it, and values from around are captured where they are used (`turn.ts`). Loops nest.
 */
import type { DType, Span } from '../../runtime/plan-format.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { Node, OpAttributes, OpName, Origin, TensorType } from '../graph/ir.ts';
import type { GivenType } from '../graph/op-row.ts';
import { ScanBuilder, scanResult } from '../graph/scan-builder.ts';
import { Turn } from './turn.ts';

export class Nodes {
  readonly builder: GraphBuilder;
  private readonly place: () => readonly Span[];
  private readonly scope: () => string | undefined;
  protected turn: Turn | undefined;
  private turnsEntered = 0;

  /** `place` gives the source chain of the expression at hand, `scope` the part of a model it is in. */
  constructor(name: string, place: () => readonly Span[], scope: () => string | undefined) {
    this.builder = new GraphBuilder(name);
    this.place = place;
    this.scope = scope;
  }

  /** Opens the body of a loop: from here on nodes are put into it, until `leaveTurn`. */
  enterTurn(name: string, turns: number): Turn {
    const scan = new ScanBuilder(this.open, name, { turns, reverse: false });
    this.turnsEntered += 1;
    this.turn = new Turn(scan, turns, this.turnsEntered, this.turn);
    return this.turn;
  }

  /** Closes a loop's body, if it is still open. */
  leaveTurn(turn: Turn): void {
    if (this.turn === turn) this.turn = turn.parent;
  }

  /** The innermost loop whose body is open. */
  get innermost(): Turn | undefined {
    return this.turn;
  }

  /** Reads a result of a scan that was finished in the graph or body at hand. */
  scanResult(scan: number, index: number): number {
    const id = scanResult(this.open, scan, index);
    return this.turn?.valueOf(id) ?? id;
  }

  /** Where nodes are put now. */
  private get open(): GraphBuilder {
    return this.turn?.scan.body ?? this.builder;
  }

  /** The node that a value is. */
  private nodeOf(id: number): Node {
    const owner = this.turn?.ownerOf(id);
    return owner ? owner.scan.body.node(owner.local(id)) : this.builder.node(id);
  }

  /** Runs what belongs to the graph although a loop's body asks for it first: a data column. */
  outside<T>(work: () => T): T {
    return this.within(undefined, work);
  }

  /** Runs what stands before the loop at hand. */
  around<T>(work: () => T): T {
    return this.within(this.turn?.parent, work);
  }

  private within<T>(turn: Turn | undefined, work: () => T): T {
    const inside = this.turn;
    this.turn = turn;
    try {
      return work();
    } finally {
      this.turn = inside;
    }
  }

  /** Names a value for readers. */
  label(id: number, text: string): void {
    const owner = this.turn?.ownerOf(id);
    if (owner) owner.scan.body.label(owner.local(id), text);
    else this.builder.label(id, text);
  }

  /** The name of the weight that a value is, frozen or not. */
  weightOf(id: number): string | undefined {
    const owner = this.turn?.ownerOf(id);
    const node = this.nodeOf(id);
    if (node.op === 'parameter') return node.attributes.name;
    const [input] = node.inputs;
    if (node.op === 'detach' && input !== undefined) return this.weightOf(owner?.valueOf(input) ?? input);
    const outer = owner?.scan.arguments.find(({ leaf }) => leaf === node.id)?.outer;
    return outer === undefined ? undefined : this.weightOf(owner?.parent?.valueOf(outer) ?? outer);
  }

  dtype(id: number): DType {
    return this.type(id).dtype;
  }

  shape(id: number): readonly Dimension[] {
    return this.type(id).shape;
  }

  private type(id: number): TensorType {
    return this.nodeOf(id).type;
  }

  /** Appends a node: to the body of a loop where one is open. */
  protected add<P extends OpName>(
    op: P,
    inputs: readonly number[],
    attributes: OpAttributes[P],
    given: GivenType = {},
  ): number {
    const { turn, open: builder } = this;
    builder.source = this.place();
    builder.scope = this.scope();
    if (!turn) return builder.add(op, inputs, attributes, given);
    const id = builder.add(
      op,
      inputs.map((input) => turn.local(input)),
      attributes,
      given,
    );
    return turn.valueOf(id);
  }

  /** What `build` emits of a value by the graph's own compositions. */
  protected compose(of: number, build: (builder: GraphBuilder, id: number) => number): number {
    const { turn, open: builder } = this;
    builder.source = this.place();
    builder.scope = this.scope();
    return turn ? turn.valueOf(build(builder, turn.local(of))) : build(builder, of);
  }

  /** Marks what `build` emits as part of a whole that reports know by its name. */
  part<T>(origin: Origin, build: () => T): T {
    const builder = this.open;
    builder.origin = origin;
    try {
      return build();
    } finally {
      builder.origin = undefined;
    }
  }
}
