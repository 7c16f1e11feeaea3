/**
 * Holds a program's outcome against double precision. In: a study, what ran it. Out: a fault in words, or none. A
 * program is only taken where small errors stay small: the tolerances are the design's, the programs are chosen for them.
 */
import { elementsAt } from '../../compiler/graph/dimension.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { evaluateNode } from '../../compiler/graph/interpret.ts';
import type { Graph, Node, OpName } from '../../compiler/graph/ir.ts';
import { draws } from '../support/draws.ts';
import { difference } from '../support/run-graph.ts';
import { calculate, type Arithmetic, type Outcome } from './reference.ts';
import { TERM_WEIGHT } from './program.ts';
import type { Study } from './study.ts';

/** A study and what it must give. */
export interface Expectation {
  readonly study: Study;
  readonly expected: Outcome;
  /** Tolerances: design, section 9. */
  readonly forward: number;
  readonly backward: number;
}

export function expectationOf(study: Study): Expectation {
  const { nodes } = study.gradient;
  const before = nodes.filter(({ phase }) => phase === 'forward');
  return {
    study,
    expected: calculate(study),
    forward: toleranceFor(termsIn(study.gradient, before)),
    backward: 10 * toleranceFor(termsIn(study.gradient, nodes)),
  };
}

/** Of sums over so many terms. */
const toleranceFor = (terms: number): number => Math.max(2e-6, 1e-6 * Math.sqrt(terms));

/**
 * Forward values are the first loss and each of its terms: what a term's weight is multiplied with is the gradient by that
 * weight, element by element. All else comes of gradients.
 */
const toleranceOf = (name: string, { forward, backward }: Expectation): number =>
  name === 'loss 1' || name.startsWith(`gradient p.${TERM_WEIGHT}`) ? forward : backward;

/** The first tensor that is not as expected. */
export function faultIn(expectation: Expectation, found: ReadonlyMap<string, Float64Array>): string | undefined {
  for (const [name, tensor] of expectation.expected) {
    const values = found.get(name);
    const fault = values ? difference(values, tensor, toleranceOf(name, expectation)) : 'not computed';
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return undefined;
} // prettier-ignore

/** Operators whose results f32 holds exactly: elements of their inputs up to a sign, whole numbers. A scan's turns round. */
const ROUNDS_NOTHING: ReadonlySet<OpName> = new Set<OpName>([
  'cast', 'select', 'detach', 'reshape', 'transpose', 'broadcast', 'slice', 'reverse', 'pad', 'windows', 'diagonal', 'concat',
  'reduce_max', 'reduce_min', 'take', 'gather', 'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'min', 'max', 'scan', 'scan_result',
]); // prettier-ignore

/** Every result is off by up to `size` of itself. */
function inexact(size: number, seed: number): Arithmetic {
  const draw = draws(seed);
  const off = (tensor: HostTensor): HostTensor => ({
    ...tensor,
    data: tensor.data.map((value) => value * (1 + size * (2 * draw.next() - 1))),
  });
  const rounded: Arithmetic['node'] = (node, values, given) => {
    const exact = evaluateNode(node, values, given, rounded);
    const isExact = exact.dtype !== 'f32' || node.inputs.length === 0 || ROUNDS_NOTHING.has(node.op);
    return isExact ? exact : off(exact);
  };
  return {
    node: rounded,
    stored: off,
  };
}

/** Whether errors of about three times f32's rounding stay below half of the tolerance, and all is finite. */
export function isTame(expectation: Expectation): boolean {
  const { study, expected } = expectation;
  for (const tensor of expected.values())
    if (tensor.data.some((value) => !(Math.abs(value) < 1e6))) return false;
  return [1, 2, 3].every((run) => {
    const off = calculate(study, inexact(2e-7, study.seed * 3 + run));
    return [...expected].every(([name, tensor]) => {
      const found = off.get(name);
      return (
        found !== undefined &&
        difference(found.data, tensor, toleranceOf(name, expectation) / 2) === undefined
      );
    });
  });
}

/** The most terms that one sum of these nodes of a graph has. */
function termsIn(graph: Graph, nodes: readonly Node[] = graph.nodes): number {
  return Math.max(1, ...nodes.map((node) => termsOf(graph, node)));
}

function termsOf(graph: Graph, node: Node): number {
  const elements = (of: Node | undefined): number => elementsAt(of?.type.shape ?? [], 1);
  const [first, second] = node.inputs.map((id) => graph.nodes[id]);
  switch (node.op) {
    case 'reduce_sum':
    case 'reduce_prod':
      return elements(first) / elements(node);
    case 'matmul':
      return Number(first?.type.shape.at(-1) ?? 1);
    case 'conv':
      return elements(second) / Number(second?.type.shape[0] ?? 1);
    case 'cumsum':
      return Number(first?.type.shape[node.attributes.axis] ?? 1);
    case 'scatter_add':
      return elements(second);
    case 'scan':
      return node.attributes.turns * termsIn(node.attributes.body);
    default:
      return 1;
  }
}
