/**
 * Data columns inside a graph. In: the data block, a scope of the graph. Out: column names and `B` bound
 * there, each elaborated at its first use: the raw field, then its expression, held against its declaration.
 */
import type { DataSource } from '../../runtime/plan-format.ts';
import type { Dimension } from '../graph/dimension.ts';
import { Context, type ColumnSite, type Session, type Standard } from './context.ts';
import { asTensor } from './convert.ts';
import { calledField } from './data-fields.ts';
import type { Column, DataBlock, Field } from './data-parts.ts';
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

/** How a field comes into a graph. */
export type RawInput = Pick<Field, 'name' | 'storage'>;

/** `rawOf` says under which name a field is fed and how it lies in memory; by default as the data block has it. */
export function bindColumns(
  context: Context,
  block: DataBlock,
  file: Scope,
  scope: Scope,
  rawOf: (field: Field) => RawInput = (field) => field,
): void {
  const origin = { text: `the batch of \`${block.name}\``, span: block.batchSpan };
  const batch = batchAxis(context.batch ?? block.batch, origin);
  scope.bind('B', size(batch.size, batch.origin), block.batchSpan);
  const made = new Map<string, Value>();
  const memo = (key: string, work: () => Value): Value => {
    const known = made.get(key);
    if (known) return known;
    // A loop may be the first to ask; the column is not its own.
    const value = context.state ? context.state.tensors.outside(work) : work();
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
      const raw = rawOf(field);
      const isBool = field.dtype === 'bool';
      const dtype = isBool ? 'u32' : field.dtype;
      const id = state.tensors.input(raw.name, raw.storage, dtype, [batch, ...axes]);
      state.fields.set(id, field.name);
      return tensor(isBool ? state.tensors.binary('ne', id, state.tensors.constant(0, 'u32')) : id);
    });
  const withoutField = (column: Column): never => {
    // A field that no column is made of is probably this one, misspelt; it is reported.
    if (block.unmatched) throw new Poisoned();
    return context.fail('E0201', column.span, `no source has a field \`${column.name}\``, {
      help: `${WITHOUT_FIELD[block.sources[0]?.format ?? 'npy'](column.name)}, or give it an expression`,
    });
  };
  const siteOf = (column: Column): ColumnSite => {
    let count = 0;
    return {
      field: (call) => fieldValue(calledField(context, block, column, call)),
      standardize(operand, wanted) {
        count += 1;
        const standard = standardNamed(block, column, count, wanted);
        context.session.standards.set(standard.output, standard);
        context.graph(wanted.span).standardized.set(standard.output, operand);
        return standard;
      },
    };
  };
  const open = new Set<Column>();
  const columnValue = (column: Column): Value =>
    memo(`column ${column.name}`, () => {
      // An expression that comes back to its own name means a field of that name.
      if (open.has(column)) return withoutField(column);
      open.add(column);
      const field = block.fields.get(column.name);
      if (!column.value) return field ? fieldValue(field) : withoutField(column);
      context.current = column.value.span;
      const value = within(context, siteOf(column), () => context.evaluate(column.value!, placeIn(fields)));
      const { span } = column.value;
      const id = asTensor(context, value, span);
      const declared = { tensor: column.declared, what: `the column \`${column.name}\`` };
      const { tensors } = context.graph(span);
      const sizes = new Scope(file);
      sizes.bind('B', size(batch.size, batch.origin), block.batchSpan);
      unifyTensor(context, declared, tensors.axes(id), placeIn(sizes), new Map(), { code: 'E0208', span });
      requireDtype(context, declared, tensors.dtype(id), span, 'E0208');
      tensors.label(id, column.name);
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

/** What gives a column that has neither an expression nor a field what it lacks. */
const WITHOUT_FIELD: { readonly [F in DataSource['format']]: (name: string) => string } = {
  idx: (name) => `name a file for it, for example \`idx(${name} = "…")\``,
  npy: (name) => `name a file for it, for example \`npy(${name} = "…")\``,
  npz: (name) => `an npz has an array \`${name}\` where the column stands for itself`,
  csv: (name) => `name a column of the csv: \`= column("${name}")\``,
  text: () => 'cut it from the text: `= window(…)`',
};

/** Runs the work of a column with its site in view; columns that it uses have their own. */
function within<T>(context: Context, site: ColumnSite, work: () => T): T {
  const before = context.column;
  context.column = site;
  try {
    return work();
  } finally {
    context.column = before;
  }
}

/** `flowers.x.mean`; a second one in the same column is `flowers.x.mean_2`. */
function standardNamed(
  block: DataBlock,
  column: Column,
  count: number,
  wanted: Pick<Standard, 'per' | 'shape' | 'span'>,
): Standard {
  const path = `${block.name}.${column.name}`;
  const suffix = count === 1 ? '' : `_${count}`;
  return {
    ...wanted,
    data: block.name,
    output: `${path}${suffix}`,
    mean: `${path}.mean${suffix}`,
    deviation: `${path}.deviation${suffix}`,
  };
}
