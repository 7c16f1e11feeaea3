/** Names of dtypes as written in a program. */
import type { DType } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { didYouMean } from './nearest.ts';

const DTYPES: Readonly<Record<DType, true>> = { f32: true, f16: true, i32: true, u32: true, bool: true };

/** f32 where none is written. */
export function dtypeOf(context: Context, name: ast.Identifier | undefined): DType {
  if (name === undefined) return 'f32';
  const dtype = (Object.keys(DTYPES) as DType[]).find((known) => known === name.text);
  if (dtype === undefined) {
    context.fail('E0201', name.span, `unknown dtype \`${name.text}\``, {
      help: didYouMean(name.text, Object.keys(DTYPES)) ?? 'the dtypes are f32, f16, i32, u32 and bool',
    });
  }
  return dtype;
}
