/** Builtins of `train` blocks: the rules `best` and `every`, metrics over a split. */
import { NONE, boolean, integer, tensor, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const best: Builtin = {
  parameters: [parameter.required('watch', 'watch'), parameter.required('to', 'string')],
  run: (call): Value => {
    const { watch } = call.argument('watch');
    if (!watch) throw new Error('internal: best without a watch');
    return { kind: 'rule', rule: 'best', watch, to: call.string('to') };
  },
};

function countOf(call: BuiltinCall, name: string): number | undefined {
  if (!call.given(name)) return undefined;
  const count = call.number(name);
  if (count < 1) call.fail('E0220', call.spanOf(name), `\`${name}\` is 1 or more, this is ${count}`);
  return count;
}

const every: Builtin = {
  parameters: [
    parameter.required('every', 'duration'),
    parameter.optional('to', 'string', NONE),
    parameter.optional('keep', 'integer', NONE),
    parameter.optional('batches', 'integer', NONE),
  ],
  run: (call): Value => {
    const duration = call.duration('every');
    if (duration.count < 1) call.fail('E0220', call.spanOf('every'), 'at least every 1 step');
    const [keep, batches] = [countOf(call, 'keep'), countOf(call, 'batches')];
    return {
      kind: 'rule',
      rule: 'every',
      every: duration,
      ...(call.given('to') ? { to: call.string('to') } : {}),
      ...(keep === undefined ? {} : { keep }),
      ...(batches === undefined ? {} : { batches }),
    };
  },
};

/** `stop = plateau(valid.loss, patience = 5)`; as a schedule `plateau` is another function. */
const stopPlateau: Builtin = {
  internal: true,
  parameters: [
    parameter.required('watch', 'watch'),
    parameter.optional('patience', 'integer', integer(10)),
    parameter.optional('restore', 'boolean', boolean(false)),
  ],
  run: (call): Value => {
    const { watch } = call.argument('watch');
    if (!watch) throw new Error('internal: plateau without a watch');
    const patience = countOf(call, 'patience') ?? 10;
    return { kind: 'rule', rule: 'plateau', watch, patience, restore: call.boolean('restore') };
  },
};

/** An argument that a library function needs in this use of it. */
const checkGiven: Builtin = {
  internal: true,
  parameters: [parameter.required('value', 'value'), parameter.required('message', 'string')],
  run: (call): Value => {
    if (call.value('value').kind === 'none') call.fail('E0212', call.span, call.string('message'));
    return NONE;
  },
};

/** A condition that a library function puts on its arguments. */
const check: Builtin = {
  internal: true,
  parameters: [parameter.required('condition', 'boolean'), parameter.required('message', 'string')],
  run: (call): Value => {
    if (!call.boolean('condition')) call.fail('E0220', call.span, call.string('message'));
    return NONE;
  },
};

const perplexity: Builtin = {
  parameters: [parameter.required('loss', 'tensor')],
  run: (call): Value => {
    const loss = call.singles('loss');
    if (call.tensors.rank(loss) !== 0)
      call.fail('E0303', call.spanOf('loss'), '`perplexity` is of a scalar loss');
    return { kind: 'summary', of: tensor(loss), after: 'exp' };
  },
};

export const TRAINING: Readonly<Record<string, Builtin>> = {
  best,
  every,
  perplexity,
  'stop.plateau': stopPlateau,
  check,
  check_given: checkGiven,
};
