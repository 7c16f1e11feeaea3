/**
 * Decides for every attention of a program whether a kernel of its own computes it, before anything is differentiated
 * or made f16. In: a checked program, the device's profile, whether to fuse. Out: the program with the other attentions
 * as products and softmaxes, and why.
 */
import type { Span } from '../runtime/plan-format.ts';
import type { Graph } from './graph/ir.ts';
import type { TargetProfile } from './kernel/profile.ts';
import { expandAttention } from './passes/expand-attention.ts';
import { refuseAttention } from './schedule/attention.ts';
import type { Program } from './semantics/program.ts';

export interface AttentionChoice {
  readonly profile: TargetProfile;
  readonly fuse: boolean;
}

/** An attention that stores its scores. */
export interface ExpandedAttention {
  readonly graph: string;
  readonly source: Span | undefined;
  readonly reason: string;
}

export const chosenAttention = (graph: Graph, choice: AttentionChoice): Graph =>
  expandAttention((whole, node) => refuseAttention(whole, node, choice) === undefined).run(graph);

export function withChosenAttention(program: Program, choice: AttentionChoice): Program {
  const chosen = (graph: Graph): Graph => chosenAttention(graph, choice);
  return {
    ...program,
    steps: program.steps.map((step) => ({
      ...step,
      train: chosen(step.train),
      evaluate: chosen(step.evaluate),
    })),
    models: program.models.map((model) => ({ ...model, predict: chosen(model.predict) })),
  };
}

/** In the order of the steps; what a step's evaluation repeats is left out. */
export function expandedAttention(program: Program, choice: AttentionChoice): ExpandedAttention[] {
  return program.steps.flatMap(({ train }) =>
    train.nodes.flatMap((node) => {
      const reason = node.op === 'attention' ? refuseAttention(train, node, choice) : undefined;
      return reason === undefined ? [] : [{ graph: train.name, source: node.source[0], reason }];
    }),
  );
}
