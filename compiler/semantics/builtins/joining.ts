/** Builtins that make tensors of others or of numbers: concat, stack, iota, zeros, ones, full. */
import { equalDimensions, equalShapes } from '../../graph/dimension.ts';
import { asAxisIndex, asTensor } from '../convert.ts';
import { unifyDtypes } from '../operators.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, sizes } from '../tensors.ts';
import { integer, tensor, type Axis, type Value } from '../values.ts';
import { boundLabels, requireIndex } from './look-ups.ts';
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
    const weight = call.singles('weight');
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
  check_labels: checkLabels,
  check_weight: checkWeight,
};
