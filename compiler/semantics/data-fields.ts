/**
 * The raw fields of a `data` block. In: its columns and sources. Out: what the runtime loads and uploads. Arrays
 * have a name of the program (a file of idx or npy, an array of npz); fields of csv and text are calls in the
 * columns' expressions and become known when these are elaborated.
 */
import type { DataSource, DataSpec, FieldOrigin, FieldSpec, Span } from '../../runtime/plan-format.ts';
import type { Context, FieldCall } from './context.ts';
import type { Column, DataBlock, Field } from './data-parts.ts';
import { namesIn, visitNames } from './names-in.ts';
import { didYouMean } from './nearest.ts';
import { Poisoned, type Scope } from './scope.ts';
import { WORDS } from './words.ts';

/** An array has the shape of the column named like it, else of the first column whose expression uses it. */
export function arrayFields(
  context: Context,
  columns: readonly Column[],
  sources: readonly DataSource[],
  file: Scope,
): Map<string, Field> {
  const fields = new Map<string, Field>();
  const add = (name: string, column: Column, format: DataSource['format'] | undefined): void => {
    const { dtype, shape, span } = column;
    context.session.diagnostics.guard(() => {
      const bytes = format === 'idx' || dtype === 'bool';
      // Halves are uploaded as f32 and rounded by the kernels that read them.
      const storage = bytes ? 'u8' : dtype === 'f16' ? 'f32' : dtype;
      fields.set(name, { name, shape, dtype, storage, origin: { kind: 'array' }, span });
      return undefined;
    });
  };
  if (sources.length === 0) {
    // A column that is made of others alone is computed, not fed.
    for (const column of columns)
      if (!column.value || namesIn(column.value).has(column.name)) add(column.name, column, undefined);
    return fields;
  }
  for (const source of sources) {
    for (const [name, column] of named(context, source, columns, file))
      if (!fields.has(name)) add(name, column, source.format);
  }
  for (const source of sources)
    context.session.diagnostics.guard(() => checkComplete(context, source, fields));
  return fields;
}

/** The arrays that a source names, or that columns name where its file holds several, each with its column. */
function named(
  context: Context,
  source: DataSource,
  columns: readonly Column[],
  file: Scope,
): [name: string, column: Column][] {
  switch (source.format) {
    case 'csv':
    case 'text':
      return [];
    case 'npz':
      return columns.flatMap((column) =>
        arraysUsed(column, columns, file).map((name): [string, Column] => [name, column]),
      );
    case 'idx':
    case 'npy':
      return source.files.flatMap(({ field, span }): [string, Column][] => {
        const column =
          columns.find((each) => each.name === field) ??
          columns.find((each) => each.value !== undefined && namesIn(each.value).has(field));
        if (column) return [[field, column]];
        context.session.diagnostics.guard(() =>
          context.fail('E0201', span, `no column is made of the field \`${field}\``, {
            help:
              didYouMean(
                field,
                columns.flatMap((each) => (each.value ? [] : [each.name])),
              ) ?? `declare it: \`${field}[B, …]\``,
          }),
        );
        return [];
      });
    default:
      return source satisfies never;
  }
}

/** The names of a column that can only be arrays: its own, and those that nothing else has. */
function arraysUsed(column: Column, columns: readonly Column[], file: Scope): string[] {
  if (!column.value) return [column.name];
  const names = new Set<string>();
  visitNames(column.value, ({ name }, called) => {
    const isColumn = name !== column.name && columns.some((each) => each.name === name);
    if (!called && !isColumn && name !== 'B' && !WORDS.has(name) && !file.lookup(name)) names.add(name);
  });
  return [...names];
}

/** Every source has every array. */
function checkComplete(context: Context, source: DataSource, fields: ReadonlyMap<string, Field>): void {
  if (source.format === 'npz') return;
  const files = source.format === 'idx' || source.format === 'npy' ? source.files : [];
  const missing = [...fields.keys()].find((name) => !files.some(({ field }) => field === name));
  if (missing === undefined) return;
  context.fail('E0219', source.span, `the source of \`${source.split}\` has no file for \`${missing}\``);
}

