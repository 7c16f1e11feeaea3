/** Graphs as every target's schedule takes them, with nothing optimized: gradients expanded, convolutions and attention made products. */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { expandAllAttention } from '../../compiler/passes/expand-attention.ts';
import { expandConvolutions } from '../../compiler/passes/expand-convolutions.ts';

export const schedulable = (graph: Graph): Graph =>
  expandConvolutions.run(expandAllAttention.run(expandGradients(graph)));
