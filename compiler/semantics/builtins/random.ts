/**
 * Random tensors: a new draw in every step from the run's seed. A draw is a stream of threefry bits, numbered
 * by its call site, so that training and evaluation graphs agree on it.
 */
import { tensor, type Axis, type Value } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const dims = parameter.rest('dims', 'value');

/** The number of this draw within its step. */
function stream(call: BuiltinCall): number {
  const { context } = call;
  const chain = [...context.frames.map((frame) => frame.span), call.span];
  const site = chain.map((span) => `${span.file}:${span.line}:${span.column}`).join(' ');
  const { draws } = call.graph;
  const turn = draws.get(site) ?? 0;
  draws.set(site, turn + 1);
  const prefix = `${context.unit}|`;
  const key = `${prefix}${site}|${turn}`;
  const { streams } = context.session;
  const known = streams.get(key);
  if (known !== undefined) return known;
  const next = [...streams.keys()].filter((other) => other.startsWith(prefix)).length;
  streams.set(key, next);
  return next;
}

/** Uniform on [0, 1): the upper 24 bits of a word, times 2^-24. */
function uniform(call: BuiltinCall, axes: readonly Axis[]): number {
  const { tensors } = call;
  const bits = tensors.randomBits(stream(call), axes);
  const high = tensors.binary('div', bits, tensors.constant(256, 'u32'));
  return tensors.binary('mul', tensors.cast(high, 'f32'), tensors.constant(2 ** -24, 'f32'));
}

/** Box and Muller's transform; 1 - u keeps the logarithm finite. */
function normal(call: BuiltinCall, axes: readonly Axis[]): number {
  const { tensors } = call;
  const number = (value: number) => tensors.constant(value, 'f32');
  const [u, v] = [uniform(call, axes), uniform(call, axes)];
  const logarithm = tensors.unary('log', tensors.binary('sub', number(1), u));
  const radius = tensors.unary('sqrt', tensors.binary('mul', number(-2), logarithm));
  return tensors.binary('mul', radius, tensors.unary('cos', tensors.binary('mul', number(2 * Math.PI), v)));
}

function bernoulli(call: BuiltinCall): Value {
  const p = call.value('p');
  if (p.kind === 'number' && (p.value < 0 || p.value > 1)) {
    call.fail('E0220', call.spanOf('p'), `a probability lies between 0 and 1, this is ${p.value}`);
  }
  const { tensors } = call;
  const probability = call.singles('p');
  if (tensors.rank(probability) !== 0) call.fail('E0204', call.spanOf('p'), '`p` is a scalar');
  const hit = tensors.binary('lt', uniform(call, call.sizes()), probability);
  return tensor(tensors.cast(hit, 'f32'));
}

export const RANDOM: Readonly<Record<string, Builtin>> = {
  'random.uniform': { parameters: [dims], run: (call) => tensor(uniform(call, call.sizes())) },
  'random.normal': { parameters: [dims], run: (call) => tensor(normal(call, call.sizes())) },
  'random.bernoulli': { parameters: [parameter.required('p', 'operand'), dims], run: bernoulli },
};
