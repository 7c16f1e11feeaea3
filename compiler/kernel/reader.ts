/**
 * The value of a graph node at given coordinates, as an expression. In: a node and one index an axis, over
 * loop variables. Out: an expression, with what it needs emitted before it. Views are index arithmetic;
 * nodes of the group are computed in place; everything else is a load.
 *
 * Coordinates may contain the variable `lane`: then the value is a vec4 over the four lanes, loaded as one
 * where the four elements lie side by side and aligned. Else the value is a scalar.
 */
import type { Node } from '../graph/ir.ts';
import { holds } from '../graph/loop-of-node.ts';
import type { Home } from '../schedule/homes.ts';
import { isLoaded } from '../schedule/reads.ts';
import type { Group } from '../schedule/schedule.ts';
import { readHome, type ScheduledGraph } from '../schedule/scheduled-graph.ts';
import type { BindingTable } from './bindings.ts';
import { LANE, atLane, mentionsLane, type Emitter } from './emitter.ts';
import { cast, literal, scalarType, spread, vectorOf } from './expression.ts';
import { elementType, storageOf, vectorStart } from './elements.ts';
import { coefficientOf, constant, dividedExactly, fromDimension, type Index } from './index-expression.ts';
import { substitute } from './index-division.ts';
import type { Expression, KernelBinding, ScalarType } from './ir.ts';
import { readGather, readTake } from './indexed.ts';
import { readReduction } from './reductions.ts';
import { SCALAR_RULES } from './scalar-rules.ts';
import { flatten, sizesOf } from './shapes.ts';
import type { Team } from './team.ts';
import { slotOf } from './turns.ts';
import type { ValueKeeper, ValueReader } from './value-reader.ts';
import { readConcat, readPad, viewCoordinates } from './views.ts';

export interface ReaderOptions {
  readonly graph: ScheduledGraph;
  readonly group: Group;
  readonly limit: number;
  readonly innerLanes: boolean;
  readonly writtenOut: number;
}

export class Reader implements ValueReader {
  readonly graph: ScheduledGraph;
  readonly emitter: Emitter;
  readonly limit: number;
  readonly innerLanes: boolean;
  readonly writtenOut: number;
  readonly options: ReaderOptions;
  private readonly bindings: BindingTable;
  private readonly keys = new WeakMap<readonly Index[], string>();
  /** Values that a row kernel stores while it first runs along the row. */
  kept: ValueKeeper | undefined;
  team: Team | undefined;
  /** In a kernel that runs through a loop over time: where one turn is worked out. */
  turnDepth = 0;
  /** A product's value at the place that is being worked out. */
  private given: { readonly id: number; readonly value: Expression; readonly depth: number } | undefined;
  /** Whether a node is made of the product that is given. */
  private readonly behind = new Map<number, boolean>();

  constructor(options: ReaderOptions, emitter: Emitter, bindings: BindingTable) {
    this.options = options;
    this.graph = options.graph;
    this.limit = options.limit;
    this.innerLanes = options.innerLanes;
    this.writtenOut = options.writtenOut;
    this.emitter = emitter;
    this.bindings = bindings;
  }

  node(id: number): Node {
    const node = this.graph.nodes[id];
    if (!node) throw new Error(`internal: no node %${id} in graph ${this.graph.name}`);
    return node;
  }

  sizes(id: number): Index[] {
    return sizesOf(this.node(id).type.shape, this.limit);
  }

  /** Chains of operators pass one array of coordinates on: its key is put together once. */
  private keyOf(coordinates: readonly Index[]): string {
    const known = this.keys.get(coordinates) ?? `[${coordinates.map((c) => c.key).join()}]`;
    this.keys.set(coordinates, known);
    return known;
  }

  /** From here on a product is known: its value at the coordinates that are read next. */
  give(id: number, value: Expression): void {
    this.given = { id, value, depth: this.emitter.depth };
  }

  noteGather(): void {
    this.bindings.gathers++;
  }

