/** Reductions over one axis, several or all; the reduced axes disappear unless `keep`. bool counts as 0 and 1. */
import { boolean, float, integer, size, tensor, type Value } from '../values.ts';
import { shapeProduct } from '../../graph/dimension.ts';
import { sizes } from '../tensors.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

type ReduceOp = 'reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_prod';

const PARAMETERS = [
  parameter.required('x', 'tensor'),
  parameter.optional('axis', 'axes'),
  parameter.optional('keep', 'boolean', boolean(false)),
];

/** Reads `x`, `axis` and `keep` of a call. */
export function reduce(call: BuiltinCall, op: ReduceOp): Value {
  const value = call.value('x');
  // Extremes over the axes of a tuple of numbers, `max(x.shape)`, have no tensor to reduce.
  let id = call.tensor('x');
  if (value.kind === 'tensor' && call.tensors.dtype(id) === 'bool') {
    if (op !== 'reduce_sum') {
      call.fail('E0209', call.spanOf('x'), `\`${call.name}\` does not take bool`, {
        help: 'use `any` or `all`, or cast it: `f32(…)`',
      });
    }
    id = call.tensors.cast(id, 'f32');
  }
  const axes = call.axes('axis', call.tensors.rank(id));
  return tensor(call.tensors.reduce(op, id, axes, call.boolean('keep')));
}

const reduction = (op: ReduceOp): Builtin => ({ parameters: PARAMETERS, run: (call) => reduce(call, op) });

function argument(op: 'argmax' | 'argmin'): Builtin {
  return {
    parameters: [
      parameter.required('x', 'tensor'),
      parameter.optional('axis', 'axis', integer(-1)),
      parameter.optional('keep', 'boolean', boolean(false)),
    ],
    run: (call) => {
      const id = call.tensor('x');
      if (call.tensors.dtype(id) === 'bool') {
        call.fail('E0209', call.spanOf('x'), `\`${op}\` does not take bool`, { help: 'cast it: `f32(…)`' });
      }
      const axis = call.axis('axis', call.tensors.rank(id));
      return tensor(call.tensors.argument(op, id, axis, call.boolean('keep')));
    },
  };
}

/** bool counts as 0 and 1, as in `sum`. */
const cumsum: Builtin = {
  parameters: [parameter.required('x', 'tensor'), parameter.optional('axis', 'axis', integer(-1))],
  run: (call) => {
    const given = call.tensor('x');
    const id = call.tensors.dtype(given) === 'bool' ? call.tensors.cast(given, 'f32') : given;
    return tensor(call.tensors.cumsum(id, call.axis('axis', call.tensors.rank(id))));
  },
};

/** Number of elements that a reduction takes together. */
const elementCount: Builtin = {
  internal: true,
  parameters: [parameter.required('x', 'tensor'), parameter.optional('axis', 'axes')],
  run: (call) => {
    const shape = call.tensors.axes(call.tensor('x'));
    const axes = call.axes('axis', shape.length).map((axis) => shape[axis] ?? { size: 1 });
    const product = shapeProduct(sizes(axes));
    if (product !== undefined) {
      const value = size(product);
      return value.kind === 'number' ? float(value.value) : value;
    }
    // A size with the batch in it twice is only known as a number of the run.
    const factors = axes.map((axis) => call.tensors.constant(axis.size, 'f32'));
    return tensor(factors.reduce((a, b) => call.tensors.binary('mul', a, b)));
  },
};

export const REDUCTIONS: Readonly<Record<string, Builtin>> = {
  sum: reduction('reduce_sum'),
  prod: reduction('reduce_prod'),
  argmax: argument('argmax'),
  argmin: argument('argmin'),
  cumsum,
  element_count: elementCount,
};
