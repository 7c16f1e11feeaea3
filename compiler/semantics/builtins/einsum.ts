/**
 * `einsum("bij,bkj->bik", a, b)`. In: an equation and its operands. Out: diagonals, transposes, reshapes,
 * products and sums; operands are joined from left to right. Without `->` the result has the letters that stand once, in
 * alphabetical order; `...` stands for axes that broadcast, as in NumPy. An axis of size 1 broadcasts against
 * its letter, as in PyTorch.
 */
import { equalDimensions, shapeProduct } from '../../graph/dimension.ts';
import { isFloat } from '../../graph/op-row.ts';
import { asTensor } from '../convert.ts';
import { matchEquation, type Subscripts } from './einsum-equation.ts';
import { sizes, type Tensors } from '../tensors.ts';
import { tensor, type Axis } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

/** A tensor whose axes have names. */
interface Named {
  readonly id: number;
  readonly labels: readonly string[];
}

const ONE: Axis = { size: 1 };

const einsum: Builtin = {
  parameters: [parameter.required('equation', 'string'), parameter.rest('operands', 'value')],
  run: (call) => {
    const ids = call.rest.map(({ value, span }) => {
      const id = asTensor(call.context, value, span);
      const dtype = call.tensors.dtype(id);
      if (!isFloat(dtype)) {
        call.fail('E0209', span, `\`einsum\` takes f32, not ${dtype}`, { help: 'cast it: `f32(…)`' });
      }
      return id;
    });
    const [dtype, other] = [...new Set(ids.map((id) => call.tensors.dtype(id)))];
    if (other !== undefined) {
      call.fail('E0209', call.span, `\`einsum\` of ${dtype} and ${other}`, {
        help: 'tensors of two dtypes need a cast: `f16(…)` or `f32(…)`',
      });
    }
    const { operands, result } = matchEquation(call, ids);
    const named = operands.map((labels, i) => prepared(call, ids[i] as number, labels, operands));
    const [first, ...others] = named;
    if (!first) throw new Error('internal: an einsum of nothing');
    const joined = others.reduce((left, right, i) => {
      const later = new Set([...result, ...named.slice(i + 2).flatMap(({ labels }) => labels)]);
      return contracted(call, left, right, later);
    }, first);
    return tensor(arranged(call, joined, result));
  },
};

/** Repeated letters become diagonals; an axis of size 1 whose letter is longer elsewhere is dropped. */
function prepared(
  { tensors }: BuiltinCall,
  operand: number,
  { labels: given }: Subscripts,
  all: readonly Subscripts[],
): Named {
  let id = operand;
  const labels = [...given];
  for (;;) {
    const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
    if (second < 0) break;
    id = tensors.diagonal(id, labels.indexOf(labels[second] as string), second);
    labels.splice(second, 1);
  }
  const axes = tensors.axes(id);
  const kept = labels.map((label, i) => {
    const longer = all.some(({ axes: others, labels: names }) =>
      names.some((name, k) => name === label && !equalDimensions(others[k]?.size ?? 1, 1)),
    );
    return !(longer && equalDimensions((axes[i] ?? ONE).size, 1));
  });
  return {
    id: tensors.reshape(
      id,
      axes.filter((_, i) => kept[i]),
    ),
    labels: labels.filter((_, i) => kept[i]),
  };
}

/** Two operands as one: letters that nothing later needs are summed over. */
function contracted(call: BuiltinCall, left: Named, right: Named, later: ReadonlySet<string>): Named {
  const { tensors } = call;
  const a = summed(tensors, left, (label) => later.has(label) || right.labels.includes(label));
  const b = summed(tensors, right, (label) => later.has(label) || left.labels.includes(label));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const inner = shared.filter((label) => !later.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...rows, ...columns];
  const axesOf = (of: Named, names: readonly string[]): Axis[] =>
    names.map((name) => tensors.axes(of.id)[of.labels.indexOf(name)] ?? ONE);
  const due = [...axesOf(a, batch), ...axesOf(a, rows), ...axesOf(b, columns)];
  const x = ordered(tensors, a, [...batch, ...rows, ...inner]);
  const y = ordered(tensors, b, [...batch, ...inner, ...columns]);
  if (inner.length === 0) {
    const wide = tensors.reshape(x, [...axesOf(a, batch), ...axesOf(a, rows), ...columns.map(() => ONE)]);
    const tall = tensors.reshape(y, [...axesOf(b, batch), ...rows.map(() => ONE), ...axesOf(b, columns)]);
    return { id: tensors.binary('mul', wide, tall), labels };
  }
  const flat = (axes: readonly Axis[]): Axis => ({
    size:
      shapeProduct(sizes(axes)) ??
      call.fail(
        'E0217',
        call.span,
        'the size of the batch is not known here: it cannot be on two axes of an operand of `einsum`',
        { help: 'give the program a `data` block, whose `batch` is a number' },
      ),
  });
  const [m, k, n] = [axesOf(a, rows), axesOf(a, inner), axesOf(b, columns)].map(flat) as [Axis, Axis, Axis];
  const front = axesOf(a, batch);
  const product = tensors.matmul(tensors.reshape(x, [...front, m, k]), tensors.reshape(y, [...front, k, n]));
  return { id: tensors.reshape(product, due), labels };
}

function summed(tensors: Tensors, { id, labels }: Named, keep: (label: string) => boolean): Named {
  const axes = labels.flatMap((label, i) => (keep(label) ? [] : [i]));
  return { id: tensors.reduce('reduce_sum', id, axes, false), labels: labels.filter(keep) };
}

const ordered = (tensors: Tensors, { id, labels }: Named, wanted: readonly string[]): number =>
  tensors.transpose(
    id,
    wanted.map((label) => labels.indexOf(label)),
  );

/** The result's letters in their order. */
function arranged(call: BuiltinCall, joined: Named, result: readonly string[]): number {
  const { tensors } = call;
  const last = summed(tensors, joined, (label) => result.includes(label));
  return ordered(tensors, last, result);
}

export const EINSUM: Readonly<Record<string, Builtin>> = { einsum };
