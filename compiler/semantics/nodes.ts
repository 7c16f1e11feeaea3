/**
 * Where the elaborator's nodes go. In: operators and ids of values. Out: ids. While the body of a loop is open
 * nodes are put into it, and values from around are captured where they are used (`turn.ts`).
 */
import type { DType, Span } from '../../runtime/plan-format.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { OpAttributes, OpName, Origin, TensorType } from '../graph/ir.ts';
import type { GivenType } from '../graph/op-row.ts';
import { ScanBuilder } from '../graph/scan-builder.ts';
import { Turn } from './turn.ts';

export class Nodes {
  readonly builder: GraphBuilder;
  private readonly place: () => readonly Span[];
  protected turn: Turn | undefined;
  private turnsEntered = 0;

  /** `place` gives the source chain of the expression at hand. */
  constructor(name: string, place: () => readonly Span[]) {
    this.builder = new GraphBuilder(name);
    this.place = place;
  }

  /** Opens the body of a loop: from here on nodes are put into it, until `leaveTurn`. */
  enterTurn(name: string, turns: number): Turn {
    const scan = new ScanBuilder(this.builder, name, { turns, reverse: false });
    this.turnsEntered += 1;
    this.turn = new Turn(scan, turns, this.turnsEntered);
    return this.turn;
  }

  leaveTurn(): void {
    this.turn = undefined;
  }

  get isInTurn(): boolean {
    return this.turn !== undefined;
  }

  /** Whether a loop's body is open and the value is none of its own. */
  isFromAround(id: number): boolean {
    return this.turn?.holds(id) === false;
  }

  /** Runs what belongs to the graph around although a loop's body asks for it first: a data column. */
  outside<T>(work: () => T): T {
    const inside = this.turn;
    this.turn = undefined;
    try {
      return work();
    } finally {
      this.turn = inside;
    }
  }

  /** Names a value for readers. */
  label(id: number, text: string): void {
    if (this.turn?.holds(id)) this.turn.scan.body.label(this.turn.local(id), text);
    else this.builder.label(id, text);
  }

  /** The name of the weight that a value is, frozen or not. */
  weightOf(id: number): string | undefined {
    const { turn } = this;
    const node = turn?.holds(id) ? turn.scan.body.node(turn.local(id)) : this.builder.node(id);
    if (node.op === 'parameter') return node.attributes.name;
    const [input] = node.inputs;
    if (node.op === 'detach' && input !== undefined)
      return this.weightOf(turn?.holds(id) ? turn.valueOf(input) : input);
    const outer = turn?.holds(id)
      ? turn.scan.arguments.find(({ leaf }) => leaf === node.id)?.outer
      : undefined;
    return outer === undefined ? undefined : this.weightOf(outer);
  }

  dtype(id: number): DType {
    return this.type(id).dtype;
  }

  shape(id: number): readonly Dimension[] {
    return this.type(id).shape;
  }

  private type(id: number): TensorType {
    return this.turn?.holds(id) ? this.turn.scan.body.type(this.turn.local(id)) : this.builder.type(id);
  }

  /** Appends a node: to the body of a loop where one is open. */
  protected add<P extends OpName>(
    op: P,
    inputs: readonly number[],
    attributes: OpAttributes[P],
    given: GivenType = {},
  ): number {
    const { turn } = this;
    const builder = turn?.scan.body ?? this.builder;
    builder.source = this.place();
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
    const { turn } = this;
    const builder = turn?.scan.body ?? this.builder;
    builder.source = this.place();
    return turn ? turn.valueOf(build(builder, turn.local(of))) : build(builder, of);
  }

  /** Marks what `build` emits as part of a whole that reports know by its name. */
  part<T>(origin: Origin, build: () => T): T {
    const builder = this.turn?.scan.body ?? this.builder;
    builder.origin = origin;
    try {
      return build();
    } finally {
      builder.origin = undefined;
    }
  }
}
