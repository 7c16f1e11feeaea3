/** Look-ups by an index tensor: the index is read, clamped, and becomes a coordinate. */
import type { NodeOf } from '../graph/ir.ts';
import { atLane, mentionsLane } from './emitter.ts';
import { binary, vectorOf } from './expression.ts';
import { constant, indexVariable, sum, type Index } from './index-expression.ts';
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
  const chosen = lookedUp(reader, index, where, reader.sizes(x)[axis] as Index);
  return reader.read(x, [...at.slice(0, axis), chosen, ...at.slice(axis + rank)]);
}

export function readGather(reader: ValueReader, node: NodeOf<'gather'>, at: readonly Index[]): Expression {
  const [x, index] = node.inputs as [number, number];
  const { axis } = node.attributes;
  if (mentionsLane(at)) {
    reader.noteGather();
    return vectorOf((lane) => reader.read(node.id, atLane(at, lane)));
  }
  return reader.read(x, at.with(axis, lookedUp(reader, index, at, reader.sizes(x)[axis] as Index)));
}

/** The index at `where`, clamped, as a coordinate along an axis of `size`. */
function lookedUp(reader: ValueReader, index: number, where: readonly Index[], size: Index): Index {
  const { emitter } = reader;
  const depth = emitter.depthOf(where);
  const key = `look-up %${index} of ${size.key} [${where.map((c) => c.key).join()}]`;
  const clamped = () => binary('min', reader.read(index, where), emitter.index(sum(size, constant(-1))));
  const name =
    emitter.recall(key) ?? emitter.remember(key, depth, emitter.declare('let', 'at', depth, clamped()));
  if (name.kind !== 'variable') throw new Error('internal: a declared value is a variable');
  return indexVariable(name.name, size);
}
