/** Rows of what has no inputs: weights, the model's inputs, numbers, ramps. */
import type { NodeOf } from '../../graph/ir.ts';
import { broken, nth } from '../../graph/op-row.ts';
import type { OnnxRow } from './row.ts';
import { ELEMENT_OF } from './tensors.ts';
import type { Translation } from './translation.ts';

/** The writer of the model has taken their names before its nodes are translated. */
const named = (t: Translation, node: NodeOf<'parameter' | 'state' | 'input'>): string =>
  t.around ? broken(`${node.op} ${node.attributes.name} in a loop`) : node.attributes.name;

const constant: OnnxRow<'constant'> = (t, { attributes: { value }, type: { dtype } }) => {
  if (typeof value === 'number') {
    if (dtype !== 'f16') return t.writer.constant(ELEMENT_OF[dtype], [], [value]);
    return t.cast(t.writer.constant('f32', [], [value]), dtype);
  }
  // A size of the batch: one number, but no tensor of one axis.
  return { name: t.cast(t.size(value), dtype), shape: [1] };
};

/** A ramp along its axis; along the others it is repeated. */
const iota: OnnxRow<'iota'> = (t, node) => {
  const { shape } = node.type;
  const { axis } = node.attributes;
  const size = shape[axis];
  const alone = shape.map((_, i) => (i === axis ? (size ?? 1) : 1));
  if (typeof size !== 'number') {
    const scalar = (value: string): string => t.writer.add('Squeeze', [value]);
    const from = t.writer.constant('i64', [], [0]);
    const ramp = t.writer.add('Range', [from, scalar(t.size(size ?? 1)), t.writer.constant('i64', [], [1])]);
    return { name: t.inShape(ramp, alone), shape: alone, spread: true };
  }
  const numbers = Array.from({ length: size }, (_, i) => i);
  return { name: t.writer.constant('i64', alone as number[], numbers), shape: alone, spread: true };
};

const randomBits: OnnxRow<'random_bits'> = (t, node) =>
  t.refuse(
    node,
    'a random number of the program',
    'ONNX has no such generator: give the numbers to the model as an input',
  );

export const LEAVES = {
  parameter: named,
  state: named,
  input: named,
  scalar: ((_, node) =>
    broken(`the scalar ${node.attributes.name} in a prediction`)) satisfies OnnxRow<'scalar'>,
  constant,
  iota,
  random_bits: randomBits,
  argument: ((t, node) => nth(t.arguments, node.attributes.index)) satisfies OnnxRow<'argument'>,
};
