/** Builtins of `data` blocks: sources, the fields that columns read from them, `standardize`. */
import type { CsvColumn, TokensSpec } from '../../../runtime/plan-format.ts';
import type { ColumnSite } from '../context.ts';
import { asAxes } from '../convert.ts';
import { equalDimensions } from '../../graph/dimension.ts';
import { printAxes } from '../tensors.ts';
import { NONE, describeValue, integer, tensor, type Axis, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const arrayFiles = (format: 'idx' | 'npy'): Builtin => ({
  parameters: [parameter.named('files', 'string')],
  run: (call): Value => {
    if (call.rest.length === 0) {
      call.fail('E0212', call.span, `\`${format}\` needs a file for each field`, {
        help: `for example \`${format}(image = "…", label = "…")\``,
      });
    }
    const files = call.rest.map(({ value, span, name }) => ({
      field: name ?? '',
      path: value.kind === 'string' ? value.value : '',
      span,
    }));
    return { kind: 'source', files: { format, files } };
  },
});

const fileOf = (call: BuiltinCall): { path: string; span: BuiltinCall['span'] } => ({
  path: call.string('file'),
  span: call.spanOf('file'),
});

const npz: Builtin = {
  parameters: [parameter.required('file', 'string')],
  run: (call): Value => ({ kind: 'source', files: { format: 'npz', file: fileOf(call) } }),
};

const csv: Builtin = {
  parameters: [
    parameter.required('file', 'string'),
    parameter.optional('header', 'boolean', { kind: 'bool', value: true }),
    parameter.optional('delimiter', 'string', { kind: 'string', value: ',' }),
  ],
  run: (call): Value => {
    const delimiter = call.string('delimiter');
    if (!/^[\t !#-~]$/.test(delimiter)) {
      call.fail(
        'E0220',
        call.spanOf('delimiter'),
        'the delimiter is one ASCII character other than a quote',
        {
          help: 'for example `";"` or `"\\t"`',
        },
      );
    }
    const header = call.boolean('header');
    return { kind: 'source', files: { format: 'csv', file: fileOf(call), header, delimiter } };
  },
};

const text: Builtin = {
  parameters: [
    parameter.required('file', 'string'),
    parameter.optional('tokens', 'value', { kind: 'tokens', tokens: { kind: 'chars' } }),
  ],
  run: (call): Value => ({
    kind: 'source',
    files: { format: 'text', file: fileOf(call), tokens: tokensOf(call) },
  }),
};

/** `chars` is `chars()`. */
function tokensOf(call: BuiltinCall): TokensSpec {
  const { value, span } = call.argument('tokens');
  const { context, site } = call;
  const made =
    value.kind === 'builtin'
      ? context.session.machine.call(context, value, { span, given: [], piped: false, place: site.place })
      : value;
  if (made.kind === 'tokens') return made.tokens;
  return call.fail('E0213', span, `${describeValue(made)} where tokens are due`, {
    help: 'they are `chars()`, `words(n)` or `bytes()`',
  });
}

const words: Builtin = {
  parameters: [parameter.optional('n', 'integer', NONE)],
  run: (call): Value => {
    if (!call.given('n')) return { kind: 'tokens', tokens: { kind: 'words' } };
    const limit = call.number('n');
    if (limit < 2) {
      call.fail('E0220', call.spanOf('n'), `\`words\` keeps 2 words or more, this is ${limit}`, {
        help: 'the last one stands for all words that are not kept',
      });
    }
    return { kind: 'tokens', tokens: { kind: 'words', limit } };
  },
};

/** The column at hand; an error outside of one. */
function siteOf(call: BuiltinCall): ColumnSite {
  return (
    call.context.column ??
    call.fail('E0222', call.span, `\`${call.name}\` stands in a column of a \`data\` block`, {
      help: `for example \`x[B] = ${call.name}(…)\``,
    })
  );
}

function csvColumn(call: BuiltinCall, value: Value, span: BuiltinCall['span']): CsvColumn {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'number' && value.integer) return value.value;
  return call.fail('E0213', span, `${describeValue(value)} where a column of the csv is due`, {
    help: 'its name, or its position counting from 0',
  });
}

const given = (call: BuiltinCall, name: string): CsvColumn =>
  csvColumn(call, call.value(name), call.spanOf(name));

const written = (columns: readonly CsvColumn[]): string =>
  columns.map((column) => JSON.stringify(column)).join(', ');

const column: Builtin = {
  parameters: [parameter.required('name', 'value')],
  run: (call) => {
    const columns = [given(call, 'name')];
    const origin = { kind: 'columns', columns } as const;
    return siteOf(call).field({ text: `column(${written(columns)})`, origin, shape: [], span: call.span });
  },
};

const columns: Builtin = {
  parameters: [
    parameter.rest('names', 'value'),
    parameter.optional('first', 'value'),
    parameter.optional('count', 'integer'),
  ],
  run: (call) => {
    const { span } = call;
    const names = call.spreadRest().map((each) => csvColumn(call, each.value, each.span));
    const ranged = call.given('first') || call.given('count');
    if (ranged === names.length > 0 || call.given('first') !== call.given('count')) {
      call.fail('E0212', span, '`columns` takes names, or `first` and `count`', {
        help: 'for example `columns("a", "b")` or `columns(first = 1, count = 784)`',
      });
    }
    if (!ranged) {
      const origin = { kind: 'columns', columns: names } as const;
      return siteOf(call).field({ text: `columns(${written(names)})`, origin, shape: [names.length], span });
    }
    const first = given(call, 'first');
    const count = atLeast(call, 'count', 1);
    return siteOf(call).field({
      text: `columns(first = ${written([first])}, count = ${count})`,
      origin: { kind: 'column_range', first, count },
      shape: [count],
      span,
    });
  },
};

const category: Builtin = {
  parameters: [parameter.required('name', 'value')],
  run: (call) => {
    const name = given(call, 'name');
    return siteOf(call).field({
      text: `category(${written([name])})`,
      origin: { kind: 'category', column: name },
      shape: [],
      dtype: 'u32',
      span: call.span,
    });
  },
};

function atLeast(call: BuiltinCall, name: string, low: number): number {
  const value = call.number(name);
  if (value < low) call.fail('E0220', call.spanOf(name), `\`${name}\` is ${low} or more, this is ${value}`);
  return value;
}

const window: Builtin = {
  parameters: [
    parameter.required('T', 'integer'),
    parameter.optional('shift', 'integer', integer(0)),
    parameter.optional('stride', 'integer', integer(1)),
  ],
  run: (call) => {
    const [length, shift, stride] = [
      atLeast(call, 'T', 1),
      atLeast(call, 'shift', 0),
      atLeast(call, 'stride', 1),
    ];
    const extra = `${shift > 0 ? `, shift = ${shift}` : ''}${stride > 1 ? `, stride = ${stride}` : ''}`;
    return siteOf(call).field({
      text: `window(${length}${extra})`,
      origin: { kind: 'window', length, shift, stride },
      shape: [length],
      dtype: 'u32',
      span: call.span,
    });
  },
};

/**
 * (x - mean) / deviation over the training split, apart for every index of the axes `per`: axis 1 by default,
 * the columns of [B, D], the channels of [B, C, H, W]. The deviation is the biased one; where it is 0, the
 * result is 0.
 */
const standardize: Builtin = {
  parameters: [parameter.required('x', 'tensor'), parameter.optional('per', 'axes')],
  run: (call) => {
    const site = siteOf(call);
    const id = call.singles('x');
    const { tensors, context } = call;
    const axes = tensors.axes(id);
    const [batch] = axes;
    if (!batch || context.batch === undefined || !equalDimensions(batch.size, context.batch)) {
      call.fail(
        'E0204',
        call.spanOf('x'),
        `\`standardize\` takes a value of each record, not ${printAxes(axes)}`,
      );
    }
    const per = perAxes(call, axes.length);
    const kept = per.map((axis) => axes[axis] as Axis);
    const shape = kept.map(({ size }) => size as number);
    const wanted = { per: per.map((axis) => axis - 1), shape, span: call.span };
    const { mean, deviation } = site.standardize(id, wanted);
    const aligned = axes.slice(1).map((axis, i): Axis => (per.includes(i + 1) ? axis : { size: 1 }));
    const statistic = (name: string): number => tensors.reshape(tensors.state(name, kept), aligned);
    const centred = tensors.binary('sub', id, statistic(mean));
    return tensor(tensors.binary('div', centred, statistic(deviation)));
  },
};

function perAxes(call: BuiltinCall, rank: number): number[] {
  const { value, span, given: isGiven } = call.argument('per');
  if (!isGiven) return rank > 1 ? [1] : [];
  if (value.kind === 'none') return [];
  const axes = asAxes(call.context, value, span, rank);
  if (axes.includes(0)) call.fail('E0215', span, 'mean and deviation are taken over the batch, axis 0');
  return axes;
}

const tokens = (kind: 'chars' | 'bytes'): Builtin => ({
  parameters: [],
  run: (): Value => ({ kind: 'tokens', tokens: { kind } }),
});

export const DATA: Readonly<Record<string, Builtin>> = {
  idx: arrayFiles('idx'),
  npy: arrayFiles('npy'),
  npz,
  csv,
  text,
  chars: tokens('chars'),
  bytes: tokens('bytes'),
  words,
  column,
  columns,
  category,
  window,
  standardize,
};
