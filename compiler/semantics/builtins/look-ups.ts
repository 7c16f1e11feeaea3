/** Builtins that look up by an index: take, gather, scatter_add, one_hot, top_k. */
import { equalDimensions, equalShapes } from '../../graph/dimension.ts';
import { numberAs } from '../convert.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, printAxis, sizes } from '../tensors.ts';
import { integer, tensor, tuple, type Axis } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const ONE: Axis = { size: 1 };

/** A bound on what may stand in a raw field of the data: labels below the number of classes. */
export function boundLabels(call: BuiltinCall, index: number, below: Axis): void {
  const field = call.graph.fields.get(index);
  if (field === undefined || typeof below.size !== 'number') return;
  const { bounds } = call.context.session;
  bounds.set(field, Math.min(bounds.get(field) ?? Infinity, below.size));
}

export function requireIndex(call: BuiltinCall, name: string, what: string): number {
  const { value, span } = call.argument(name);
  const id = value.kind === 'number' ? numberAs(call.context, value, 'u32', span) : call.tensor(name);
  const dtype = call.tensors.dtype(id);
  if (dtype !== 'u32') {
    call.fail('E0209', span, `${what} is u32, not ${dtype}`, {
      help: 'declare the column as u32 (`label[B] u32`), or cast it: `u32(…)`',
    });
  }
  return id;
}

const take: Builtin = {
  parameters: [
    parameter.required('x', 'tensor'),
    parameter.required('index', 'operand'),
    parameter.optional('axis', 'axis', integer(0)),
  ],
  run: (call) => {
    const id = call.tensor('x');
    const axis = call.axis('axis', call.tensors.rank(id));
    const number = call.value('index');
    const along = call.tensors.axes(id)[axis] ?? ONE;
    if (number.kind === 'number' && typeof along.size === 'number' && number.value >= along.size) {
      call.fail(
        'E0216',
        call.spanOf('index'),
        `index ${number.value} is out of range: the axis has ${printAxis(along)}`,
      );
    }
    const index = requireIndex(call, 'index', 'an index');
    boundLabels(call, index, along);
    return tensor(call.tensors.take(id, index, axis));
  },
};

const scatterAdd: Builtin = {
  parameters: [
    parameter.required('x', 'tensor'),
    parameter.required('index', 'tensor'),
    parameter.required('src', 'tensor'),
    parameter.optional('axis', 'axis', integer(0)),
  ],
  run: (call) => {
    const [id, source] = [call.tensor('x'), call.tensor('src')];
    const { tensors } = call;
    const axis = call.axis('axis', tensors.rank(id));
    const index = requireIndex(call, 'index', 'an index');
    if (tensors.rank(index) !== 1)
      call.fail('E0204', call.spanOf('index'), 'the index of `scatter_add` has one axis');
    if (tensors.dtype(id) !== tensors.dtype(source)) {
      call.fail('E0209', call.span, `\`scatter_add\` of ${tensors.dtype(id)} and ${tensors.dtype(source)}`);
    }
    const due = tensors.axes(id).map((old, i) => (i === axis ? (tensors.axes(index)[0] ?? ONE) : old));
    if (!equalShapes(sizes(due), tensors.shape(source))) {
      call.fail(
        'E0204',
        call.spanOf('src'),
        `\`src\` is ${printAxes(tensors.axes(source))}, ${printAxes(due)} is due`,
      );
    }
    return tensor(tensors.scatterAdd(id, index, source, axis));
  },
};

const oneHot: Builtin = {
  parameters: [parameter.required('i', 'operand'), parameter.required('n', 'size')],
  run: (call) => {
    const index = requireIndex(call, 'i', 'the index of `one_hot`');
    const classes = call.size('n');
    boundLabels(call, index, classes);
    const column = call.tensors.reshape(index, [...call.tensors.axes(index), ONE]);
    const hit = call.tensors.binary('eq', column, call.tensors.iota(classes));
    return tensor(call.tensors.cast(hit, 'f32'));
  },
};

