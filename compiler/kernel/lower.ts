/**
 * A scheduled group as a kernel. In: the graph, the group, the device's profile and the largest batch. Out:
 * the kernel's loop nest and bindings. Every result element (or four neighbours) is one thread's, except in
 * matmul, whose template gives a thread a tile.
 */
import type { Graph, Node, Origin } from '../graph/ir.ts';
import type { Span } from '../../runtime/plan-format.ts';
import { elementsAt } from '../graph/dimension.ts';
import { isLeaf } from '../schedule/free.ts';
import type { Group } from '../schedule/schedule.ts';
import { withFacts, type ScheduledGraph } from '../schedule/scheduled-graph.ts';
import { BindingTable } from './bindings.ts';
import { lowerGrid } from './grid.ts';
import type { Variant } from './thread-extent.ts';
import type { Kernel, KernelKind } from './ir.ts';
import { keepLoops } from './keep-loops.ts';
import { KnownBodies, type KernelBody } from './known-bodies.ts';
import { lowerAttention } from './templates/attention.ts';
import { lowerMatmul } from './templates/matmul.ts';
import { lowerSharedMatmul } from './templates/matmul-shared.ts';
import { lowerPackedMatmul, type Packing } from './templates/matmul-packed.ts';
import { lowerRow } from './templates/row.ts';
import { lowerRows } from './templates/rows.ts';
import { lowerScatter } from './templates/scatter.ts';
import { chooseTile } from './tile-choice.ts';
import type { TargetProfile } from './profile.ts';
import { prepare, type KernelShape, type LoweringContext, type Workspace } from './workspace.ts';

export type { LoweringContext };

/** `known`: the bodies lowered so far for the same profile. */
export function lowerGroup(
  given: Graph,
  group: Group,
  context: LoweringContext,
  known: KnownBodies = new KnownBodies(),
): Kernel {
  const graph = withFacts(given, context.profile.deviceClass);
  const body = known.find(graph, group, context.batch, () => lowerBody(graph, group, context));
  const nodes = group.nodes.map((id) => nodeOf(graph, id)).filter((node) => !isLeaf(node));
  const copied = [...group.stored, ...(group.copies ?? []).map((copy) => copy.value)];
  const named = nodes.length > 0 ? nodes : copied.map((id) => nodeOf(graph, id));
  return {
    name: kernelName(nodes),
    kind: kernelKind(group, named),
    phase: named.at(-1)?.phase ?? 'forward',
    ops: nodes.length > 0 ? nodes.map(opOf) : ['copy'],
    source: sources(named),
    ...body,
    vectorWidth: body.bindings.some((binding) => binding.width === 4) ? 4 : 1,
    flops:
      (group.through?.turns ?? 1) * nodes.reduce((sum, node) => sum + flopsOf(graph, node, context.batch), 0),
  };
}

function lowerBody(graph: ScheduledGraph, group: Group, context: LoweringContext): KernelBody {
  const template = templateOf(graph, group, context);
  const { workspace, shape } = template ? built(false, template) : best();
  const { body } = workspace.emitter;
  const software = context.profile.deviceClass === 'software';
  return { ...shape, bindings: workspace.bindings.finish(), body: software ? keepLoops(body) : body };

  function built<S>(
    innerLanes: boolean,
    build: (workspace: Workspace) => S,
  ): { workspace: Workspace; shape: S } {
    return BindingTable.fill((bindings) => {
      const workspace = prepare(graph, group, context, innerLanes, bindings);
      return { workspace, shape: build(workspace) };
    }).made;
  }

  /** The first variant that needs few vec4s put together from scalars. */
  function best(): { workspace: Workspace; shape: KernelShape } {
    for (const variant of variants(group, context.profile)) {
      const { workspace, shape } = built(variant.innerLanes, (given) =>
        group.kind === 'rows' ? lowerRows(given, variant) : lowerGrid(given, variant),
      );
      if (shape && fewGathers(workspace, variant)) return { workspace, shape };
    }
    throw new Error(`internal: no lowering of ${group.kind}`);
  }
}

