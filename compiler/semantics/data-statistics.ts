/**
 * What `standardize` needs before training: a graph that computes every standardized tensor of a data block over
 * a batch of open size, so that the host can take mean and deviation over the training split.
 */
import { BATCH } from '../graph/dimension.ts';
import type { Node } from '../graph/ir.ts';
import { bindColumns } from './columns.ts';
import { Context, type Session, type Standard } from './context.ts';
import type { DataBlock } from './data-parts.ts';
import type { StateDeclaration, StatisticsProgram } from './program.ts';
import { Scope } from './scope.ts';

/** The standards of a block, in the order of its columns. */
export function standardsOf(session: Session, block: DataBlock): Standard[] {
  return [...session.standards.values()].filter(({ data }) => data === block.name);
}

/** A mean of 0 and a deviation of 1 until the training split is known. */
export function standardStates(standards: readonly Standard[]): StateDeclaration[] {
  return standards.flatMap(({ mean, deviation, shape, span }) => [
    { name: mean, shape: [...shape], initializer: { kind: 'zeros' }, span },
    { name: deviation, shape: [...shape], initializer: { kind: 'ones' }, span },
  ]);
}

export function readStatistics(
  session: Session,
  block: DataBlock,
  file: Scope,
): StatisticsProgram | undefined {
  const standards = standardsOf(session, block);
  const [first] = standards;
  if (!first) return undefined;
  const unit = `data ${block.name}`;
  const context = new Context({
    session,
    graph: `${block.name}.standardize`,
    training: false,
    batch: BATCH,
    unit,
  });
  const scope = new Scope(file);
  bindColumns(context, block, file, scope);
  for (const { name } of block.columns) scope.lookup(name)?.get();
  const { tensors, standardized } = context.graph(first.span);
  const { builder } = tensors;
  for (const standard of standards) {
    const operand = standardized.get(standard.output);
    if (operand === undefined) throw new Error(`internal: ${standard.output} is not standardized`);
    builder.output(standard.output, operand, 'result');
  }
  const graph = builder.finish();
  for (const { value, name } of graph.outputs) {
    const standard = standards.find(({ output }) => output === name);
    if (standard && readsState(graph.nodes, value)) {
      context.fail(
        'E0901',
        standard.span,
        '`standardize` of what is standardized already is not supported yet',
      );
    }
  }
  return {
    graph,
    tensors: standards.map(({ output, per, mean, deviation, span }) => ({
      output,
      per: [...per],
      mean,
      deviation,
      span,
    })),
  };
}

function readsState(nodes: readonly Node[], from: number): boolean {
  const seen = new Set<number>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes[id];
    if (!node || seen.has(id)) continue;
    if (node.op === 'state') return true;
    seen.add(id);
    open.push(...node.inputs);
  }
  return false;
}
