/** What a `data` block is read into: columns, raw fields, sources and settings. Types only. */
import type {
  DataSource,
  DataSpec,
  DType,
  FieldOrigin,
  Span,
  StorageType,
} from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';

export interface Column {
  readonly name: string;
  readonly declared: ast.Tensor;
  readonly value: ast.Expression | undefined;
  /** Of one record. */
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly span: Span;
}

/** A raw tensor of the data, before any expression. */
export interface Field {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly storage: StorageType;
  readonly origin: FieldOrigin;
  readonly span: Span;
}

export interface DataBlock {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Columns whose declaration is wrong: their names are known, their values are not. */
  readonly broken: readonly ast.Identifier[];
  /** Arrays, by name. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Fields that calls in columns stand for, in the order they are met. */
  readonly called: Map<string, Field>;
  /** A source is wrong, or some field of it has no column; what columns lack may be a part of that. */
  readonly unmatched: boolean;
  readonly sources: readonly DataSource[];
  readonly splits: DataSpec['splits'];
  readonly batch: number;
  readonly batchSpan: Span;
  readonly shuffle: boolean;
  readonly span: Span;
}
