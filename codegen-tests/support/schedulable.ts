/** Graphs as the schedule takes them, with nothing optimized: gradients expanded, convolutions made products. */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { expandConvolutions } from '../../compiler/passes/expand-convolutions.ts';

export const schedulable = (graph: Graph): Graph => expandConvolutions.run(expandGradients(graph));