/** PyTorch's gather: the index has the result's shape and, off the axis, at most the sizes of x. */
const gather: Builtin = {
  parameters: [
    parameter.required('x', 'tensor'),
    parameter.required('index', 'tensor'),
    parameter.required('axis', 'axis'),
  ],
  run: (call) => {
    const id = call.tensor('x');
    const { tensors } = call;
    const from = tensors.axes(id);
    const axis = call.axis('axis', from.length);
    const index = requireIndex(call, 'index', 'an index');
    const wanted = tensors.axes(index);
    const wrong = wanted.findIndex((size, i) => i !== axis && !fitsInto(size, from[i]));
    if (wanted.length !== from.length || wrong >= 0) {
      call.fail('E0204', call.spanOf('index'), `\`gather\` of ${printAxes(from)} by ${printAxes(wanted)}`, {
        help:
          wanted.length !== from.length
            ? 'the index has as many axes as `x`; `take` selects whole slices'
            : `off axis ${axis} the index is at most as large as \`x\``,
        related: originNotes(wrong < 0 ? [] : [from[wrong], wanted[wrong]]),
      });
    }
    boundLabels(call, index, from[axis] ?? ONE);
    const part = tensors.slice(
      id,
      from.map(() => 0),
      from.map((size, i) => (i === axis ? size : (wanted[i] ?? ONE)).size),
      from.map(() => 1),
    );
    return tensor(tensors.gather(equalShapes(tensors.shape(part), sizes(from)) ? id : part, index, axis));
  },
};

function fitsInto(size: Axis, whole: Axis | undefined): boolean {
  if (!whole) return false;
  const known = typeof size.size === 'number' && typeof whole.size === 'number';
  return known ? size.size <= whole.size : equalDimensions(size.size, whole.size);
}

/** `(values, indices)`, largest first; the values can be differentiated. */
const topK: Builtin = {
  parameters: [
    parameter.required('x', 'tensor'),
    parameter.required('k', 'integer'),
    parameter.optional('axis', 'axis', integer(-1)),
  ],
  run: (call) => {
    const id = call.tensor('x');
    const { tensors } = call;
    const axis = call.axis('axis', tensors.rank(id));
    const along = tensors.axes(id)[axis] ?? ONE;
    const k = call.number('k');
    if (tensors.dtype(id) === 'bool') {
      call.fail('E0209', call.spanOf('x'), '`top_k` does not take bool', { help: 'cast it: `f32(…)`' });
    }
    if (typeof along.size !== 'number') {
      return call.fail(
        'E0217',
        call.spanOf('x'),
        '`top_k` needs an axis whose size is known at compile time',
      );
    }
    if (k < 1 || k > along.size) {
      const notes = originNotes([along]);
      call.fail('E0220', call.spanOf('k'), `\`k\` lies between 1 and ${printAxis(along)}, this is ${k}`, {
        related: notes,
      });
    }
    const indices = tensors.topK(id, axis, k);
    return tuple([tensor(tensors.gather(id, indices, axis)), tensor(indices)]);
  },
};

/**
 * `metric top5 = top_k(logits, label, 5)`: the share of records whose label is among the k largest logits. A mean
 * over records, so the mean of a split is that over all its records.
 */
const topKMetric: Builtin = {
  internal: true,
  shown: 'top_k',
  parameters: [
    parameter.required('logits', 'tensor'),
    parameter.required('label', 'tensor'),
    parameter.required('k', 'integer'),
  ],
  run: (call) => {
    const { tensors } = call;
    const logits = call.tensor('logits');
    const scores = tensors.axes(logits);
    const label = requireIndex(call, 'label', 'a label');
    const labels = tensors.axes(label);
    const classes = scores.at(-1);
    if (!classes || !equalShapes(sizes(scores.slice(0, -1)), sizes(labels))) {
      return call.fail(
        'E0204',
        call.spanOf('label'),
        `labels ${printAxes(labels)} for logits ${printAxes(scores)}: ${printAxes(scores.slice(0, -1))} is due`,
        { related: originNotes([...scores.slice(0, -1), ...labels]) },
      );
    }
    const [count, k] = [classes.size, call.number('k')];
    if (typeof count !== 'number' || k < 1 || k > count) {
      return call.fail(
        'E0220',
        call.spanOf('k'),
        `\`k\` lies between 1 and ${printAxis(classes)}, this is ${k}`,
        {
          related: originNotes([classes]),
        },
      );
    }
    boundLabels(call, label, classes);
    const best = tensors.topK(logits, scores.length - 1, k);
    const hit = tensors.cast(tensors.binary('eq', best, tensors.reshape(label, [...labels, ONE])), 'f32');
    const all = scores.map((_, axis) => axis);
    const sum = tensors.reduce('reduce_sum', hit, all, false);
    const records = labels.map(({ size }) => tensors.constant(size, 'f32'));
    return tensor(records.reduce((total, each) => tensors.binary('div', total, each), sum));
  },
};

export const LOOK_UPS: Readonly<Record<string, Builtin>> = {
  take,
  gather,
  scatter_add: scatterAdd,
  one_hot: oneHot,
  top_k: topK,
  'metric.top_k': topKMetric,
};
