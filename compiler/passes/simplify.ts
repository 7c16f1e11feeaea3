/**
 * Local rules on one node and its operands, applied in topological order, so that a rule sees operands that
 * are simplified already. In: a graph without `gradient` nodes. Out: a graph without `detach` nodes, with
 * the same outputs.
 */
import { broken } from '../graph/op-row.ts';
import { foldConstants } from './fold-constants.ts';
import { joinPads } from './join-pads.ts';
import { rewriteGraph, type Pass, type Rewrite } from './rewrite.ts';
import { simplifyArithmetic } from './simplify-arithmetic.ts';
import { simplifyViews } from './simplify-views.ts';

const rules: readonly Rewrite[] = [simplifyArithmetic, simplifyViews, joinPads, foldConstants];

export const simplify: Pass = {
  name: 'simplify',
  run: (graph) =>
    rewriteGraph(graph, (b, node, inputs) => {
      if (node.op === 'gradient') broken(`%${node.id}: gradients are expanded before passes run`);
      for (const rule of rules) {
        const found = rule(b, node, inputs);
        if (found !== undefined) return found;
      }
      return undefined;
    }),
};
