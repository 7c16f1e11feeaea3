/** Small graphs over inputs that a test names. In: tensors, what is built of them. Out: the graph, or its run on the host. */
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { expectLowered, type Comparison, type LoweredRun } from './run-schedule.ts';

export type Tensors = Readonly<Record<string, HostTensor>>;

/** One or several results of the inputs, which come in the order of the tensors. */
export type Build = (b: GraphBuilder, ...inputs: number[]) => number | readonly number[];

export function graphOf(tensors: Tensors, build: Build): { graph: Graph; environment: Environment } {
  const b = new GraphBuilder('sample');
  const ids = Object.entries(tensors).map(([name, { shape, dtype }]) =>
    b.add('input', [], { name, storage: dtype === 'f32' ? 'f32' : 'u32' }, { shape, dtype }),
  );
  [build(b, ...ids)].flat().forEach((id, i) => b.output(`result${i}`, id, 'result'));
  return { graph: b.finish(), environment: environment({ inputs: new Map(Object.entries(tensors)) }) };
}

/** Held against the interpreter; within 4e-6 unless said otherwise. */
export function runInputs(tensors: Tensors, build: Build, comparison: Comparison = {}): LoweredRun {
  const { graph, environment: given } = graphOf(tensors, build);
  return expectLowered(graph, given, { tolerance: 4e-6, ...comparison });
}
