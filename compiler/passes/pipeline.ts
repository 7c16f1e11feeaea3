/**
 * Graph to graph: the passes, in order. In: a graph without `gradient` nodes. Out: a graph with the same
 * outputs (names, roles, types, values) and without `detach` and `conv` nodes. Source chains and phases survive.
 */
import type { Graph, Node } from '../graph/ir.ts';
import type { DeviceClass } from '../kernel/profile.ts';
import { verifyGraph } from '../graph/verify.ts';
import { expandConvolutions } from './expand-convolutions.ts';
import { foldAffines } from './fold-affines.ts';
import { moveOutOfLoops } from './move-out-of-loops.ts';
import { removeUnused } from './remove-unused.ts';
import type { Pass } from './rewrite.ts';
import { share } from './share.ts';
import { simplify } from './simplify.ts';
import { splitLongProducts } from './split-long-products.ts';
import { splitLongReductions } from './split-long-reductions.ts';
import { turnProducts } from './turn-products.ts';
import { undilateConvolutions } from './undilate-convolutions.ts';

/**
 * Sharing makes operands equal that were built twice, which gives `simplify` a second chance. Loops are looked
 * at when what is not asked for is gone; what is moved out of one forward and one backward in time is shared
 * again.
 */
const cleaning: readonly Pass[] = [simplify, share, simplify, removeUnused, moveOutOfLoops, simplify, share];

/** The last sharing joins what splitting products and reductions emitted. */
export const passesOf = (deviceClass: DeviceClass): readonly Pass[] =>
  [
    undilateConvolutions,
    expandConvolutions,
    ...cleaning,
    turnProducts,
    simplify,
    splitLongProducts(deviceClass),
    simplify,
    splitLongReductions(deviceClass),
    share,
    removeUnused,
  ].map(inBodies);

/** Before what depends on weights alone is told from the rest: work that hides in loops is moved out of them. */
const inferencePasses: readonly Pass[] = [...cleaning, foldAffines, simplify, share, removeUnused].map(
  inBodies,
);

/** The bodies of scans are graphs like any other, the innermost first. */
function inBodies({ name, run }: Pass): Pass {
  const runInside: Pass['run'] = (graph) => run(mapBodies(graph, runInside));
  return { name, run: runInside };
}

function mapBodies(graph: Graph, run: Pass['run']): Graph {
  if (!graph.nodes.some(({ op }) => op === 'scan')) return graph;
  const nodes = graph.nodes.map((node): Node => {
    if (node.op !== 'scan') return node;
    return { ...node, attributes: { ...node.attributes, body: run(node.attributes.body) } };
  });
  return { ...graph, nodes };
}

export interface OptimizeOptions {
  /** What is long is split as suits it. Default `software`. */
  readonly deviceClass?: DeviceClass;
  /** Sees the graph after each pass. */
  readonly observe?: (pass: string, graph: Graph) => void;
}

export function optimizeGraph(
  graph: Graph,
  { deviceClass = 'software', observe }: OptimizeOptions = {},
): Graph {
  return runPasses(passesOf(deviceClass), graph, observe);
}

/**
 * A graph that only predicts, with everything that depends on weights alone in the open; `conv` nodes stay. Equal to
 * `graph` up to rounding.
 */
export const optimizeInference = (graph: Graph): Graph => runPasses(inferencePasses, graph);

function runPasses(passes: readonly Pass[], graph: Graph, observe?: OptimizeOptions['observe']): Graph {
  const optimized = passes.reduce((current, pass) => {
    const next = pass.run(current);
    observe?.(pass.name, next);
    return next;
  }, graph);
  // Copies keep the types they had: whether these still hold is asked once, behind all passes.
  verifyGraph(optimized);
  return optimized;
}
