/**
 * Which routines a program has. In: the checked program and its updates. Out: one graph a routine, in the
 * order of the listing: every step's gradient, accumulation and update, the evaluations, the predictions.
 */
import type { Graph } from './graph/ir.ts';
import type { SlabLayout } from './optimizer/slabs.ts';
import { scaleLosses } from './optimizer/loss-scale.ts';
import { buildAccumulate, buildUpdate, type UpdateProgram } from './optimizer/update.ts';
import { withMixedPrecision } from './passes/mixed-precision.ts';
import type { RoutineDraft } from './plan/build-routine.ts';
import { averageName } from './plan/place-tensors.ts';
import type { ModelProgram, Program, StepProgram } from './semantics/program.ts';

/** A routine whose graph is as elaborated, `gradient` nodes and all, and in the program's precision. */
export interface RoutineGraph extends Omit<RoutineDraft, 'kernels' | 'loops' | 'graph'> {
  graph: Graph;
}

/** Records of one run of `predict` in a program without data. */
const PREDICT_BATCH = 64;

/** The updates of all steps; undefined for a step without `minimize`. */
export function updatesOf(program: Program, layout: SlabLayout): (UpdateProgram | undefined)[] {
  const accumulating = (program.training?.accumulate ?? 1) > 1;
  const options = {
    accumulate: accumulating,
    lossScale: program.precision === 'f16',
    ema: program.training?.ema,
  };
  return program.steps.map((step, s) => buildUpdate(step, s, layout, options));
}

export function routineGraphs(
  program: Program,
  layout: SlabLayout,
  updates: readonly (UpdateProgram | undefined)[],
): RoutineGraph[] {
  const batch = predictionBatch(program);
  const fields = (program.data?.fields ?? []).map(({ name, shape, storage }) => ({
    name,
    recordShape: shape,
    storage,
  }));
  const accumulate = program.training?.accumulate ?? 1;
  const label = (step: StepProgram): string => step.name ?? 'step';

  const mixed = (graph: Graph): Graph => inPrecision(program, graph);
  const training = (step: StepProgram, s: number): Graph =>
    program.precision === 'f16' ? scaleLosses(mixed(step.train), s) : step.train;
  const rounds = program.steps.flatMap((step, s): RoutineGraph[] => {
    const common = { batch, dynamicBatch: false, step: step.name };
    const update = updates[s];
    return [
      { ...common, name: label(step), role: 'gradient', graph: training(step, s), inputs: fields },
      ...(update && accumulate > 1
        ? [
            {
              ...common,
              name: `${label(step)}.accumulate`,
              role: 'accumulate' as const,
              graph: buildAccumulate(step, s, layout, accumulate),
              inputs: [],
            },
          ]
        : []),
      ...(update
        ? [
            {
              ...common,
              name: `${label(step)}.update`,
              role: 'update' as const,
              graph: update.graph,
              inputs: [],
            },
          ]
        : []),
    ];
  });
  const evaluations = program.steps.flatMap((step): RoutineGraph[] => {
    const common = {
      role: 'evaluate',
      step: step.name,
      batch,
      dynamicBatch: step.fixedBy === undefined,
      fixedBy: step.fixedBy,
      inputs: fields,
    } as const;
    const name = `${label(step)}.evaluate`;
    const graph = mixed(step.evaluate);
    const plain = { ...common, name, graph };
    if (program.training?.ema === undefined) return [plain];
    return [plain, { ...common, name: `${name}.ema`, graph: byAverages(graph), averages: true }];
  });
  const predictions = program.models.map((model) => predictionGraph(program, model));
  return [...rounds, ...evaluations, ...predictions, ...statisticsRoutine(program, fields, batch)];
}

const inPrecision = ({ precision }: Program, graph: Graph): Graph =>
  precision === 'f16' ? withMixedPrecision(graph) : graph;

const predictionBatch = ({ data }: Program): number => data?.batch ?? PREDICT_BATCH;

/** The routine of a model by itself. */
export const predictionGraph = (program: Program, model: ModelProgram): RoutineGraph => ({
  name: `${model.name}.predict`,
  role: 'predict',
  graph: inPrecision(program, model.predict),
  batch: predictionBatch(program),
  dynamicBatch: model.fixedBy === undefined,
  fixedBy: model.fixedBy,
  inputs: model.inputs.map(({ name, shape, storage }) => ({ name, recordShape: shape, storage })),
});

/** Bytes of records that the statistics' routine takes at a time, where a batch is less. */
const STATISTICS_BYTES = 2 ** 18;

/** Batches larger than those of training: the pass over the training split is bound by launches. */
function statisticsRoutine(program: Program, fields: RoutineDraft['inputs'], batch: number): RoutineGraph[] {
  const { statistics, data } = program;
  if (!statistics || !data) return [];
  const elements = fields.reduce((sum, { recordShape }) => sum + recordShape.reduce((n, d) => n * d, 1), 0);
  return [
    {
      name: `${data.name}.standardize`,
      role: 'statistics',
      graph: statistics.graph,
      batch: Math.max(batch, Math.floor(STATISTICS_BYTES / (4 * elements))),
      dynamicBatch: true,
      inputs: fields,
    },
  ];
}

/** The same graph over the averages of its weights: the kernels are the same, bound to other places. */
function byAverages(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) =>
    node.op === 'parameter' ? { ...node, attributes: { name: averageName(node.attributes.name) } } : node,
  );
  return { ...graph, name: `${graph.name}.ema`, nodes };
}

/** The inputs a graph reads; the others are not uploaded for it. */
export function usedInputs(graph: Graph, inputs: RoutineDraft['inputs']): RoutineDraft['inputs'] {
  const used = new Set(graph.nodes.flatMap((node) => (node.op === 'input' ? [node.attributes.name] : [])));
  return inputs.filter((input) => used.has(input.name));
}
