/**
 * Look-ups by an index tensor. take: the index is read, clamped, and becomes a coordinate. scatter_add: each
 * result element runs over the index in order and adds what is meant for it, so that the sum is the same in
 * every run; an index past the end is nobody's.
 */
import type { NodeOf } from '../graph/ir.ts';
import { atLane, mentionsLane } from './emitter.ts';
import { binary, literal, spread, variable, vectorOf } from './expression.ts';
import { constant, indexVariable, isConstant, sum, type Index } from './index-expression.ts';
import type { Expression } from './ir.ts';
import type { ValueReader } from './value-reader.ts';

export function readTake(reader: ValueReader, node: NodeOf<'take'>, at: readonly Index[]): Expression {
  const [x, index] = node.inputs as [number, number];
  const { axis } = node.attributes;
  const rank = reader.sizes(index).length;
  const where = at.slice(axis, axis + rank);
  if (mentionsLane(where)) {
    reader.noteGather();
    return vectorOf((lane) => reader.read(node.id, atLane(at, lane)));
  }
  const size = reader.sizes(x)[axis] as Index;
  const { emitter } = reader;
  const depth = emitter.depthOf(where);
  const key = `take %${index} of ${size.key} [${where.map((c) => c.key).join()}]`;
  const name =
    emitter.recall(key) ??
    emitter.remember(
      key,
      depth,
      emitter.declare(
        'let',
        'at',
        depth,
        binary('min', reader.read(index, where), emitter.index(sum(size, constant(-1)))),
      ),
    );
  if (name.kind !== 'variable') throw new Error('internal: a declared value is a variable');
  const chosen = indexVariable(name.name, size);
  return reader.read(x, [...at.slice(0, axis), chosen, ...at.slice(axis + rank)]);
}

export function readScatter(
  reader: ValueReader,
  node: NodeOf<'scatter_add'>,
  at: readonly Index[],
): Expression {
  const [x, index, source] = node.inputs as [number, number, number];
  const { axis } = node.attributes;
  const target = at[axis] as Index;
  if (mentionsLane([target])) {
    reader.noteGather();
    return vectorOf((lane) => reader.read(node.id, atLane(at, lane)));
  }
  const { emitter } = reader;
  const lanes = mentionsLane(at) ? 4 : 1;
  const total = emitter.declare('var', 'sum', emitter.depth, spread(reader.read(x, at), lanes));
  if (total.kind !== 'variable') throw new Error('internal: a declared value is a variable');
  const count = reader.sizes(index)[0] as Index;
  const name = emitter.fresh('t');
  const only = isConstant(count) && count.constant === 1;
  const turn = only ? constant(0) : indexVariable(name, count);
  emitter.loop(name, literal(0, 'u32'), emitter.index(count), 1, () => {
    const wanted = binary('eq', reader.read(index, [turn]), emitter.index(target));
    emitter.when(wanted, () => {
      const added = reader.read(
        source,
        at.map((c, i) => (i === axis ? turn : c)),
      );
      const value = binary('add', variable(total.name, total.type), spread(added, lanes));
      emitter.push({ kind: 'assign', name: total.name, value });
    });
  });
  return total;
}
