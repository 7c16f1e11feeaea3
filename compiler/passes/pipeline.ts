/**
 * Graph to graph: the passes, in order. In: a graph without `gradient` nodes. Out: a graph with the same
 * outputs (names, roles, types, values) and without `detach` and `conv` nodes. Source chains and phases survive.
 */
import type { Graph } from '../graph/ir.ts';
import { expandConvolutions } from './expand-convolutions.ts';
import { removeUnused } from './remove-unused.ts';
import type { Pass } from './rewrite.ts';
import { share } from './share.ts';
import { simplify } from './simplify.ts';
import { splitLongProducts } from './split-long-products.ts';
import { splitLongReductions } from './split-long-reductions.ts';

/**
 * Sharing makes operands equal that were built twice, which gives `simplify` a second chance, after products
 * are split; the second sharing joins what that and the splitting emitted.
 */
export const PASSES: readonly Pass[] = [
  expandConvolutions,
  simplify,
  share,
  splitLongProducts,
  simplify,
  splitLongReductions,
  share,
  removeUnused,
];

/** `observe` sees the graph after each pass. */
export function optimizeGraph(graph: Graph, observe?: (pass: string, graph: Graph) => void): Graph {
  return PASSES.reduce((current, pass) => {
    const next = pass.run(current);
    observe?.(pass.name, next);
    return next;
  }, graph);
}
