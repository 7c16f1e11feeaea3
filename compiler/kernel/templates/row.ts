/**
 * Primitives that run along an axis and leave it in place: one thread a row, whatever the row's length. In: a
 * cumsum or a top_k. Out: a loop that stores as it goes. `top_k` finds one element a turn: the best of those
 * that come after the one found before, so it needs no memory beside the result.
 */
import { LANE_INDEX } from '../emitter.ts';
import { binary, cast, literal, select, spread, unary } from '../expression.ts';
import { threadExtent } from '../thread-extent.ts';
import { storeElement, type Target } from '../store.ts';
import { constant, difference, indexVariable, scaled, sum, type Index } from '../index-expression.ts';
import type { NodeOf } from '../../graph/ir.ts';
import type { Expression, ScalarType } from '../ir.ts';
import { countOf, flatten, sizesOf, unflatten } from '../shapes.ts';
import { writesOf, writtenPosition, type KernelShape, type Workspace } from '../workspace.ts';

export function lowerRow(workspace: Workspace): KernelShape {
  const { graph, group, context, reader } = workspace;
  const [write] = writesOf(graph, group);
  const node = write && reader.node(write.value);
  if (!write || (node?.op !== 'cumsum' && node?.op !== 'top_k'))
    throw new Error('internal: a row group stores one cumsum or top_k');
  const { axis } = node.attributes;
  const { shape } = node.type;
  const rows = shape.with(axis, 1);
  const innermost = shape.at(-1);
  const apart = axis !== shape.length - 1 && typeof innermost === 'number' && innermost % 4 === 0;
  const lanes = apart && node.op === 'cumsum' && threadExtent(rows, 4) ? 4 : 1;
  const extent = threadExtent(rows, lanes);
  if (!extent) throw new Error('internal: lanes that do not divide the elements');
  const thread = indexVariable('x', countOf(sizesOf(extent, context.batch)));
  const position = lanes === 4 ? sum(scaled(thread, 4), LANE_INDEX) : thread;
  const at = unflatten(position, sizesOf(rows, context.batch));
  const target: Target = { ...write, lanes };
  if (node.op === 'cumsum') runningSum(workspace, node, at, target);
  else largest(workspace, node, at, target);
  return {
    threads: [extent, [1], [1]],
    workgroup: [context.profile.deviceClass === 'software' ? 8 : 64, 1, 1],
  };
}

function runningSum(
  workspace: Workspace,
  node: NodeOf<'cumsum'>,
  at: readonly Index[],
  target: Target,
): void {
  const { reader, emitter } = workspace;
  const { axis, reverse } = node.attributes;
  const sizes = reader.sizes(node.id);
  const size = sizes[axis] as Index;
  // f16 is added up in f32; only what is stored is rounded.
  const { dtype } = node.type;
  const scalar = dtype === 'f16' ? 'f32' : dtype;
  const total = declare(workspace, 'sum', spread(literal(0, scalar), target.lanes));
  const name = emitter.fresh('k');
  const turn = indexVariable(name, size);
  const place = reverse ? difference(sum(size, constant(-1)), turn) : turn;
  emitter.loop(name, literal(0, 'u32'), emitter.index(size), 1, () => {
    const element = reader.read(node.inputs[0] as number, at.with(axis, place));
    const value = cast(spread(element, target.lanes), scalar);
    workspace.emitter.assign(total, binary('add', total, value));
    storeElement(
      workspace,
      target,
      cast(total, dtype),
      writtenPosition(target, flatten(at.with(axis, place), sizes), workspace),
    );
  });
}

type Variable = Extract<Expression, { kind: 'variable' }>;

function largest(workspace: Workspace, node: NodeOf<'top_k'>, at: readonly Index[], target: Target): void {
  const { reader, emitter } = workspace;
  const { axis, k } = node.attributes;
  const input = node.inputs[0] as number;
  const scalar = reader.node(input).type.dtype;
  const size = reader.sizes(input)[axis] as Index;
  const sizes = reader.sizes(node.id);
  // The element found in the turn before; in the first turn there is none, and `found` is 0.
  const last = declare(workspace, 'last', literal(0, scalar));
  const where = declare(workspace, 'where', literal(0, 'u32'));
  const found = emitter.fresh('n');
  const round = indexVariable(found, constant(k));
  emitter.loop(found, literal(0, 'u32'), literal(k, 'u32'), 1, () => {
    const best = declare(workspace, 'best', literal(0, scalar));
    // Past the end: nothing yet.
    const holder = declare(workspace, 'place', emitter.index(size));
    const name = emitter.fresh('k');
    const turn = indexVariable(name, size);
    emitter.loop(name, literal(0, 'u32'), emitter.index(size), 1, () => {
      const value = emitter.bind('v', emitter.depth, reader.read(input, at.with(axis, turn)));
      const index = emitter.index(turn);
      const first = binary('eq', emitter.index(round), literal(0, 'u32'));
      const open = binary('or', first, precedes({ value: last, index: where }, { value, index }, scalar));
      const none = binary('eq', holder, emitter.index(size));
      const better = binary('or', none, precedes({ value, index }, { value: best, index: holder }, scalar));
      const wins = emitter.bind('wins', emitter.depth, binary('and', open, better));
      workspace.emitter.assign(best, select(wins, value, best));
      workspace.emitter.assign(holder, select(wins, index, holder));
    });
    storeElement(
      workspace,
      target,
      holder,
      writtenPosition(target, flatten(at.with(axis, round), sizes), workspace),
    );
    workspace.emitter.assign(last, best);
    workspace.emitter.assign(where, holder);
  });
}

interface Candidate {
  readonly value: Expression;
  readonly index: Expression;
}

/** The order of the result: larger values first, NaN before all, of equals the lower index. */
function precedes(a: Candidate, b: Candidate, scalar: ScalarType): Expression {
  const larger = binary('gt', a.value, b.value);
  const lower = binary('lt', a.index, b.index);
  const equal = binary('and', binary('eq', a.value, b.value), lower);
  if (scalar !== 'f32' && scalar !== 'f16') return binary('or', larger, equal);
  // A comparison with NaN may come out either way on a device, so it is asked for first.
  const [first, second] = [unary('is_nan', a.value), unary('is_nan', b.value)];
  const numbers = binary('and', unary('not', second), binary('or', larger, equal));
  return select(first, binary('or', unary('not', second), lower), numbers);
}

function declare({ emitter }: Workspace, base: string, value: Expression): Variable {
  const declared = emitter.declare('var', base, emitter.depth, value);
  if (declared.kind !== 'variable') throw new Error('internal: a declared value is a variable');
  return declared;
}
