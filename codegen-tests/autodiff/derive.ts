/** Builds a graph over f32 inputs, expands its gradients and runs it. */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';

export type Build = (b: GraphBuilder, ...inputs: number[]) => number;

export const grad = (b: GraphBuilder, y: number, x: number): number => b.add('gradient', [y, x], {});

export function graphOf(tensors: readonly HostTensor[], build: Build): Graph {
  const b = new GraphBuilder('test');
  const inputs = tensors.map(({ shape, dtype }, i) =>
    b.add('input', [], { name: `x${i}`, storage: dtype === 'u32' ? 'u32' : 'f32' }, { shape, dtype }),
  );
  b.output('result', build(b, ...inputs), 'result');
  return b.finish();
}

export function run(graph: Graph, tensors: readonly HostTensor[]): number[] {
  const expanded = expandGradients(graph);
  verifyGraph(expanded);
  const inputs = new Map(tensors.map((tensor, i) => [`x${i}`, tensor]));
  return [...(interpret(expanded, environment({ inputs })).get('result')?.data ?? [])];
}

/** The elements of what `build` makes of vectors of f32. */
export function derive(vectors: readonly (readonly number[])[], build: Build): number[] {
  const tensors = vectors.map((data) => hostTensor([data.length], data));
  return run(graphOf(tensors, build), tensors);
}
