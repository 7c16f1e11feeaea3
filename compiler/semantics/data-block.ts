/**
 * A `data` block. In: its statements. Out: what the runtime must load (`DataSpec`) and the columns, whose
 * expressions belong to every graph that uses them. Sizes are read here, expressions later, graph by graph.
 */
import type { DataSource, DataSpec } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { asAxis, asBoolean, asInteger, asNumber } from './convert.ts';
import { arrayFields } from './data-fields.ts';
import type { Column, DataBlock } from './data-parts.ts';
import { dtypeOf } from './dtypes.ts';
import { placeIn } from './file-scope.ts';
import type { Scope } from './scope.ts';
import { readSettings } from './settings.ts';
import { describeValue } from './values.ts';

type DataDeclaration = Extract<ast.Declaration, { kind: 'data' }>;

export const DATA_SETTINGS = ['batch', 'shuffle'] as const;

export function readDataBlock(context: Context, declaration: DataDeclaration, scope: Scope): DataBlock {
  const list = context.session.diagnostics;
  const sources: DataSource[] = [];
  const splits: DataSpec['splits'] = [];
  const columns: Column[] = [];
  const bindings: ast.Binding[] = [];
  const broken: ast.Identifier[] = [];
  let brokenSource = false;
  for (const statement of declaration.body.statements) {
    const errors = list.size;
    list.guard(() => {
      switch (statement.kind) {
        case 'from':
          sources.push(readSource(context, statement, scope, sources));
          return;
        case 'split':
          for (const entry of statement.entries) splits.push(readShare(context, entry, scope));
          return;
        case 'column':
          columns.push(readColumn(context, statement, scope, columns));
          return;
        case 'binding':
          bindings.push(...statement.entries);
          return;
        case 'augment':
          return context.fail('E0901', statement.span, '`augment` is not supported yet');
        default:
          return context.fail(
            'E0108',
            statement.span,
            `\`${statement.kind}\` has no place in a \`data\` block`,
          );
      }
    });
    if (statement.kind === 'from' && list.size > errors) brokenSource = true;
    const named = statement.kind === 'column' ? statement.tensor.name : undefined;
    if (named && list.size > errors) broken.push(named);
  }
  const errors = list.size;
  const settings = readSettings(context, 'data', bindings, DATA_SETTINGS, []);
  const misspelt = list.size > errors;
  const place = placeIn(scope);
  const batch = list.guard(() => {
    const setting = settings.get('batch');
    if (!setting) {
      if (misspelt) return undefined;
      return context.fail(
        'E0219',
        declaration.name.span,
        `the data \`${declaration.name.text}\` needs the setting \`batch\``,
        {
          help: 'for example `batch = 64`',
        },
      );
    }
    const count = asInteger(context, context.evaluate(setting.value, place), setting.value.span, '`batch`');
    if (count < 1) context.fail('E0220', setting.value.span, `\`batch\` is 1 or more, this is ${count}`);
    return { count, span: setting.value.span };
  });
  const shuffle = list.guard(() => {
    const setting = settings.get('shuffle');
    return setting
      ? asBoolean(context, context.evaluate(setting.value, place), setting.value.span, '`shuffle`')
      : false;
  });
  list.guard(() => checkSplits(context, sources, splits));
  list.guard(() => checkTokens(context, sources));
  const fields = arrayFields(context, columns, sources, scope);
  return {
    name: declaration.name.text,
    columns,
    broken,
    fields,
    called: new Map(),
    unmatched:
      brokenSource ||
      sources.some(
        (source) =>
          (source.format === 'idx' || source.format === 'npy') &&
          source.files.some(({ field }) => !fields.has(field)),
      ),
    sources,
    splits,
    batch: batch?.count ?? 1,
    batchSpan: batch?.span ?? declaration.name.span,
    shuffle: shuffle ?? false,
    span: declaration.name.span,
  };
}

