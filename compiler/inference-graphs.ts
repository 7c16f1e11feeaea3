/**
 * The routines of a program that only predicts. In: a checked program. Out: for every model a graph that is run once
 * weights are in place, where there is something to do for it, and one that predicts; and what the first leaves for the
 * second. No data, no steps, no optimizer.
 */
import { expandGradients } from './autodiff/gradient.ts';
import { optimizeInference } from './passes/pipeline.ts';
import { splitPrepared, type PreparedTensor } from './passes/split-prepared.ts';
import { predictionGraph, type RoutineGraph } from './routine-graphs.ts';
import type { Program } from './semantics/program.ts';

export interface InferenceGraphs {
  readonly graphs: RoutineGraph[];
  readonly prepared: PreparedTensor[];
}

/** `largest`: bytes of a tensor that the device takes. */
export function inferenceGraphs(program: Program, largest: number): InferenceGraphs {
  const graphs: RoutineGraph[] = [];
  const prepared: PreparedTensor[] = [];
  for (const model of program.models) {
    const routine = predictionGraph(program, model);
    const name = `${model.name}.prepare`;
    const whole = optimizeInference(expandGradients(routine.graph));
    const { prepare, predict, tensors } = splitPrepared(whole, name, largest);
    prepared.push(...tensors);
    if (prepare) graphs.push({ name, role: 'prepare', graph: prepare, batch: 1, dynamicBatch: false, inputs: [] }); // prettier-ignore
    graphs.push({ ...routine, graph: predict });
  }
  return { graphs, prepared };
}

/** The program without what trains it: its models, and the weights and states that these read. */
export function modelsAlone(program: Program): Program {
  const { name, source, constants, precision, models, warnings } = program;
  const read = new Set(
    models.flatMap(({ predict }) =>
      predict.nodes.flatMap((node) =>
        node.op === 'parameter' || node.op === 'state' ? [node.attributes.name] : [],
      ),
    ),
  );
  return {
    name,
    source,
    ...(constants ? { constants } : {}),
    precision,
    parameters: program.parameters.filter((parameter) => read.has(parameter.name)),
    states: program.states.filter((state) => read.has(state.name)),
    steps: [],
    models,
    warnings,
  };
}
