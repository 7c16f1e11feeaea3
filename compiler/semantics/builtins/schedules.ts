/** Learning rates over the steps of a run, LANGUAGE.md section 5. They are computed by the host, step by step. */
import type { Duration, Schedule } from '../../../runtime/plan-format.ts';
import { NONE, float, integer, type Value } from '../values.ts';
import { goalOf } from '../watch-goal.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const base = parameter.required('base', 'number');

const made = (schedule: Schedule): Value => ({ kind: 'schedule', schedule });

const over = (call: BuiltinCall): Duration | null => {
  if (call.value('over').kind === 'none') return null;
  const duration = call.duration('over');
  if (duration.count < 1) call.fail('E0220', call.spanOf('over'), '`over` is 1 step or more');
  return duration;
};

function positive(call: BuiltinCall, name: string): number {
  const value = call.number(name);
  if (!(value > 0)) call.fail('E0220', call.spanOf(name), `\`${name}\` must be positive, this is ${value}`);
  return value;
}

const warm = [
  parameter.optional('to', 'number', integer(0)),
  parameter.optional('warmup', 'duration', integer(0)),
  parameter.optional('over', 'duration', NONE),
];

const warmed = (type: 'cosine' | 'linear'): Builtin => ({
  parameters: [base, ...warm],
  run: (call) => {
    const [warmup, whole] = [call.duration('warmup'), over(call)];
    if (whole && whole.unit === warmup.unit && whole.count <= warmup.count) {
      call.fail('E0220', call.spanOf('warmup'), '`warmup` must be shorter than `over`');
    }
    return made({ type, base: call.number('base'), to: call.number('to'), warmup, over: whole });
  },
});

export const SCHEDULES: Readonly<Record<string, Builtin>> = {
  cosine: warmed('cosine'),
  linear: warmed('linear'),
  exponential: {
    parameters: [base, parameter.required('decay', 'number')],
    run: (call) => made({ type: 'exponential', base: call.number('base'), decay: positive(call, 'decay') }),
  },
  steps: {
    parameters: [
      base,
      parameter.required('every', 'duration'),
      parameter.optional('factor', 'number', float(0.1)),
    ],
    run: (call) => {
      const every = call.duration('every');
      if (every.count < 1) call.fail('E0220', call.spanOf('every'), '`every` is 1 step or more');
      return made({ type: 'steps', base: call.number('base'), every, factor: call.number('factor') });
    },
  },
  inverse: {
    parameters: [base, parameter.required('decay', 'number')],
    run: (call) => made({ type: 'inverse', base: call.number('base'), decay: call.number('decay') }),
  },
  one_cycle: {
    parameters: [
      parameter.required('peak', 'number'),
      parameter.optional('over', 'duration', NONE),
      parameter.optional('start', 'number', NONE),
      parameter.optional('to', 'number', NONE),
      parameter.optional('rise', 'number', float(0.3)),
    ],
    run: (call) => {
      const peak = call.number('peak');
      const start = call.given('start') ? call.number('start') : peak / 25;
      const to = call.given('to') ? call.number('to') : start / 1e4;
      const rise = call.number('rise');
      if (rise < 0 || rise > 1) {
        call.fail('E0220', call.spanOf('rise'), `\`rise\` is a share between 0 and 1, this is ${rise}`);
      }
      return made({ type: 'one_cycle', peak, over: over(call), start, to, rise });
    },
  },
  plateau: {
    parameters: [
      base,
      parameter.optional('watch', 'watch', { kind: 'string', value: 'valid.loss' }),
      parameter.optional('factor', 'number', float(0.1)),
      parameter.optional('patience', 'integer', integer(10)),
      parameter.optional('restore', 'boolean', { kind: 'bool', value: false }),
    ],
    run: (call) => {
      if (call.given('restore')) {
        call.fail('E0210', call.spanOf('restore'), '`plateau` as a schedule has no argument `restore`');
      }
      const { watch } = call.argument('watch');
      const schedule: Schedule = {
        type: 'plateau',
        base: call.number('base'),
        watch: call.string('watch'),
        goal: goalOf(call.string('watch')),
        factor: call.number('factor'),
        patience: call.number('patience'),
      };
      const path = call.string('watch').split('.');
      call.context.session.watches.push(watch ?? { path, span: call.span });
      return { kind: 'schedule', schedule };
    },
  },
};