function readSource(
  context: Context,
  statement: Extract<ast.Statement, { kind: 'from' | 'augment' | 'metric' | 'update' }>,
  scope: Scope,
  before: readonly DataSource[],
): DataSource {
  const { text: split, span } = statement.name;
  const value = context.evaluate(statement.value, placeIn(scope));
  if (value.kind !== 'source') {
    return context.fail('E0213', statement.value.span, `${describeValue(value)} where a data source is due`, {
      help: 'for example `idx(image = "…")`, `npy(x = "…")` or `csv("…")`',
    });
  }
  const same = before.find((source) => source.split === split);
  if (same) {
    context.fail('E0202', span, `\`${split}\` has two sources`, {
      related: [{ message: 'the first one', span: same.span }],
    });
  }
  return { split, span, ...value.files };
}

function readShare(
  context: Context,
  entry: { name: ast.Identifier; share: ast.Expression },
  scope: Scope,
): DataSpec['splits'][number] {
  const { span } = entry.share;
  const share = asNumber(context, context.evaluate(entry.share, placeIn(scope)), span, 'a share');
  if (!(share > 0 && share < 1)) {
    context.fail('E0220', span, `a share lies between 0 and 1, this is ${share}`, {
      help: 'for example `split valid = 10%`',
    });
  }
  return { split: entry.name.text, share, span: entry.name.span };
}

function checkSplits(context: Context, sources: readonly DataSource[], splits: DataSpec['splits']): void {
  if (sources.length === 0 && splits.length === 0) return;
  const named = new Map(sources.map((source) => [source.split, source.span]));
  const whole = sources.find((source) => source.split === 'all');
  const train = sources.find((source) => source.split === 'train');
  if (whole && train) {
    context.fail('E0202', whole.span, '`all` stands beside `train`: records would be counted twice', {
      help: 'give either `from all` with `split`, or one `from` for each split',
    });
  }
  for (const { split, span } of splits) {
    const other = named.get(split);
    if (other || split === 'train') {
      context.fail('E0202', span, `the split \`${split}\` has two meanings`, {
        related: other ? [{ message: 'it has a source here', span: other }] : undefined,
      });
    }
    named.set(split, span);
  }
  const total = splits.reduce((sum, { share }) => sum + share, 0);
  const last = splits.at(-1);
  if (last && total >= 1)
    context.fail('E0220', last.span, `the shares leave nothing to train on: they sum to ${total}`);
  if (last && !whole && !train) {
    context.fail('E0408', last.span, '`split` takes from `train` or `all`, and there is neither');
  }
}

/** One vocabulary serves all splits. */
function checkTokens(context: Context, sources: readonly DataSource[]): void {
  const [first, ...rest] = sources.flatMap((source) => (source.format === 'text' ? [source] : []));
  for (const { tokens, span } of rest) {
    if (JSON.stringify(tokens) === JSON.stringify(first?.tokens)) continue;
    context.fail('E0220', span, 'the texts of one data block are cut into the same tokens', {
      related: first && [{ message: 'the other text', span: first.span }],
    });
  }
}

function readColumn(
  context: Context,
  statement: Extract<ast.Statement, { kind: 'column' }>,
  scope: Scope,
  before: readonly Column[],
): Column {
  const { tensor: declared, value } = statement;
  if (!declared.name) return context.fail('E0102', declared.span, 'a column needs a name');
  const { text: name, span } = declared.name;
  const same = before.find((column) => column.name === name);
  if (same) {
    context.fail('E0202', span, `the column \`${name}\` is declared twice`, {
      related: [{ message: 'first declared here', span: same.span }],
    });
  }
  const dtype = dtypeOf(context, declared.dtype);
  const [first, ...rest] = declared.dims;
  if (first?.kind !== 'dim' || first.value.kind !== 'name' || first.value.name !== 'B') {
    return context.fail(
      'E0213',
      first?.span ?? declared.span,
      `the first dimension of a column is the batch, \`B\``,
      {
        help: `\`${name}[B${declared.dims.length > 1 ? ', …' : ''}]\``,
      },
    );
  }
  const shape = rest.map((dim) => {
    if (dim.kind === 'rest') return context.fail('E0213', dim.span, 'the shape of a column is written out');
    const axis = asAxis(context, context.evaluate(dim.value, placeIn(scope)), dim.span);
    if (typeof axis.size !== 'number')
      return context.fail('E0217', dim.span, 'a size must be known at compile time');
    return axis.size;
  });
  return { name, declared, value, shape, dtype, span: declared.span };
}