const FORMATS: { readonly [K in Exclude<FieldOrigin['kind'], 'array'>]: DataSource['format'] } = {
  columns: 'csv',
  column_range: 'csv',
  category: 'csv',
  window: 'text',
};

/** The field of a call in a column's expression; made at the first such call. */
export function calledField(context: Context, block: DataBlock, column: Column, call: FieldCall): Field {
  const { text, origin, shape, span } = call;
  checkSources(context, block, text.slice(0, text.indexOf('(')), origin, span);
  const own = column.value?.span;
  const isWhole =
    own !== undefined &&
    own.line === span.line &&
    own.column === span.column &&
    own.endLine === span.endLine &&
    own.endColumn === span.endColumn;
  const dtype =
    call.dtype ?? (isWhole && (column.dtype === 'u32' || column.dtype === 'i32') ? column.dtype : 'f32');
  const name = (call.dtype ?? 'f32') === dtype ? text : `${text} ${dtype}`;
  const known = block.called.get(name);
  if (known) return known;
  checkStride(context, block, origin, span);
  const isBytes = block.sources.every((source) => source.format === 'text' && source.tokens.kind === 'bytes');
  const storage = origin.kind === 'window' && isBytes ? 'u8' : dtype;
  const field: Field = { name, shape, dtype, storage, origin, span };
  block.called.set(name, field);
  return field;
}

function checkSources(
  context: Context,
  block: DataBlock,
  callee: string,
  origin: FieldOrigin,
  span: Span,
): void {
  if (origin.kind === 'array') throw new Error('internal: an array is not called');
  const format = FORMATS[origin.kind];
  if (block.sources.length === 0) {
    // The source that it reads is probably the one that is wrong; it is reported.
    if (block.unmatched) throw new Poisoned();
    context.fail('E0213', span, `\`${callee}\` reads a ${format}, and \`${block.name}\` has no source`, {
      help: `for example \`from train = ${format}("…")\``,
    });
  }
  const names =
    origin.kind === 'columns'
      ? origin.columns
      : origin.kind === 'category'
        ? [origin.column]
        : origin.kind === 'column_range'
          ? [origin.first]
          : [];
  for (const source of block.sources) {
    if (source.format !== format) {
      context.fail(
        'E0213',
        span,
        `\`${callee}\` reads a ${format}, and the source of \`${source.split}\` is ${source.format}`,
        {
          related: [{ message: 'the source', span: source.span }],
        },
      );
    }
    const name = names.find((each) => typeof each === 'string');
    if (source.format === 'csv' && !source.header && name !== undefined) {
      context.fail('E0220', span, `a csv without a header has no column \`${name}\``, {
        help: 'give its position, counting from 0',
        related: [{ message: 'the source', span: source.span }],
      });
    }
  }
}

/** Record r of every window starts at r * stride: unequal strides would tear records apart. */
function checkStride(context: Context, block: DataBlock, origin: FieldOrigin, span: Span): void {
  if (origin.kind !== 'window') return;
  for (const { name, origin: other, span: place } of block.called.values()) {
    if (other.kind !== 'window' || other.stride === origin.stride) continue;
    context.fail('E0220', span, `this window has stride ${origin.stride}, \`${name}\` has ${other.stride}`, {
      help: 'the windows of one record start together: give all the same `stride`',
      related: [{ message: 'the other window', span: place }],
    });
  }
}

/** The block as the runtime loads it. `bounds`: exclusive upper bounds of label fields. */
export function dataSpec(block: DataBlock, bounds: ReadonlyMap<string, number>): DataSpec {
  const fields = [...block.fields.values(), ...block.called.values()];
  return {
    name: block.name,
    sources: [...block.sources],
    splits: [...block.splits],
    fields: fields.map(({ name, shape, storage, dtype, origin, span }): FieldSpec => {
      const below = dtype === 'bool' ? 2 : bounds.get(name);
      return { name, shape: [...shape], storage, ...(below === undefined ? {} : { below }), origin, span };
    }),
    batch: block.batch,
    shuffle: block.shuffle,
    span: block.span,
  };
}
