/** Gradient transforms and optimizers with PyTorch's defaults; a `minimize` resolves their patterns. */
import type { Span } from '../../../runtime/plan-format.ts';
import { boolean, float, integer, text, tuple, type OptimizerTemplate, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall, type BuiltinParameter } from './spec.ts';

const optimizer = (
  parameters: readonly BuiltinParameter[],
  make: (call: BuiltinCall) => OptimizerTemplate,
): Builtin => ({
  piped: 'rule',
  parameters,
  run: (call): Value => ({ kind: 'update rule', transforms: [], optimizer: make(call) }),
});

const rate = (value?: number): BuiltinParameter =>
  value === undefined ? parameter.required('lr', 'rate') : parameter.optional('lr', 'rate', float(value));
const eps = (value: number) => parameter.optional('eps', 'number', float(value));
const betas = (a: number, b: number) => parameter.optional('betas', 'value', tuple([float(a), float(b)]));

function share(call: BuiltinCall, name: string): number {
  const value = call.number(name);
  if (value < 0 || value > 1) {
    call.fail('E0220', call.spanOf(name), `\`${name}\` lies between 0 and 1, this is ${value}`);
  }
  return value;
}

function notNegative(call: BuiltinCall, name: string): number {
  const value = call.number(name);
  if (value < 0) call.fail('E0220', call.spanOf(name), `\`${name}\` is not negative, this is ${value}`);
  return value;
}

function readBetas(call: BuiltinCall): [number, number] {
  const { value, span } = call.argument('betas');
  const items = value.kind === 'tuple' ? value.items : [];
  const numbers = items.flatMap((item) => (item.kind === 'number' ? [item.value] : []));
  const [a, b] = numbers;
  if (items.length !== 2 || a === undefined || b === undefined) {
    return call.fail('E0213', span, '`betas` is a pair of numbers', {
      help: 'for example `betas = (0.9, 0.999)`',
    });
  }
  if (a < 0 || a >= 1 || b < 0 || b >= 1) call.fail('E0220', span, '`betas` lie between 0 and 1');
  return [a, b];
}

const spanIfGiven = (call: BuiltinCall, name: string): { patternSpan?: Span } =>
  call.given(name) ? { patternSpan: call.spanOf(name) } : {};

export const OPTIMIZERS: Readonly<Record<string, Builtin>> = {
  clip_value: {
    piped: 'rule',
    parameters: [parameter.required('v', 'number')],
    run: (call) => ({
      kind: 'update rule',
      transforms: [{ kind: 'clip_value', limit: notNegative(call, 'v') }],
    }),
  },
  clip_norm: {
    piped: 'rule',
    parameters: [parameter.required('v', 'number')],
    run: (call) => ({
      kind: 'update rule',
      transforms: [{ kind: 'clip_norm', limit: notNegative(call, 'v') }],
    }),
  },
  decay: {
    piped: 'rule',
    parameters: [parameter.required('rate', 'number'), parameter.optional('on', 'string', text('*.weight'))],
    run: (call) => ({
      kind: 'update rule',
      transforms: [
        {
          kind: 'decay',
          rate: call.number('rate'),
          pattern: call.string('on'),
          span: call.given('on') ? call.spanOf('on') : call.span,
        },
      ],
    }),
  },
  sgd: optimizer(
    [
      rate(),
      parameter.optional('momentum', 'number', integer(0)),
      parameter.optional('nesterov', 'boolean', boolean(false)),
    ],
    (call) => {
      const momentum = notNegative(call, 'momentum');
      const nesterov = call.boolean('nesterov');
      if (nesterov && momentum === 0) {
        call.fail('E0220', call.spanOf('nesterov'), '`nesterov` needs a momentum above 0');
      }
      return { kind: 'sgd', lr: call.rate('lr'), momentum, nesterov };
    },
  ),
  adam: optimizer([rate(1e-3), betas(0.9, 0.999), eps(1e-8)], (call) => ({
    kind: 'adam',
    lr: call.rate('lr'),
    betas: readBetas(call),
    eps: call.number('eps'),
  })),
  adamw: optimizer(
    [
      rate(1e-3),
      betas(0.9, 0.999),
      eps(1e-8),
      parameter.optional('decay', 'number', float(0.01)),
      parameter.optional('decay_on', 'string', text('*')),
    ],
    (call) => ({
      kind: 'adamw',
      lr: call.rate('lr'),
      betas: readBetas(call),
      eps: call.number('eps'),
      decay: call.number('decay'),
      pattern: call.string('decay_on'),
      ...spanIfGiven(call, 'decay_on'),
    }),
  ),
  rmsprop: optimizer([rate(1e-2), parameter.optional('alpha', 'number', float(0.99)), eps(1e-8)], (call) => ({
    kind: 'rmsprop',
    lr: call.rate('lr'),
    alpha: share(call, 'alpha'),
    eps: call.number('eps'),
  })),
  adagrad: optimizer([rate(1e-2), eps(1e-10)], (call) => ({
    kind: 'adagrad',
    lr: call.rate('lr'),
    eps: call.number('eps'),
  })),
  adadelta: optimizer([rate(1), parameter.optional('rho', 'number', float(0.9)), eps(1e-6)], (call) => ({
    kind: 'adadelta',
    lr: call.rate('lr'),
    rho: share(call, 'rho'),
    eps: call.number('eps'),
  })),
  lion: optimizer(
    [rate(1e-4), betas(0.9, 0.99), parameter.optional('decay', 'number', integer(0))],
    (call) => ({
      kind: 'lion',
      lr: call.rate('lr'),
      betas: readBetas(call),
      decay: call.number('decay'),
    }),
  ),
};