  read(id: number, coordinates: readonly Index[]): Expression {
    const key = `%${id}${this.keyOf(coordinates)}`;
    const before = this.emitter.recall(key);
    if (before) return before;
    const node = this.node(id);
    const depth = this.placeOf(id, coordinates);
    const loaded = isLoaded(this.graph, this.options.group, node);
    const known = !loaded && this.kept?.isStored(id) === true;
    const value =
      loaded || known
        ? this.load(node, coordinates, readHome(this.graph, node, this.options.group.spilled))
        : this.compute(node, coordinates);
    const bound = this.emitter.remember(key, depth, this.emitter.bind('v', depth, value));
    if (!loaded && !known) this.kept?.offer(id, coordinates, bound);
    return bound;
  }

  readElement(id: number, coordinates: readonly Index[]): Expression {
    this.kept?.element(flatten(coordinates, this.sizes(id)));
    return this.read(id, coordinates);
  }

  /**
   * Where its coordinates are known, and the turn that it belongs to, and the product where the value is made of it: a small
   * one has numbers alone.
   */
  private placeOf(id: number, coordinates: readonly Index[]): number {
    const { through } = this.options.group;
    const isOfTurn = through !== undefined && holds(through, id);
    const depth = Math.max(this.emitter.depthOf(coordinates), isOfTurn ? this.turnDepth : 0);
    return this.given && this.isBehind(id, this.given.id) ? Math.max(depth, this.given.depth) : depth;
  }

  private isBehind(id: number, product: number): boolean {
    const known = this.behind.get(id);
    if (known !== undefined) return known;
    const node = this.node(id);
    const loaded = isLoaded(this.graph, this.options.group, node);
    const found = id === product || (!loaded && node.inputs.some((input) => this.isBehind(input, product)));
    this.behind.set(id, found);
    return found;
  }

  private compute(node: Node, at: readonly Index[]): Expression {
    switch (node.op) {
      case 'parameter':
      case 'state':
      case 'input':
        return this.load(node, at, { kind: 'named', name: node.attributes.name });
      case 'scalar':
        return { kind: 'scalar', type: scalarType('f32'), name: node.attributes.name };
      case 'constant':
        return this.number(node.attributes.value, node.type.dtype);
      case 'iota':
        return this.position(at[node.attributes.axis] as Index);
      case 'random_bits':
        return this.randomBits(node.attributes.stream, flatten(at, this.sizes(node.id)));
      case 'reshape':
      case 'transpose':
      case 'broadcast':
      case 'slice':
      case 'reverse':
      case 'windows':
      case 'diagonal':
      case 'at_turn':
        return this.read(node.inputs[0] as number, viewCoordinates(this, node, at));
      case 'pad':
        return readPad(this, node, at);
      case 'concat':
        return readConcat(this, node, at, this.options.group.part);
      case 'reduce_sum':
      case 'reduce_max':
      case 'reduce_min':
      case 'reduce_prod':
      case 'argmax':
      case 'argmin':
        return this.along(() =>
          this.emitter.at(this.emitter.depthOf(at), () => readReduction(this, node, at)),
        );
      case 'take':
        return readTake(this, node, at);
      case 'gather':
        return readGather(this, node, at);
      case 'matmul':
        if (this.given?.id === node.id) return this.given.value;
        throw new Error('internal: a product inside another kernel');
      case 'scatter_add':
      case 'cumsum':
      case 'top_k':
      case 'conv':
      case 'attention':
      case 'attention_lse':
      case 'attention_gradient':
      case 'gradient':
      case 'argument':
      case 'scan':
      case 'scan_result':
      case 'carried':
      case 'over_turns':
        throw new Error(`internal: ${node.op} inside another kernel`);
      default:
        return this.elementwise(node, at);
    }
  }

  private along(build: () => Expression): Expression {
    this.kept?.enter();
    const value = build();
    this.kept?.leave();
    return value;
  }

