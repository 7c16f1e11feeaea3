/**
 * Opens the data of a program. In: the `data` block as the listing tells it, a reader of files, the run's seed.
 * Out: a Dataset with every file read, checked and divided into splits, and what its training split decided.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataSource, DataSpec } from '../plan-format.ts';
import type { DataReader, Dataset, Records } from './dataset.ts';
import { openTable } from './open-table.ts';
import { openText } from './open-text.ts';
import type { OpenedSource, OpenRequest } from './source.ts';
import { isEmpty, NO_TABLES, type DataTables } from './tables.ts';

export interface OpenOptions {
  /** Read only what these splits need; all where absent. E0408 where the program has no such split. */
  only?: readonly string[];
  /** Categories and vocabulary of trained weights; else the training split decides, and is read for that. */
  tables?: DataTables | undefined;
}

/**
 * E0201 an undeclared column; E0202 a split of two meanings; E0219 a column without a file; E0404 another
 * shape; E0405 a value that does not fit; E0406 files of one source differ in length; E0407 a share of no
 * record; E0408 unknown split; and those of the formats.
 */
export async function openDataset(
  spec: DataSpec,
  reader: DataReader,
  seed: number,
  options: OpenOptions = {},
): Promise<Dataset> {
  checkNames(spec);
  const only = options.only ?? splitNames(spec);
  for (const name of only) checkSplit(name, spec);
  const base = baseSource(spec);
  const divided = ['train', 'all', ...spec.splits.map(({ split }) => split)];
  const splits = new Map<string, Records>();
  let { tables } = options;
  const decidedBy = tables === undefined ? 'training split' : 'weights';
  if (base !== undefined && (only.some((name) => divided.includes(name)) || (needsTables(spec) && !tables))) {
    const opened = await openSource(base, { spec, reader, seed, splits: spec.splits, tables, decidedBy });
    splits.set('train', opened.rest);
    spec.splits.forEach(({ split }, i) => {
      const part = opened.parts[i];
      if (part) splits.set(split, part);
    });
    tables ??= opened.tables;
  }
  for (const source of spec.sources) {
    if (source === base || !only.includes(source.split)) continue;
    if (needsTables(spec) && tables === undefined) throw undecided(source, spec);
    const opened = await openSource(source, { spec, reader, seed, splits: [], tables, decidedBy });
    splits.set(source.split, opened.rest);
  }
  return new OpenedDataset(splits, splitNames(spec), tables ?? NO_TABLES);
}

/** The names of a program's splits: `train` first, then as written. */
export function splitNames(spec: DataSpec): string[] {
  const names = spec.sources.map(({ split }) => (split === 'all' ? 'train' : split));
  const ordered = [...names.filter((name) => name === 'train'), ...spec.splits.map(({ split }) => split)];
  return [...new Set([...ordered, ...names])];
}

function openSource(source: DataSource, request: OpenRequest): Promise<OpenedSource> {
  return source.format === 'text' ? openText(source, request) : openTable(source, request);
}

/** Whether the training split decides what codes mean. */
function needsTables({ fields, sources }: DataSpec): boolean {
  return (
    fields.some(({ origin }) => origin.kind === 'category') ||
    sources.some((source) => source.format === 'text' && source.tokens.kind !== 'bytes')
  );
}

function undecided({ split, span }: DataSource, spec: DataSpec): RuntimeFailure {
  const what = spec.fields.some(({ origin }) => origin.kind === 'category') ? 'categories' : 'vocabulary';
  return new RuntimeFailure('E0408', `there is no training split to take the ${what} of ${split} from`, {
    span,
    help: 'Add `from train = …`, or give weights that were saved with them.',
  });
}

/** What `split` divides: `train` or `all`, which becomes `train`. */
function baseSource(spec: DataSpec): DataSource | undefined {
  const base = spec.sources.find(({ split }) => split === 'train' || split === 'all');
  const first = spec.splits[0];
  if (base === undefined && first !== undefined) {
    throw new RuntimeFailure('E0408', `the split ${first.split} has nothing to be taken from`, {
      span: first.span,
      help: 'A split divides the source `train` or `all`.',
    });
  }
  return base;
}

/** Every name stands for one split. */
function checkNames(spec: DataSpec): void {
  const seen = new Set<string>();
  for (const { split, span } of [...spec.sources, ...spec.splits]) {
    const name = split === 'all' ? 'train' : split;
    if (seen.has(name)) {
      const what = split === 'all' ? '`all` without a split is train, which' : `the split ${name}`;
      throw new RuntimeFailure('E0202', `${what} is there already`, { span });
    }
    seen.add(name);
  }
}

function checkSplit(name: string, spec: DataSpec): void {
  const known = splitNames(spec);
  if (known.includes(name)) return;
  throw new RuntimeFailure('E0408', `the data ${spec.name} has no split ${name}`, {
    span: spec.span,
    help: `It has ${known.join(', ')}.`,
  });
}

class OpenedDataset implements Dataset {
  readonly splits: ReadonlyMap<string, number>;
  readonly tables?: DataTables;
  private readonly opened: ReadonlyMap<string, Records>;

  constructor(opened: ReadonlyMap<string, Records>, order: readonly string[], tables: DataTables) {
    this.opened = opened;
    if (!isEmpty(tables)) this.tables = tables;
    this.splits = new Map(
      order.flatMap((name) => {
        const records = opened.get(name);
        return records ? [[name, records.count] as const] : [];
      }),
    );
  }

  copy(split: string, field: string, records: Uint32Array, target: Uint8Array): void {
    const source = this.opened.get(split);
    if (source === undefined) throw new Error(`internal: there is no split ${split}`);
    source.copy(field, records, target);
  }
}