type Template = (workspace: Workspace) => KernelShape;

/** Of kinds with a template of their own; the others are one thread a result element. */
function templateOf(graph: Graph, group: Group, context: LoweringContext): Template | undefined {
  switch (group.kind) {
    case 'matmul':
      return matmulTemplate(graph, group, context);
    case 'scatter':
      return lowerScatter;
    case 'attention':
      return lowerAttention;
    case 'row':
      return lowerRow;
    default:
      return undefined;
  }
}

/**
 * Packed on the CPU where the product is large enough for a tile of registers; a tile a workgroup on devices with
 * workgroup memory; else a thread a tile.
 */
function matmulTemplate(graph: Graph, group: Group, { profile, batch }: LoweringContext): Template {
  const product = group.nodes.map((id) => nodeOf(graph, id)).find(({ op }) => op === 'matmul');
  if (!product) throw new Error('internal: a matmul group without a product');
  const { shape } = product.type;
  const [rows, columns] = shape.slice(-2).map((d) => elementsAt([d], batch)) as [number, number];
  const depth = nodeOf(graph, product.inputs[0] as number).type.shape.slice(-1);
  const tile = chooseTile(
    profile,
    rows,
    columns,
    elementsAt(depth, batch),
    elementsAt(shape.slice(0, -2), batch),
  );
  if (tile) return (workspace) => lowerSharedMatmul(workspace, tile);
  if (profile.deviceClass !== 'cpu' || rows < 3 || columns < 8) return lowerMatmul;
  const packing: Packing = {};
  return (workspace) => lowerPackedMatmul(workspace, packing);
}

/** A processor puts a vec4 together from scalars and still does the arithmetic four elements at a time. */
function variants(group: Group, { deviceClass }: TargetProfile): Variant[] {
  const scalar: Variant = { outerLanes: false, innerLanes: false, gathers: Infinity };
  const gathered: Variant[] =
    deviceClass !== 'cpu'
      ? []
      : [
          { outerLanes: false, innerLanes: true, gathers: 2 },
          { outerLanes: true, innerLanes: false, gathers: 4 },
        ];
  switch (group.kind) {
    case 'elementwise':
      return [{ outerLanes: true, innerLanes: false, gathers: 2 }, scalar];
    case 'reduce':
      return [
        { outerLanes: true, innerLanes: false, gathers: 0 },
        { outerLanes: false, innerLanes: true, gathers: 0 },
        ...gathered,
        scalar,
      ];
    case 'rows':
      return [
        { outerLanes: false, innerLanes: true, gathers: 0 },
        { outerLanes: true, innerLanes: false, gathers: 0 },
        ...gathered,
        scalar,
      ];
    case 'gather':
    case 'scatter':
    case 'row':
    case 'matmul':
    case 'attention':
      return [{ outerLanes: true, innerLanes: false, gathers: 0 }, scalar];
    default:
      return group.kind satisfies never;
  }
}

/** Of many loads more may be gathered before four scalar threads are the better choice. */
function fewGathers({ bindings }: Workspace, variant: Variant): boolean {
  const vectors = bindings.loads - 4 * bindings.gathers;
  return bindings.gathers <= (variant.gathers === 0 ? 0 : Math.max(variant.gathers, vectors / 2));
}

function nodeOf(graph: Graph, id: number): Node {
  const node = graph.nodes[id];
  if (!node) throw new Error(`internal: no node %${id} in graph ${graph.name}`);
  return node;
}

function kernelKind(group: Group, nodes: readonly Node[]): KernelKind {
  if (group.kind === 'elementwise' && nodes.every((node) => node.phase === 'update') && nodes.length > 1) {
    return 'update';
  }
  // The user knows a product of windows as the convolution that it is a part of, and so with pooling.
  const origins = nodes.map(originOf);
  if (group.kind === 'matmul' && origins.includes('conv')) return 'conv';
  if (group.kind === 'reduce' && origins.includes('pool')) return 'pool';
  return group.kind === 'rows' ? 'row' : group.kind;
}

