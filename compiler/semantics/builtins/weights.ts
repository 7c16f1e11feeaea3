/** Builtins about weights: initializers, `frozen`, the penalties `l1` and `l2`. */
import { describeValue, tensor, type InitializerTemplate, type Value } from '../values.ts';
import { isBelow } from '../weights.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const initializer = (template: InitializerTemplate): Value => ({
  kind: 'initializer',
  initializer: template,
});

const simple = (kind: 'glorot' | 'glorot_normal' | 'he' | 'he_normal' | 'orthogonal'): Builtin => ({
  parameters: [],
  run: () => initializer({ kind }),
});

function deviation(call: BuiltinCall): number {
  const std = call.number('std');
  if (std < 0) call.fail('E0220', call.spanOf('std'), `a standard deviation is not negative: ${std}`);
  return std;
}

const frozen: Builtin = {
  piped: 'result',
  parameters: [parameter.required('net', 'value')],
  run: (call) => {
    const value = call.value('net');
    if (value.kind === 'instance') return { ...value, frozen: true };
    return call.fail(
      'E0213',
      call.spanOf('net'),
      `\`frozen\` takes a model or an instance, not ${describeValue(value)}`,
    );
  },
};

/** Weights below a model or instance with two axes or more, in this graph. */
function matricesOf(call: BuiltinCall, value: Value): number[] {
  const path =
    value.kind === 'instance' ? value.instance.path : value.kind === 'weights' ? value.path : undefined;
  if (value.kind !== 'instance' && value.kind !== 'weights') {
    return call.fail(
      'E0213',
      call.spanOf('m'),
      `\`${call.name}\` takes a tensor or a model, not ${describeValue(value)}`,
    );
  }
  const known = [...call.graph.weights].filter(([name]) => typeof path === 'string' && isBelow(path, name));
  if (known.length === 0) {
    call.fail('E0203', call.spanOf('m'), `${describeValue(value)} has no weights before its first call`);
  }
  return known.map(([, id]) => id).filter((id) => call.tensors.rank(id) >= 2);
}

function penalty(each: (call: BuiltinCall, id: number) => number): Builtin {
  return {
    parameters: [parameter.required('m', 'value')],
    run: (call) => {
      const value = call.value('m');
      const ids = value.kind === 'tensor' ? [call.floats('m')] : matricesOf(call, value);
      const sums = ids.map((id) => {
        const all = call.tensors.shape(id).map((_, axis) => axis);
        return call.tensors.reduce('reduce_sum', each(call, id), all, false);
      });
      if (sums.length === 0) return tensor(call.tensors.constant(0, 'f32'));
      return tensor(sums.reduce((a, b) => call.tensors.binary('add', a, b)));
    },
  };
}

export const WEIGHTS: Readonly<Record<string, Builtin>> = {
  glorot: simple('glorot'),
  glorot_normal: simple('glorot_normal'),
  he: simple('he'),
  he_normal: simple('he_normal'),
  orthogonal: simple('orthogonal'),
  constant: {
    parameters: [parameter.required('v', 'number')],
    run: (call) => initializer({ kind: 'constant', value: call.number('v') }),
  },
  uniform: {
    parameters: [parameter.required('a', 'number'), parameter.required('b', 'number')],
    run: (call) => initializer({ kind: 'uniform', low: call.number('a'), high: call.number('b') }),
  },
  normal: {
    parameters: [parameter.required('std', 'number')],
    run: (call) => initializer({ kind: 'normal', std: deviation(call) }),
  },
  truncated_normal: {
    parameters: [parameter.required('std', 'number')],
    run: (call) => initializer({ kind: 'truncated_normal', std: deviation(call) }),
  },
  frozen,
  l1: penalty((call, id) => call.tensors.unary('abs', id)),
  l2: penalty((call, id) => call.tensors.binary('mul', id, id)),
};