  private elementwise(
    node: Extract<Node, { op: keyof typeof SCALAR_RULES }>,
    at: readonly Index[],
  ): Expression {
    const operands = node.inputs.map((id) => this.read(id, at));
    const lanes = operands.some((operand) => operand.type.lanes === 4) ? 4 : 1;
    return SCALAR_RULES[node.op](
      operands.map((operand) => spread(operand, lanes)),
      node.type.dtype,
    );
  }

  private number(value: number | { times: number; plus: number }, dtype: ScalarType): Expression {
    if (typeof value === 'number') return literal(value, dtype);
    return cast(this.emitter.index(fromDimension(value, this.limit)), dtype);
  }

  private position(index: Index): Expression {
    return mentionsLane([index]) ? this.emitter.lanes(index) : this.emitter.index(index);
  }

  private randomBits(stream: number, element: Index): Expression {
    const bits = (index: Index): Expression => ({
      kind: 'random_bits',
      type: scalarType('u32'),
      stream,
      element: this.emitter.index(index),
    });
    if (!mentionsLane([element])) return bits(element);
    return vectorOf((lane) => bits(substitute(element, LANE, constant(lane))));
  }

  /** A load from where the node's value lies; four scalar loads where it is no aligned vec4. */
  private load(node: Node, at: readonly Index[], home: Home): Expression {
    const storage = storageOf(node, home);
    const position = this.elementPosition(node, at);
    if (!mentionsLane([position])) return this.element(node, home, storage, position);
    const start = vectorStart(position);
    const apart = this.isApart(node);
    if (start && storage !== 'u8') {
      const binding = this.bindings.use({
        target: home,
        storage,
        kind: 'read',
        vector: true,
        at: start.key,
        apart,
      });
      if (this.bindings.width(home) === 4) {
        this.bindings.loads++;
        const index = this.emitter.index(dividedExactly(start, 4));
        return cast(
          { kind: 'load', type: { scalar: elementType(node, storage), lanes: 4 }, binding, index },
          node.type.dtype,
        );
      }
    }
    this.noteGather();
    if (coefficientOf(position, LANE) !== 1) this.bindings.scattered++;
    return vectorOf((lane) => {
      const [index] = atLane([position], lane);
      const key = `%${node.id}@${(index as Index).key}`;
      const known = this.emitter.recall(key);
      if (known) {
        // Used here in another way than where it was loaded, perhaps: that decides about the binding's width.
        this.useElement(node, home, storage, index as Index, start?.key);
        return known;
      }
      const value = this.element(node, home, storage, index as Index, start?.key);
      const depth = this.emitter.depthOf([index as Index]);
      return this.emitter.remember(key, depth, this.emitter.bind('v', depth, value));
    });
  }

  /** Where the element lies in its tensor: in a loop that may be one slot of a stack. */
  private elementPosition(node: Node, at: readonly Index[]): Index {
    const slot = slotOf(this.graph, node);
    return slot ? flatten([slot.index, ...at], this.sizes(slot.stack.id)) : flatten(at, this.sizes(node.id));
  }

  private element(
    node: Node,
    home: Home,
    storage: KernelBinding['storage'],
    position: Index,
    partOf?: string,
  ): Expression {
    const binding = this.useElement(node, home, storage, position, partOf);
    this.bindings.loads++;
    const type = scalarType(elementType(node, storage));
    return cast({ kind: 'load', type, binding, index: this.emitter.index(position) }, node.type.dtype);
  }

  /** Read at other places than those that the kernel writes. */
  private isApart({ id, op }: Node): boolean {
    return op === 'carried' || this.kept?.isStored(id) === true;
  }

  /** `partOf`: the aligned vec4 that the element is read as a part of. */
  private useElement(
    node: Node,
    home: Home,
    storage: KernelBinding['storage'],
    position: Index,
    partOf: string | undefined,
  ): number {
    const vector = partOf !== undefined && storage !== 'u8';
    return this.bindings.use({
      target: home,
      storage,
      kind: 'read',
      vector,
      at: partOf ?? position.key,
      apart: this.isApart(node),
    });
  }
}
