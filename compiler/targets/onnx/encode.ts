/**
 * An ONNX model as the bytes of a file, encoded by protobufjs. In: plain data. Out: bytes, the same for the same model.
 * The messages are those of onnx.proto (github.com/onnx/onnx), as far as they are used.
 */
import protobuf from 'protobufjs/light.js';
import {
  IR_VERSION,
  OPSET,
  type ElementType,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './model.ts';

/** Fields of a message by name: type and number, `[]` behind the type where there are several. */
type Fields = Readonly<Record<string, readonly [type: string, id: number]>>;

const MESSAGES: Readonly<Record<string, Fields>> = {
  ModelProto: {
    irVersion: ['int64', 1],
    producerName: ['string', 2],
    producerVersion: ['string', 3],
    docString: ['string', 6],
    graph: ['GraphProto', 7],
    opsetImport: ['OperatorSetIdProto[]', 8],
    metadataProps: ['StringStringEntryProto[]', 14],
  },
  OperatorSetIdProto: { domain: ['string', 1], version: ['int64', 2] },
  StringStringEntryProto: { key: ['string', 1], value: ['string', 2] },
  GraphProto: {
    node: ['NodeProto[]', 1],
    name: ['string', 2],
    initializer: ['TensorProto[]', 5],
    input: ['ValueInfoProto[]', 11],
    output: ['ValueInfoProto[]', 12],
  },
  NodeProto: {
    input: ['string[]', 1],
    output: ['string[]', 2],
    name: ['string', 3],
    opType: ['string', 4],
    attribute: ['AttributeProto[]', 5],
    docString: ['string', 6],
  },
  AttributeProto: {
    name: ['string', 1],
    f: ['float', 2],
    i: ['int64', 3],
    s: ['bytes', 4],
    g: ['GraphProto', 6],
    ints: ['int64[]', 8],
    type: ['int32', 20],
  },
  TensorProto: {
    dims: ['int64[]', 1],
    dataType: ['int32', 2],
    name: ['string', 8],
    rawData: ['bytes', 9],
  },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2] },
  TypeProto: { tensorType: ['TensorTypeProto', 1] },
  TensorTypeProto: { elemType: ['int32', 1], shape: ['TensorShapeProto', 2] },
  TensorShapeProto: { dim: ['DimensionProto[]', 1] },
  DimensionProto: { dimValue: ['int64', 1], dimParam: ['string', 2] },
};

/** `TensorProto.DataType` */
const ELEMENT: Readonly<Record<ElementType, number>> = { f32: 1, i32: 6, i64: 7, bool: 9, f16: 10 };
/** `AttributeProto.AttributeType` */
const ATTRIBUTE: Readonly<Record<OnnxAttribute['kind'], number>> = {
  float: 1,
  int: 2,
  string: 3,
  graph: 5,
  ints: 7,
};

export function encodeModel(model: OnnxModel): Uint8Array {
  const { graph, version, doc, metadata } = model;
  return messageType('ModelProto')
    .encode({
      irVersion: IR_VERSION,
      producerName: 'netc',
      producerVersion: version,
      docString: doc,
      graph: graphMessage(graph),
      opsetImport: [{ domain: '', version: OPSET }],
      metadataProps: metadata.map(([key, value]) => ({ key, value })),
    })
    .finish();
}

/** A model read back as messages: for tests, which look at what was written. */
export const decodeModel = (bytes: Uint8Array): Record<string, unknown> =>
  messageType('ModelProto').toObject(messageType('ModelProto').decode(bytes), { longs: Number });

function messageType(name: string): protobuf.Type {
  const nested = Object.fromEntries(
    Object.entries(MESSAGES).map(([message, fields]) => [
      message,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [type, id]]) => [
            field,
            type.endsWith('[]') ? { rule: 'repeated', type: type.slice(0, -2), id } : { type, id },
          ]),
        ),
      },
    ]),
  );
  return protobuf.Root.fromJSON({ nested }).lookupType(name);
}

const graphMessage = ({ name, nodes, initializers, inputs, outputs }: OnnxGraph): object => ({
  name,
  node: nodes.map(nodeMessage),
  initializer: initializers.map(tensorMessage),
  input: inputs.map(valueMessage),
  output: outputs.map(valueMessage),
});

const nodeMessage = ({ op, name, inputs, outputs, attributes, doc }: OnnxNode): object => ({
  input: inputs,
  output: outputs,
  name,
  opType: op,
  attribute: Object.entries(attributes).map(([key, attribute]) => ({
    name: key,
    type: ATTRIBUTE[attribute.kind],
    ...attributeValue(attribute),
  })),
  ...(doc === undefined ? {} : { docString: doc }),
});

function attributeValue(attribute: OnnxAttribute): object {
  switch (attribute.kind) {
    case 'int':
      return { i: attribute.value };
    case 'ints':
      return { ints: attribute.values };
    case 'float':
      return { f: attribute.value };
    case 'string':
      return { s: new TextEncoder().encode(attribute.value) };
    case 'graph':
      return { g: graphMessage(attribute.graph) };
    default:
      return attribute satisfies never;
  }
}

const tensorMessage = ({ name, type, shape, bytes }: OnnxTensor): object => ({
  dims: shape,
  dataType: ELEMENT[type],
  name,
  rawData: bytes,
});

const valueMessage = ({ name, type, shape }: OnnxValue): object => ({
  name,
  type: {
    tensorType: {
      elemType: ELEMENT[type],
      ...(shape === undefined
        ? {}
        : {
            shape: {
              dim: shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })),
            },
          }),
    },
  },
});
