/**
 * Tensors `name[dims] dtype`: concrete to abstract syntax. In: nodes without errors. Out: `Tensor`. Reported:
 * a name that is missing, a dtype that is none, a range where a dimension stands.
 */
import type { CstNode, IToken } from 'chevrotain';
import type { DType } from '../../runtime/plan-format.ts';
import type { Dimension, Identifier, Tensor, WeightDeclaration } from './ast.ts';
import { buildExpression, buildRanges, identifier } from './build-expressions.ts';
import { maybeNode, maybeToken, node, nodes, placeOfNode, token } from './cst.ts';
import { assignedByParts } from './explain-beginning.ts';
import { placeOf } from './misfit.ts';
import type { Context } from './operators.ts';
import { endOf } from './tokens.ts';
import { meant } from './words.ts';

const DTYPES: readonly DType[] = ['f32', 'f16', 'i32', 'u32', 'bool'];

/** Spellings of elsewhere. */
const OTHER_DTYPES: ReadonlyMap<string, DType> = new Map([
  ['float', 'f32'], ['float32', 'f32'], ['half', 'f16'], ['float16', 'f16'],
  ['int', 'i32'], ['int32', 'i32'], ['uint32', 'u32'], ['boolean', 'bool'],
]); // prettier-ignore

export function buildTensor(tensor: CstNode, context: Context, nameless: 'allowed' | 'refused'): Tensor {
  const place = placeOfNode(tensor);
  const name = maybeToken(tensor, 'Name');
  if (!name && nameless === 'refused') missingName(place.start, context);
  const dims = nodes(tensor, 'dimension').map((dimension): Dimension => {
    const { start, end } = placeOfNode(dimension);
    const span = context.source.span(start, end);
    const value = maybeNode(dimension, 'expression');
    return value ? { kind: 'dim', value: buildExpression(value, context), span } : { kind: 'rest', span };
  });
  return {
    ...(name ? { name: identifier(name, context) } : {}),
    dims,
    ...dtypeOf(tensor, context),
    span: context.source.span(place.start, place.end),
  };
}

function dtypeOf(tensor: CstNode, context: Context): { dtype?: Identifier } {
  const dtype = maybeToken(tensor, 'dtype');
  if (!dtype) return {};
  if (!(DTYPES as readonly string[]).includes(dtype.image)) refuseDtype(dtype, context);
  return { dtype: identifier(dtype, context) };
}

function refuseDtype(dtype: IToken, { problems }: Context): void {
  const other = OTHER_DTYPES.get(dtype.image);
  problems.push({
    code: 'E0201',
    ...placeOf(dtype),
    message: `unknown dtype \`${dtype.image}\``,
    help: other
      ? `write \`${other}\``
      : (meant(dtype.image, DTYPES) ?? 'dtypes are f32, f16, i32, u32 and bool'),
  });
}

function missingName(start: number, { problems }: Context): void {
  const message = 'the tensor needs a name';
  const help = 'write `name[…]`; only a tensor after the `->` of a signature may go without';
  problems.push({ code: 'E0102', start, end: start + 1, message, help });
}

/** The tensor of a column, whose brackets hold any index in the grammar; undefined where one is no dimension. */
export function buildColumnTensor(column: CstNode, context: Context): Tensor | undefined {
  const { start } = placeOfNode(column);
  const name = maybeToken(column, 'Name');
  const close = token(column, 'RightBracket');
  const list = maybeNode(column, 'ranges');
  const dims: Dimension[] = [];
  for (const range of list ? buildRanges(list, context) : []) {
    if (range.kind === 'slice') {
      context.problems.push(assignedByParts(start, endOf(close)));
      return undefined;
    }
    dims.push(range.kind === 'rest' ? range : { kind: 'dim', value: range.index, span: range.span });
  }
  if (!name) missingName(start, context);
  const dtype = maybeToken(column, 'dtype');
  return {
    ...(name ? { name: identifier(name, context) } : {}),
    dims,
    ...dtypeOf(column, context),
    span: context.source.span(start, endOf(dtype ?? close)),
  };
}

/** A `param` or `state`, or the carry of a `scan`. */
export function buildWeight(weight: CstNode, context: Context): WeightDeclaration {
  const { start, end } = placeOfNode(weight);
  const value = maybeNode(weight, 'expression');
  return {
    tensor: buildTensor(node(weight, 'tensor'), context, 'refused'),
    ...(value ? { value: buildExpression(value, context) } : {}),
    span: context.source.span(start, end),
  };
}
