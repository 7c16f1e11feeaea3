/**
 * Analytic against numeric derivatives, the library behind `netc gradcheck` and the tests of the rules.
 * In: a graph with an output of one number, and values for its leaves. Out: a report for each variable and
 * order. First order: the gradient of the output. Second order: the gradient of the first gradients' dot
 * product with fixed directions, which touches every second derivative once.
 */
import { GraphBuilder } from '../graph/builder.ts';
import { binary, castTo, sumAll, withNumber } from '../graph/convenience.ts';
import { copyNode, mapped } from '../graph/copy.ts';
import { elementCount, rowMajorStrides, type HostTensor } from '../graph/host-tensor.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { broken, type Environment } from '../graph/op-row.ts';
import { threefry2x32 } from '../graph/threefry.ts';
import { compareWithDifferences } from './differences.ts';
import { expandGradients } from './gradient.ts';
import { Perturbation } from './perturbation.ts';

export interface GradientCheck {
  /** May hold `gradient` nodes of its own. */
  readonly graph: Graph;
  /** Name of a `result` output of one number, f32. */
  readonly output: string;
  /** Names of parameters, states or inputs; by default all parameters. Unused ones are left out. */
  readonly variables?: readonly string[];
  readonly environment: Environment;
  /** Entries tried a tensor; larger tensors are sampled, the same entries every time. Default 16. */
  readonly entries?: number;
  /** Relative error accepted. Default 1e-5. */
  readonly tolerance?: number;
  /** Highest order; default 2. */
  readonly orders?: 1 | 2;
}

export interface GradientReport {
  readonly name: string;
  readonly order: 1 | 2;
  readonly passed: boolean;
  /** Entries compared, and those left out because the function has a kink there. */
  readonly entries: number;
  readonly kinks: number;
  /** Largest relative error, where it stands, and both values there. */
  readonly worst: number;
  readonly where: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
}

/** Throws CompileError E0302 where a derivative does not exist. */
export function checkGradients(check: GradientCheck): GradientReport[] {
  const names = check.variables ?? parameterNames(check.graph);
  const reports = ([1, 2] as const)
    .filter((order) => order <= (check.orders ?? 2))
    .flatMap((order) => checkOrder(check, names, order));
  return reports.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name) || a.order - b.order);
}

function parameterNames(graph: Graph): string[] {
  const names = graph.nodes.flatMap((node) => (node.op === 'parameter' ? [node.attributes.name] : []));
  return [...new Set(names)];
}

function checkOrder(check: GradientCheck, names: readonly string[], order: 1 | 2): GradientReport[] {
  const graph = expandGradients(differentiated(check, names, order));
  const found = (name: string) =>
    graph.outputs.find((output) => output.name === name)?.value ?? broken(`no output ${name}`);
  const perturbation = new Perturbation(graph, check.environment);
  const target = found(`value ${order}`);
  return names.flatMap((name) => {
    const leaves = leavesOf(graph, name);
    if (leaves.length === 0) return [];
    const f = perturbation.along(leaves, target);
    const gradient = perturbation.valueOf(found(`gradient ${order} ${name}`));
    const value = perturbation.valueOf(leaves[0] as number);
    const size = Math.abs(perturbation.valueOf(target).data[0] as number);
    return [compareEntries(name, order, check, f, value, gradient, size)];
  });
}

/** The graph with gradient nodes up to `order`; outputs `value n` and `gradient n <name>`. */
function differentiated(check: GradientCheck, names: readonly string[], order: 1 | 2): Graph {
  const { graph } = check;
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  for (const node of graph.nodes) {
    ids.push(
      copyNode(
        b,
        node,
        node.inputs.map((input) => mapped(ids, input)),
      ),
    );
  }
  const output = graph.outputs.find(({ name }) => name === check.output);
  if (!output) broken(`no output ${check.output}`);
  let target = mapped(ids, output.value);
  for (let n = 1; n <= order; n++) {
    b.output(`value ${n}`, target, 'result');
    const dots: number[] = [];
    names.forEach((name, place) => {
      const parts = leavesOf(graph, name).map((leaf) => b.add('gradient', [target, mapped(ids, leaf)], {}));
      if (parts.length === 0) return;
      const gradient = parts.reduce((sum, part) => binary(b, 'add', sum, part));
      b.output(`gradient ${n} ${name}`, gradient, 'result');
      if (n < order) dots.push(sumAll(b, binary(b, 'mul', gradient, direction(b, gradient, place))));
    });
    if (dots.length > 0) target = dots.reduce((sum, dot) => binary(b, 'add', sum, dot));
  }
  return b.finish();
}

/** Uniform numbers in [0.5, 1.5): random enough that errors do not cancel, and none vanishes. */
function direction(b: GraphBuilder, like: number, place: number): number {
  const { shape, dtype } = b.type(like);
  const bits = b.add('random_bits', [], { stream: 0xd1000000 + place }, { shape });
  return withNumber(b, 'add', withNumber(b, 'mul', castTo(b, bits, dtype), 2 ** -32), 0.5);
}

function leavesOf(graph: Graph, name: string): number[] {
  const isNamed = (node: Node): boolean =>
    (node.op === 'parameter' || node.op === 'state' || node.op === 'input') && node.attributes.name === name;
  return graph.nodes.filter(isNamed).map((node) => node.id);
}

function compareEntries(
  name: string,
  order: 1 | 2,
  check: GradientCheck,
  f: (data: Float64Array) => number,
  value: HostTensor,
  gradient: HostTensor,
  size: number,
): GradientReport {
  const tolerance = check.tolerance ?? 1e-5;
  const largest = gradient.data.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  // Entries far below the tensor's largest, or below what rounding of the value itself leaves, count as 0.
  const floor = Math.max(1e-3 * largest, 1e-5 * size, 1e-8);
  let kinks = 0;
  let worst = { error: 0, at: 0, numeric: NaN };
  const entries = sampleEntries(elementCount(value.shape), check.entries ?? 16);
  for (const at of entries) {
    const analytic = gradient.data[at] as number;
    const center = value.data[at] as number;
    const shifted = (shift: number): number => {
      const data = value.data.slice();
      data[at] = center + shift;
      return f(data);
    };
    const scale = Math.max(1, Math.abs(center));
    const found = compareWithDifferences(shifted, { analytic, tolerance, floor, scale });
    if (found.kind === 'kink') kinks++;
    else if (Number.isNaN(found.error) || found.error >= worst.error) {
      worst = { error: found.error, at, numeric: found.numeric };
    }
  }
  return {
    name,
    order,
    passed: worst.error <= tolerance,
    entries: entries.length - kinks,
    kinks,
    worst: worst.error,
    where: indexOf(value.shape, worst.at),
    analytic: gradient.data[worst.at] ?? NaN,
    numeric: worst.numeric,
  };
}

/** All entries of a small tensor; of a large one as many as asked for, spread by a fixed generator. */
function sampleEntries(size: number, wanted: number): number[] {
  if (size <= wanted) return [...Array(size).keys()];
  const chosen = new Set<number>([0, size - 1]);
  for (let i = 0; chosen.size < wanted; i++) chosen.add(threefry2x32(size, 0, i, 0)[0] % size);
  return [...chosen].sort((a, b) => a - b);
}

function indexOf(shape: readonly number[], at: number): number[] {
  return rowMajorStrides(shape).map((stride, axis) => Math.floor(at / stride) % (shape[axis] as number));
}
