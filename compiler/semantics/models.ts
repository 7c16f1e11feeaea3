/**
 * Models as `predict` runs them: forward, in evaluation mode, over a batch of open size. In: a model and its
 * signature. Out: a graph, or nothing where the signature leaves a size open that no step's call decides.
 */
import type { StorageType } from '../../runtime/plan-format.ts';
import { BATCH, equalDimensions, type Dimension } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import { batchAxis, bindColumns } from './columns.ts';
import { Context, type Session } from './context.ts';
import { asAxis } from './convert.ts';
import type { DataBlock, Field } from './data-parts.ts';
import { dtypeOf } from './dtypes.ts';
import { placeIn } from './file-scope.ts';
import { bindParameters } from './functions.ts';
import { visitNames } from './names-in.ts';
import type { ModelProgram } from './program.ts';
import { Scope } from './scope.ts';
import { tensor, type Axis, type InstanceValue } from './values.ts';

export interface ModelSurroundings {
  readonly session: Session;
  readonly constants: Context;
  readonly file: Scope;
  readonly data: DataBlock | undefined;
  /** Inputs that go through a data column's expression, by input name. */
  readonly columns: Readonly<Record<string, string>>;
}

interface InputShape {
  readonly name: string;
  /** Without the batch. */
  readonly axes: readonly Axis[];
  readonly declared: ast.Tensor;
}

export function readModel(
  around: ModelSurroundings,
  declaration: ast.LayerDeclaration,
  value: InstanceValue,
  batch: Dimension,
): ModelProgram | undefined {
  const name = declaration.name.text;
  const context = new Context({
    session: around.session,
    graph: `${name}.predict`,
    training: false,
    batch,
    unit: `model ${name}`,
  });
  const inputs = inputShapes(around, declaration, value);
  if (!inputs) return undefined;
  const span = declaration.name.span;
  const { tensors } = context.graph(span);
  const made: ModelProgram['inputs'] = [];
  const given = inputs.map((input) => {
    const column = around.columns[input.name];
    const id =
      column === undefined
        ? rawInput(context, input, made)
        : columnInput(around, context, input, column, made);
    return { value: tensor(id), span: input.declared.span };
  });
  const result = around.session.machine.call(context, value, {
    span,
    given,
    piped: false,
    place: placeIn(around.file),
  });
  const items = result.kind === 'tuple' ? result.items : [result];
  const outputs = items.map((item, i) => {
    const output = declaration.outputs[i]?.name?.text ?? (items.length === 1 ? 'output' : `output_${i + 1}`);
    if (item.kind === 'tensor') tensors.builder.output(output, item.id, 'result');
    return output;
  });
  const perRecord = items.every((item) => {
    const [first, ...rest] = item.kind === 'tensor' ? tensors.shape(item.id) : [];
    return first !== undefined && equalDimensions(first, batch) && rest.every((d) => typeof d === 'number');
  });
  // What is no value of each record (a score of the whole batch) cannot be predicted record by record.
  if (!perRecord) return undefined;
  return { name, inputs: made, predict: tensors.builder.finish(), outputs, span };
}

/** Sizes by the signature, else by the first call of a step; undefined where neither knows them. */
function inputShapes(
  around: ModelSurroundings,
  declaration: ast.LayerDeclaration,
  value: InstanceValue,
): InputShape[] | undefined {
  const scope = new Scope(around.file);
  for (const [name, argument] of value.instance.arguments) scope.bind(name, argument.value);
  const called = around.session.calls.get(declaration);
  const shapes = declaration.inputs.flatMap((declared, index): InputShape[] => {
    const name = declared.name?.text ?? `input_${index + 1}`;
    const sizes = declaredSizes(around, declared, scope) ?? calledSizes(called?.[index], around.data);
    const axes = sizes?.map((size, i): Axis => {
      const text = `axis ${i + 1} of \`${name}\``;
      return { size, origin: { text, span: declared.span } };
    });
    return axes ? [{ name, axes, declared }] : [];
  });
  return shapes.length === declaration.inputs.length ? shapes : undefined;
}

