/** Builtins that make tensors of others or of numbers: concat, stack, iota, zeros, ones, full, look-ups. */
import { equalDimensions, equalShapes } from '../../graph/dimension.ts';
import { asAxisIndex, asTensor, numberAs } from '../convert.ts';
import { unifyDtypes } from '../operators.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, printAxis, sizes } from '../tensors.ts';
import { integer, tensor, type Axis, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const ONE: Axis = { size: 1 };

/** The tensors of a rest parameter, of one dtype. */
function joined(call: BuiltinCall): number[] {
  const operands = call.spreadRest();
  if (operands.length === 0) call.fail('E0212', call.span, `\`${call.name}\` needs tensors`);
  return unifyDtypes(call.context, operands, call.span, `\`${call.name}\``);
}

function requireEqual(call: BuiltinCall, ids: readonly number[], except: number | undefined): void {
  const [first, ...others] = ids.map((id) => call.tensors.axes(id));
  for (const axes of others) {
    if (!first) break;
    const differs =
      axes.length !== first.length
        ? -1
        : axes.findIndex((axis, i) => i !== except && !equalDimensions(axis.size, first[i]?.size ?? 1));
    if (axes.length === first.length && differs < 0) continue;
    call.fail('E0204', call.span, `\`${call.name}\` of ${printAxes(first)} and ${printAxes(axes)}`, {
      related: originNotes(differs < 0 ? [] : [first[differs], axes[differs]]),
    });
  }
}

const concat: Builtin = {
  parameters: [parameter.rest('tensors', 'value'), parameter.optional('axis', 'axis', integer(-1))],
  run: (call) => {
    const ids = joined(call);
    const rank = call.tensors.rank(ids[0] as number);
    const axis = call.axis('axis', rank);
    requireEqual(call, ids, axis);
    return tensor(call.tensors.concat(ids, axis));
  },
};

const stack: Builtin = {
  parameters: [parameter.rest('tensors', 'value'), parameter.optional('axis', 'axis', integer(0))],
  run: (call) => {
    const ids = joined(call);
    requireEqual(call, ids, undefined);
    const axes = call.tensors.axes(ids[0] as number);
    const { value, span } = call.argument('axis');
    const at = asAxisIndex(call.context, value, span, axes.length + 1);
    const open = [...axes.slice(0, at), ONE, ...axes.slice(at)];
    return tensor(
      call.tensors.concat(
        ids.map((id) => call.tensors.reshape(id, open)),
        at,
      ),
    );
  },
};

const iota: Builtin = {
  parameters: [parameter.required('n', 'size')],
  run: (call) => tensor(call.tensors.iota(call.size('n'))),
};

/** `zeros(dims…)` is a tensor; `zeros()` an initializer. */
function filled(value: 0 | 1): Builtin {
  return {
    parameters: [parameter.rest('dims', 'value')],
    run: (call): Value => {
      const kind = value === 0 ? 'zeros' : 'ones';
      if (call.rest.length === 0) return { kind: 'initializer', initializer: { kind } };
      return tensor(call.tensors.broadcast(call.tensors.constant(value, 'f32'), call.sizes()));
    },
  };
}

const full: Builtin = {
  parameters: [parameter.required('v', 'operand'), parameter.rest('dims', 'value')],
  run: (call) => {
    const { value, span } = call.argument('v');
    const id = asTensor(call.context, value, span);
    if (call.tensors.rank(id) !== 0) call.fail('E0204', span, 'the value of `full` is a scalar');
    return tensor(call.tensors.broadcast(id, call.sizes()));
  },
};

/** A bound on what may stand in a raw field of the data: labels below the number of classes. */
export function boundLabels(call: BuiltinCall, index: number, below: Axis): void {
  const field = call.graph.fields.get(index);
  if (field === undefined || typeof below.size !== 'number') return;
  const { bounds } = call.context.session;
  bounds.set(field, Math.min(bounds.get(field) ?? Infinity, below.size));
}

function requireIndex(call: BuiltinCall, name: string, what: string): number {
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

/**
 * Labels of a classification loss: u32, one for each row of the scores. Gives them back, and tells the data
 * loader how many classes there are where `bounded`.
 */
const checkLabels: Builtin = {
  internal: true,
  parameters: [
    parameter.required('label', 'tensor'),
    parameter.required('scores', 'tensor'),
    parameter.required('bounded', 'boolean'),
  ],
  run: (call) => {
    const label = requireIndex(call, 'label', 'a label');
    const { tensors } = call;
    const scores = tensors.axes(call.tensor('scores'));
    const labels = tensors.axes(label);
    const classes = scores.at(-1);
    if (!classes) return call.fail('E0204', call.spanOf('scores'), 'the scores have no axis of classes');
    if (!equalShapes(sizes(scores.slice(0, -1)), sizes(labels))) {
      const differs = labels.findIndex((axis, i) => !equalDimensions(axis.size, scores[i]?.size ?? 0));
      const related = differs < 0 ? undefined : originNotes([scores[differs], labels[differs]]);
      call.fail(
        'E0204',
        call.spanOf('label'),
        `labels ${printAxes(labels)} for scores ${printAxes(scores)}: ${printAxes(scores.slice(0, -1))} is due`,
        { related },
      );
    }
    if (call.boolean('bounded')) boundLabels(call, label, classes);
    return tensor(label);
  },
};

/** The weights of labels: one a label. */
const checkWeight: Builtin = {
  internal: true,
  parameters: [parameter.required('weight', 'tensor'), parameter.required('label', 'tensor')],
  run: (call) => {
    const weight = call.floats('weight');
    const [given, due] = [call.tensors.axes(weight), call.tensors.axes(call.tensor('label'))];
    if (!equalShapes(sizes(given), sizes(due))) {
      call.fail(
        'E0204',
        call.spanOf('weight'),
        `weights ${printAxes(given)} for labels ${printAxes(due)}: there is one weight a label`,
        { help: 'weights of classes become weights of labels by `take(weights, label)`' },
      );
    }
    return tensor(weight);
  },
};

export const JOINING: Readonly<Record<string, Builtin>> = {
  concat,
  stack,
  iota,
  zeros: filled(0),
  ones: filled(1),
  full,
  take,
  scatter_add: scatterAdd,
  one_hot: oneHot,
  check_labels: checkLabels,
  check_weight: checkWeight,
};
