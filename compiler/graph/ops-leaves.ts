/** Rows of the primitives without inputs: named tensors, numbers, index ramps, random bits. */
import { dimensionAt } from './dimension.ts';
import { elementCount, positions, type HostTensor } from './host-tensor.ts';
import type { OpName, TensorType } from './ir.ts';
import { broken, isFloat, type Evaluation, type GivenType, type OpRow } from './op-row.ts';
import { threefry2x32 } from './threefry.ts';

function shaped(given: GivenType, dtype: TensorType['dtype']): TensorType {
  if (!given.shape) broken('the shape of a leaf must be given');
  return { dtype: given.dtype ?? dtype, shape: given.shape };
}

/** Finds a named tensor of the environment and holds it against the node's type. */
function named(
  from: ReadonlyMap<string, HostTensor>,
  what: string,
  name: string,
  { shape, dtype }: Pick<Evaluation<OpName>, 'shape' | 'dtype'>,
): Float64Array {
  const tensor = from.get(name);
  if (!tensor) broken(`no ${what} ${name} in the environment`);
  const fits = tensor.shape.length === shape.length && tensor.shape.every((d, i) => d === shape[i]);
  if (!fits || tensor.dtype !== dtype) {
    broken(
      `${what} ${name} is ${tensor.dtype}[${tensor.shape.join(', ')}], not ${dtype}[${shape.join(', ')}]`,
    );
  }
  return tensor.data;
}

const parameter: OpRow<'parameter'> = {
  kind: 'leaf',
  arity: 0,
  infer: (_inputs, _attributes, given) => shaped(given, 'f32'),
  evaluate: (e) => named(e.environment.parameters, 'parameter', e.attributes.name, e),
};

const state: OpRow<'state'> = {
  kind: 'leaf',
  arity: 0,
  infer: (_inputs, _attributes, given) => shaped(given, 'f32'),
  evaluate: (e) => named(e.environment.states, 'state', e.attributes.name, e),
};

const input: OpRow<'input'> = {
  kind: 'leaf',
  arity: 0,
  infer(_inputs, attributes, given) {
    return shaped(given, attributes.storage === 'u8' ? 'u32' : attributes.storage);
  },
  evaluate: (e) => named(e.environment.inputs, 'input', e.attributes.name, e),
};

const scalar: OpRow<'scalar'> = {
  kind: 'leaf',
  arity: 0,
  infer: () => ({ dtype: 'f32', shape: [] }),
  evaluate(e) {
    const value = e.environment.scalars.get(e.attributes.name);
    if (value === undefined) broken(`no scalar ${e.attributes.name} in the environment`);
    return Float64Array.of(value);
  },
};

const constant: OpRow<'constant'> = {
  kind: 'leaf',
  arity: 0,
  infer(_inputs, { value }, given) {
    const dtype = given.dtype ?? 'f32';
    if (!isFloat(dtype) && typeof value === 'number') {
      const fits =
        dtype === 'bool'
          ? value === 0 || value === 1
          : Number.isInteger(value) &&
            value >= (dtype === 'i32' ? -(2 ** 31) : 0) &&
            value < (dtype === 'i32' ? 2 ** 31 : 2 ** 32);
      if (!fits) broken(`the constant ${value} does not fit into ${dtype}`);
    }
    return { dtype, shape: [] };
  },
  evaluate: (e) => Float64Array.of(dimensionAt(e.attributes.value, e.environment.batch)),
};

const iota: OpRow<'iota'> = {
  kind: 'leaf',
  arity: 0,
  infer(_inputs, { axis }, given) {
    const type = shaped(given, 'u32');
    if (axis < 0 || axis >= type.shape.length) broken(`iota along axis ${axis} of ${type.shape.length} axes`);
    if (type.dtype !== 'u32') broken('iota is u32');
    return type;
  },
  evaluate(e) {
    const strides = e.shape.map((_, axis) => (axis === e.attributes.axis ? 1 : 0));
    return Float64Array.from(positions(e.shape, strides));
  },
};

const randomBits: OpRow<'random_bits'> = {
  kind: 'leaf',
  arity: 0,
  infer(_inputs, _attributes, given) {
    const type = shaped(given, 'u32');
    if (type.dtype !== 'u32') broken('random_bits is u32');
    return type;
  },
  /** Key (seed, draw), counter (stream, element); the first word. */
  evaluate(e) {
    const { seed, draw } = e.environment;
    const result = new Float64Array(elementCount(e.shape));
    for (let i = 0; i < result.length; i++) {
      result[i] = threefry2x32(seed, draw, e.attributes.stream, i)[0];
    }
    return result;
  },
};

export const LEAF_ROWS = { parameter, state, input, scalar, constant, iota, random_bits: randomBits };
