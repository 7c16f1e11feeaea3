/**
 * Kernels over rows: a thread, or a team of them, has one row (or four neighbouring ones) and runs along it once for every
 * reduction and once more to store what has as many elements as the rows together. In: a group with a reduction whose
 * results lie on the rows or on their elements (`schedule/legality.ts`). Out: threads and the body. What a row
 * has once is worked out once: the reader places it before the loop that needs it.
 */
import type { Dimension } from '../../graph/dimension.ts';
import type { Graph } from '../../graph/ir.ts';
import { axesOf, countKey, isReduction, type Reduction } from '../../schedule/spaces.ts';
import { LANE_INDEX } from '../emitter.ts';
import { literal } from '../expression.ts';
import { resultThreads } from '../result-threads.ts';
import type { Variant } from '../thread-extent.ts';
import {
  ZERO,
  dividedExactly,
  indexVariable,
  isConstant,
  isMultiple,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import { vectorStart } from '../elements.ts';
import { KeptValues } from '../kept-values.ts';
import { countOf, flatten, reshaped, sizesOf, unflatten } from '../shapes.ts';
import { store } from '../store.ts';
import type { Team } from '../team.ts';
import { writesOf, type KernelShape, type Workspace, type Write } from '../workspace.ts';

/** Undefined where the variant does not fit the sizes. */
export function lowerRows(workspace: Workspace, variant: Variant): KernelShape | undefined {
  const { graph, group, context, reader } = workspace;
  const reduction = firstReduction(graph, group.nodes);
  const { shape } = reader.node(reduction.inputs[0] as number).type;
  const axes = axesOf(reduction);
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const sizes = sizesOf(shape, context.batch);
  const innermost = sizes[axes.at(-1) as number] as Index;
  if (variant.innerLanes && !isMultiple(innermost, 4)) return undefined;
  const threads = resultThreads(workspace, kept, reduction, variant);
  if (!threads) return undefined;
  const { team, position: row } = threads;
  reader.team = team;
  const rowSizes = sizesOf(kept, context.batch);
  const at = unflatten(row, rowSizes);
  const rowCount = countKey(kept);
  const onRows = (write: Write): boolean => countKey(reader.node(write.value).type.shape) === rowCount;
  const writes = writesOf(graph, group);
  const coordinatesIn = (write: Write, from: readonly Index[], given: readonly Index[]): Index[] =>
    reshaped(from, given, reader.sizes(write.value));

  const elements = writes.filter((write) => !onRows(write));
  reader.kept = new KeptValues(
    workspace,
    elements.filter(({ home }) => home.kind === 'value'),
  );
  const rowValues = writes
    .filter(onRows)
    .map((write) => ({ write, value: reader.read(write.value, coordinatesIn(write, at, rowSizes)) }));

  const inner = alongRow(workspace, shape, axes, at, variant.innerLanes, (coordinates) => {
    const target = flatten(coordinates, sizes);
    const vector = variant.outerLanes || variant.innerLanes;
    if (vector && !vectorStart(target)) return false;
    const values = elements
      .filter(({ value }) => !reader.kept?.isStored(value))
      .map((write) => ({
        write,
        value: reader.read(write.value, coordinatesIn(write, coordinates, sizes)),
      }));
    for (const { write, value } of values) store(workspace, write, value, target, vector);
    return true;
  });
  if (!inner) return undefined;
  threads.once(() => {
    for (const { write, value } of rowValues) store(workspace, write, value, row, variant.outerLanes);
  });
  return threads.shape();

  /** The loops along the row, the innermost axis in steps of four where `lanes`. */
  function alongRow(
    { emitter: into }: Workspace,
    over: readonly Dimension[],
    along: readonly number[],
    rowAt: readonly Index[],
    lanes: boolean,
    build: (coordinates: readonly Index[]) => boolean,
  ): boolean {
    const rest = [...rowAt];
    const coordinates = over.map((_, axis) => (along.includes(axis) ? ZERO : (rest.shift() as Index)));
    let fits = true;
    const open = (level: number): void => {
      const axis = along[level];
      if (axis === undefined) {
        fits = build(coordinates);
        return;
      }
      const size = sizes[axis] as Index;
      const wide = lanes && level === along.length - 1;
      const turns = wide ? dividedExactly(size, 4) : size;
      const single = isConstant(turns) && turns.constant === 1;
      const name = single ? '' : into.fresh('k');
      const count = single ? ZERO : indexVariable(name, turns);
      coordinates[axis] = wide ? sum(scaled(count, 4), LANE_INDEX) : count;
      if (single) open(level + 1);
      else into.loop(name, literal(0, 'u32'), into.index(turns), 1, () => open(level + 1));
    };
    if (elements.every(({ value }) => reader.kept?.isStored(value))) return true;
    if (team) alongTeam(team);
    else open(0);
    return fits;

    /** The same elements as in the reductions: a member loads again what it has stored itself. */
    function alongTeam(members: Team): void {
      const turns = along.map((axis, i) => {
        const size = sizes[axis] as Index;
        return lanes && i === along.length - 1 ? dividedExactly(size, 4) : size;
      });
      members.along(into, countOf(turns), (element) => {
        unflatten(element, turns).forEach((count, i) => {
          const wide = lanes && i === along.length - 1;
          coordinates[along[i] as number] = wide ? sum(scaled(count, 4), LANE_INDEX) : count;
        });
        fits = build(coordinates);
      });
    }
  }
}

function firstReduction(graph: Graph, nodes: readonly number[]): Reduction {
  for (const id of nodes) {
    const node = graph.nodes[id];
    if (node && isReduction(node)) return node;
  }
  throw new Error('internal: a row kernel without a reduction');
}