/** What a node computes the heart of, if it is part of a larger whole. */
function originOf(node: Node): Origin | undefined {
  switch (node.op) {
    case 'matmul':
    case 'reduce_sum':
    case 'reduce_max':
    case 'argmax':
      return node.origin;
    default:
      return undefined;
  }
}

const opOf = (node: Node): string => (node.op === 'matmul' ? (node.origin ?? node.op) : node.op);

/** `mul_add_tanh`; long chains by their first and last operators. */
function kernelName(nodes: readonly Node[]): string {
  if (nodes.length === 0) return 'copy';
  const ops = nodes.map(opOf);
  if (ops.length <= 4) return ops.join('_');
  return `${ops.slice(0, 2).join('_')}_${ops.length - 3}_more_${ops.at(-1)}`;
}

function sources(nodes: readonly Node[]): Span[] {
  const found = new Map<string, Span>();
  for (const node of nodes) {
    const [span] = node.source;
    if (span) found.set(`${span.file}:${span.line}:${span.column}`, span);
  }
  return [...found.values()];
}

/** Floating-point operations of a primitive at a batch; what only moves or counts has none. */
function flopsOf(graph: Graph, node: Node, batch: number): number {
  const { dtype, shape } = node.type;
  const float = dtype === 'f32' || dtype === 'f16';
  const elements = elementsAt(shape, batch);
  const input = node.inputs[0] === undefined ? undefined : nodeOf(graph, node.inputs[0]).type.shape;
  switch (node.op) {
    case 'matmul':
      return 2 * elements * elementsAt((input ?? []).slice(-1), batch);
    case 'attention':
    case 'attention_lse':
    case 'attention_gradient':
      return attentionFlops(graph, node, batch);
    case 'reduce_sum':
    case 'reduce_max':
    case 'reduce_min':
    case 'reduce_prod':
      return float ? elementsAt(input ?? [], batch) : 0;
    case 'parameter':
    case 'state':
    case 'input':
    case 'scalar':
    case 'constant':
    case 'iota':
    case 'random_bits':
    case 'cast':
    case 'select':
    case 'detach':
    case 'conv':
    case 'gradient':
    case 'reshape':
    case 'transpose':
    case 'broadcast':
    case 'slice':
    case 'reverse':
    case 'windows':
    case 'diagonal':
    case 'pad':
    case 'concat':
    case 'take':
    case 'gather':
    case 'top_k':
    case 'argmax':
    case 'argmin':
      return 0;
    case 'scatter_add':
      return elementsAt(nodeOf(graph, node.inputs[2] as number).type.shape, batch);
    default:
      return float ? elements : 0;
  }
}

/** Products of all pairs, those that a causal mask leaves out counted by halves. */
function attentionFlops(
  graph: Graph,
  node: Extract<Node, { op: 'attention' | 'attention_lse' | 'attention_gradient' }>,
  batch: number,
): number {
  const shape = (index: number) => nodeOf(graph, node.inputs[index] as number).type.shape;
  const pairs = elementsAt(shape(0).slice(0, -1), batch) * elementsAt(shape(1).slice(-2, -1), batch);
  const seen = node.attributes.causal ? pairs / 2 : pairs;
  const [depth, result] = [
    elementsAt(shape(0).slice(-1), batch),
    elementsAt(node.type.shape.slice(-1), batch),
  ];
  switch (node.op) {
    case 'attention':
      return 2 * seen * (depth + result);
    // The scores are those of the result, and those of the gradient by keys.
    case 'attention_lse':
      return 0;
    case 'attention_gradient':
      return 2 * seen * (node.attributes.by === 'values' ? result : 2 * depth + elementsAt(shape(2).slice(-1), batch)); // prettier-ignore
    default:
      return node satisfies never;
  }
}
