/**
 * Data columns inside a graph. In: the data block, a scope of the graph. Out: column names and `B` bound
 * there, each elaborated at its first use: the raw field, then its expression, held against its declaration.
 */
import type { Dimension } from '../graph/dimension.ts';
import { Context, type Session } from './context.ts';
import { asTensor } from './convert.ts';
import type { Column, DataBlock, Field } from './data-block.ts';
import { placeIn } from './file-scope.ts';
import { Poisoned, Scope } from './scope.ts';
import { requireDtype, unifyTensor } from './signature.ts';
import { size, tensor, type Axis, type Origin, type Value } from './values.ts';

/** The batch of this graph as an axis. */
export function batchAxis(batch: Dimension, origin: Omit<Origin, 'symbol'>): Axis {
  return { size: batch, origin: { ...origin, symbol: 'B' } };
}

/** Elaborates every column once, used or not, so that its mistakes are found. */
export function checkColumns(session: Session, block: DataBlock, file: Scope): void {
  const unit = `data ${block.name}`;
  const context = new Context({ session, graph: unit, training: true, batch: block.batch, unit });
  const scope = new Scope(file);
  bindColumns(context, block, file, scope);
  for (const { name } of block.columns) session.diagnostics.guard(() => scope.lookup(name)?.get());
}

/** `storageOf` says how a field lies in memory; by default as the data block has it. */
export function bindColumns(
  context: Context,
  block: DataBlock,
  file: Scope,
  scope: Scope,
  storageOf: (field: Field) => Field['storage'] = (field) => field.storage,
): void {
  const origin = { text: `the batch of \`${block.name}\``, span: block.batchSpan };
  const batch = batchAxis(context.batch ?? block.batch, origin);
  scope.bind('B', size(batch.size, batch.origin), block.batchSpan);
  const made = new Map<string, Value>();
  const memo = (key: string, work: () => Value): Value => {
    const known = made.get(key);
    if (known) return known;
    const value = work();
    made.set(key, value);
    return value;
  };

  const fields = new Scope(file);
  fields.bind('B', size(batch.size, batch.origin), block.batchSpan);
  const fieldValue = (field: Field): Value =>
    memo(`field ${field.name}`, () => {
      context.current = field.span;
      const state = context.graph(field.span);
      const axes = field.shape.map((n, i): Axis => {
        const text = `axis ${i + 1} of the column \`${field.name}\``;
        return { size: n, origin: { text, span: field.span } };
      });
      const id = state.tensors.input(field.name, storageOf(field), field.dtype, [batch, ...axes]);
      state.fields.set(id, field.name);
      return tensor(id);
    });
  const withoutField = (column: Column): never => {
    // A field that no column is made of is probably this one, misspelt; it is reported.
    if (block.unmatched) throw new Poisoned();
    return context.fail('E0201', column.span, `no source has a field \`${column.name}\``, {
      help: `name a file for it, for example \`npy(${column.name} = "…")\`, or give it an expression`,
    });
  };
  const open = new Set<Column>();
  const columnValue = (column: Column): Value =>
    memo(`column ${column.name}`, () => {
      // An expression that comes back to its own name means a field of that name.
      if (open.has(column)) return withoutField(column);
      open.add(column);
      const field = block.fields.get(column.name);
      if (!column.value) return field ? fieldValue(field) : withoutField(column);
      const place = placeIn(fields);
      context.current = column.value.span;
      const value = context.evaluate(column.value, place);
      const { span } = column.value;
      const id = asTensor(context, value, span);
      const declared = { tensor: column.declared, what: `the column \`${column.name}\`` };
      const { tensors } = context.graph(span);
      const sizes = new Scope(file);
      sizes.bind('B', size(batch.size, batch.origin), block.batchSpan);
      unifyTensor(context, declared, tensors.axes(id), placeIn(sizes), new Map(), { code: 'E0208', span });
      requireDtype(context, declared, tensors.dtype(id), span, 'E0208');
      tensors.builder.label(id, column.name);
      return tensor(id);
    });

  for (const name of block.broken) {
    scope.poison(name.text, name.span);
    fields.poison(name.text, name.span);
  }
  for (const column of block.columns) {
    scope.bindLazily(column.name, () => columnValue(column), column.span);
    if (!block.fields.has(column.name))
      fields.bindLazily(column.name, () => columnValue(column), column.span);
  }
  for (const field of block.fields.values())
    fields.bindLazily(field.name, () => fieldValue(field), field.span);
}
