/**
 * Holds a random program against the interpreter. In: a program, something that runs graphs. Out: a fault in words,
 * or none. What counts: the loss, every value that only the loss reads, the gradient of every weight. A program is
 * only taken where small errors stay small: the tolerances are the design's, the programs are chosen for them.
 */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { evaluateNode, interpretNodes, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { compile } from '../../compiler/index.ts';
import { expandAllAttention } from '../../compiler/passes/expand-attention.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { draws } from '../support/draws.ts';
import { difference, type GraphJob } from '../support/run-graph.ts';
import { environmentFor, termsIn, textOf, type RandomProgram } from './program.ts';

/** The outputs of graphs by name, as `runGraphs` gives them. */
export type Runner = (jobs: readonly GraphJob[]) => Promise<readonly ReadonlyMap<string, Float64Array>[]>;

export interface Prepared {
  readonly program: RandomProgram;
  readonly text: string;
  readonly environment: Environment;
  /** As differentiated: what the interpreter runs. */
  readonly expanded: Graph;
  /** As the schedule gets it. */
  readonly optimized: Graph;
  readonly expected: ReadonlyMap<string, HostTensor>;
}

/** Compiles a program whole, with all checks of the compiler. Throws what the compiler throws. */
export function prepare(program: RandomProgram): Prepared {
  const text = textOf(program);
  const source = { file: `random-${program.seed}.net`, text };
  const { program: made } = compile(source);
  const environment = environmentFor(program, made);
  const [step] = made.steps;
  if (!step) throw new Error('a random program has one step');
  const expanded = withSinks(expandGradients(expandAllAttention.run(step.train)), program);
  const optimized = optimizeGraph(expanded);
  verifyGraph(optimized);
  return {
    program,
    text,
    environment,
    expanded,
    optimized,
    expected: outputsOf(expanded, interpretNodes(expanded, environment)),
  };
}

/** The values of the loss's terms as outputs beside loss and gradients. */
function withSinks(graph: Graph, { terms }: RandomProgram): Graph {
  const sinks = terms.flatMap(({ value }) => {
    const node = graph.nodes.findLast(({ label }) => label === value.name);
    if (!node || node.type.dtype === 'bool') return [];
    return [{ name: value.name, value: node.id, role: 'result' as const }];
  });
  return { ...graph, outputs: [...graph.outputs, ...sinks] };
}

function outputsOf(graph: Graph, values: readonly HostTensor[]): Map<string, HostTensor> {
  return new Map(
    graph.outputs.flatMap(({ name, value }) => {
      const tensor = values[value];
      return tensor ? [[name, tensor] as const] : [];
    }),
  );
}

/** Design, section 9: 2e-6, sums over K terms 1e-6 sqrt(K), gradients ten times that. */
function toleranceOf(name: string, { program }: Prepared): number {
  const forward = Math.max(2e-6, 1e-6 * Math.sqrt(termsIn(program)));
  const isForward = name === 'loss' || program.terms.some(({ value }) => value.name === name);
  return isForward ? forward : 10 * forward;
}

/**
 * Whether errors of the size of rounding stay below half of the tolerance, and all is finite. Every value is
 * off by up to 2e-7 of itself, about what f32 does, three times over.
 */
export function isTame(prepared: Prepared): boolean {
  const { expanded, environment, expected, program } = prepared;
  for (const tensor of expected.values())
    if (tensor.data.some((value) => !(Math.abs(value) < 1e6))) return false;
  return [1, 2, 3].every((run) => {
    const draw = draws(program.seed * 3 + run);
    const values: HostTensor[] = [];
    for (const node of expanded.nodes) {
      const exact = evaluateNode(node, values, environment);
      const isExact = exact.dtype !== 'f32' || node.inputs.length === 0;
      values.push(
        isExact
          ? exact
          : { ...exact, data: exact.data.map((value) => value * (1 + 2e-7 * (2 * draw.next() - 1))) },
      );
    }
    const off = outputsOf(expanded, values);
    return [...expected].every(([name, tensor]) => {
      const found = off.get(name);
      return (
        found !== undefined && difference(found.data, tensor, toleranceOf(name, prepared) / 2) === undefined
      );
    });
  });
}

/** Faults of prepared programs, in their order; `fuse` as the schedule is asked to. All run in one submit. */
export async function faultsOf(
  prepared: readonly Prepared[],
  run: Runner,
  fuse: boolean,
): Promise<(string | undefined)[]> {
  const jobs = prepared.map(({ optimized: graph, environment }): GraphJob => ({ graph, environment, fuse }));
  const results = await run(jobs);
  return prepared.map((each, index) => {
    for (const [name, tensor] of each.expected) {
      const found = results[index]?.get(name);
      const fault = found ? difference(found, tensor, toleranceOf(name, each)) : 'not computed';
      if (fault !== undefined) return `${name} (fuse ${fuse ? 'on' : 'off'}): ${fault}`;
    }
    return undefined;
  });
}