/** Sizes behind the batch that the signature knows by itself. */
function declaredSizes(
  { constants }: ModelSurroundings,
  { dims }: ast.Tensor,
  scope: Scope,
): number[] | undefined {
  const [first, ...rest] = dims;
  if (first?.kind !== 'dim' || first.value.kind !== 'name' || first.value.name !== 'B') return undefined;
  const sizes: number[] = [];
  for (const dim of rest) {
    if (dim.kind === 'rest' || !isKnown(scope, dim.value)) return undefined;
    const axis = constants.session.diagnostics.guard(() =>
      asAxis(constants, constants.evaluate(dim.value, placeIn(scope)), dim.span),
    );
    if (typeof axis?.size !== 'number') return undefined;
    sizes.push(axis.size);
  }
  return sizes;
}

/** Sizes behind the batch at a call; only a whole batch can be fed record by record. */
function calledSizes(axes: readonly Axis[] | undefined, data: DataBlock | undefined): number[] | undefined {
  const [first, ...rest] = axes ?? [];
  const isBatch = (size: Dimension, symbol: string | undefined): boolean =>
    equalDimensions(size, BATCH) || (symbol === 'B' && size === data?.batch);
  if (!first || !isBatch(first.size, first.origin?.symbol)) return undefined;
  const sizes = rest.flatMap(({ size }) => (typeof size === 'number' ? [size] : []));
  return sizes.length === rest.length ? sizes : undefined;
}

/** Whether every name of a size is a number in view. */
function isKnown(scope: Scope, size: ast.Expression): boolean {
  let known = true;
  visitNames(size, ({ name }, called) => {
    const kind = called ? 'number' : scope.lookup(name)?.get().kind;
    known &&= kind === 'number' || kind === 'dimension';
  });
  return known;
}

function rawInput(context: Context, input: InputShape, made: ModelProgram['inputs']): number {
  const { span } = input.declared;
  const dtype = dtypeOf(context, input.declared.dtype);
  const storage: StorageType = dtype === 'i32' || dtype === 'u32' ? dtype : dtype === 'bool' ? 'u32' : 'f32';
  context.current = span;
  const batch = batchAxis(context.batch ?? BATCH, { text: `the batch of \`${input.name}\``, span });
  const axes = [batch, ...input.axes];
  const { tensors } = context.graph(span);
  const raw = tensors.input(input.name, storage, dtype === 'bool' ? 'u32' : dtype, axes);
  made.push({ name: input.name, shape: input.axes.map((axis) => axis.size as number), dtype, storage });
  return dtype === 'bool' ? tensors.binary('ne', raw, tensors.constant(0, 'u32')) : raw;
}

/** Records given by hand come in the field's dtype, whatever the data files hold. */
const storageOf = ({ dtype }: Field): StorageType =>
  dtype === 'bool' ? 'u32' : dtype === 'i32' || dtype === 'u32' ? dtype : 'f32';

/** The column's expression over raw records, which come in the column's dtype. */
function columnInput(
  around: ModelSurroundings,
  context: Context,
  input: InputShape,
  column: string,
  made: ModelProgram['inputs'],
): number {
  const { span } = input.declared;
  const { data } = around;
  if (!data) return context.fail('E0201', span, `there is no data column \`${column}\``);
  const scope = new Scope(around.file);
  const used = new Set<Field>();
  bindColumns(context, data, around.file, scope, (field) => {
    used.add(field);
    return { name: input.name, storage: storageOf(field) };
  });
  const value = scope.lookup(column)?.get();
  if (value?.kind !== 'tensor') return context.fail('E0201', span, `there is no data column \`${column}\``);
  const [field, ...others] = used;
  // The records given by hand are those of one field: its own, or the only call.
  const stranger = [field, ...others].find(
    (each) =>
      each !== undefined && each.name !== input.name && (others.length > 0 || each.origin.kind === 'array'),
  );
  if (stranger) {
    context.fail(
      'E0901',
      span,
      `the column \`${column}\` is made of \`${stranger.name}\`: predicting through it is not supported yet`,
      {
        help: 'give the input as the model takes it, with --as-is',
      },
    );
  }
  if (field)
    made.push({ name: input.name, shape: [...field.shape], dtype: field.dtype, storage: storageOf(field) });
  return value.id;
}

/** Parameters of a model without defaults have no value anywhere. */
export function checkModelParameters(
  constants: Context,
  declaration: ast.LayerDeclaration,
  file: Scope,
): void {
  const { name, parameters } = declaration;
  const site = { span: name.span, given: [], piped: false, place: placeIn(file) };
  bindParameters(constants, name.text, parameters, site, new Scope(file));
}
