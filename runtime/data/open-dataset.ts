/**
 * Opens the data of a program. In: the `data` block as the listing tells it, a reader of files, the run's seed.
 * Out: a Dataset with every file read, checked and divided into splits. Raw bytes stay bytes in memory.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataSource, DataSpec, FieldSpec } from '../plan-format.ts';
import { copyRecords, fitColumn, type Column } from './column.ts';
import type { DataReader, Dataset } from './dataset.ts';
import { loadFile } from './load-file.ts';
import { divideRecords } from './splits.ts';

export interface OpenOptions {
  /** Read only what these splits need; all where absent. E0408 where the program has no such split. */
  only?: readonly string[];
}

interface Source {
  records: number;
  columns: Map<string, Column>;
}

/** A split: records of a source, all of them in order where `records` is absent. */
interface Split {
  source: Source;
  records?: Uint32Array;
}

/**
 * E0201 an undeclared column; E0202 a split of two meanings; E0219 a column without a file; E0404 another
 * shape; E0405 a value that does not fit; E0406 files of one source differ in length; E0407 a share of no
 * record; E0408 unknown split; and those of loadFile.
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
  const divided = new Set(['train', 'all', ...spec.splits.map((split) => split.split)]);
  const splits = new Map<string, Split>();
  for (const source of spec.sources) {
    const isBase = source === base;
    if (!only.some((name) => (isBase ? divided.has(name) : name === source.split))) continue;
    const opened = await openSource(source, spec.fields, reader);
    if (isBase && spec.splits.length > 0) {
      const { parts, rest } = divideRecords(opened.records, spec.splits, seed, `split ${spec.name}`);
      splits.set('train', { source: opened, records: rest });
      spec.splits.forEach(({ split }, i) => splits.set(split, { source: opened, records: parts[i] }));
    } else {
      splits.set(isBase ? 'train' : source.split, { source: opened });
    }
  }
  return new OpenedDataset(splits, splitNames(spec));
}

/** The names of a program's splits: `train` first, then as written. */
export function splitNames(spec: DataSpec): string[] {
  const names = spec.sources.map(({ split }) => (split === 'all' ? 'train' : split));
  const ordered = [...names.filter((name) => name === 'train'), ...spec.splits.map(({ split }) => split)];
  return [...new Set([...ordered, ...names])];
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

async function openSource(
  source: DataSource,
  fields: readonly FieldSpec[],
  reader: DataReader,
): Promise<Source> {
  const columns = new Map<string, Column>();
  let first: { file: string; records: number } | undefined;
  for (const { field: name, path, span } of source.files) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field === undefined) {
      throw new RuntimeFailure('E0201', `the data declares no column ${name}`, {
        span,
        help: `Its columns are ${fields.map((known) => known.name).join(', ')}.`,
      });
    }
    const place = { file: reader.display(path), span };
    const column = fitColumn(await loadFile(source.format, path, reader, place), field, place);
    first ??= { file: place.file, records: column.records };
    if (column.records !== first.records) {
      throw new RuntimeFailure(
        'E0406',
        `${first.file} has ${first.records} records, ${place.file} has ${column.records}`,
        { span: source.span, help: 'The files of one source hold the columns of the same records.' },
      );
    }
    columns.set(name, column);
  }
  for (const { name } of fields) {
    if (columns.has(name)) continue;
    throw new RuntimeFailure('E0219', `the source ${source.split} has no file for the column ${name}`, {
      span: source.span,
      help: `Add ${name} = "…" to it: every source has every column.`,
    });
  }
  return { records: first?.records ?? 0, columns };
}

class OpenedDataset implements Dataset {
  readonly splits: ReadonlyMap<string, number>;
  private readonly opened: ReadonlyMap<string, Split>;

  constructor(opened: ReadonlyMap<string, Split>, order: readonly string[]) {
    this.opened = opened;
    this.splits = new Map(
      order.flatMap((name) => {
        const split = opened.get(name);
        return split ? [[name, split.records?.length ?? split.source.records] as const] : [];
      }),
    );
  }

  copy(split: string, field: string, records: Uint32Array, target: Uint8Array): void {
    const { source, records: chosen } = this.opened.get(split) ?? {};
    const column = source?.columns.get(field);
    if (column === undefined) throw new Error(`internal: the split ${split} has no column ${field}`);
    copyRecords(column, chosen ? records.map((record) => chosen[record] ?? 0) : records, target);
  }
}
