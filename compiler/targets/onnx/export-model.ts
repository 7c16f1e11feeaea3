/**
 * A model of a program as an ONNX file. In: the checked program, one of its models, values of its weights. Out: bytes,
 * the same for the same program and weights. The model is exported in single precision, as its weights are; it takes what
 * the model takes, so that expressions of data columns are not a part of it.
 */
import { fail } from '../../diagnostics.ts';
import type { ModelProgram, Program } from '../../semantics/program.ts';
import { encodeModel } from './encode.ts';
import { onnxGraph, openShape } from './from-graph.ts';
import type { OnnxModel, OnnxValue } from './model.ts';
import { ELEMENT_OF } from './tensors.ts';

export interface OnnxExport {
  program: Program;
  model: ModelProgram;
  /** Weights and layer states by name. */
  weights: ReadonlyMap<string, Float32Array>;
  /** netc's. */
  version: string;
  /** Of the program's text, in hexadecimal digits. */
  sha256: string;
}

/** What a protobuf message may hold. */
const LARGEST_FILE = 2 ** 31 - 1;

/** E0901 for what ONNX has no words for, and for a model of 2 GiB or more. */
export function exportOnnx(parts: OnnxExport): Uint8Array {
  const model = onnxModel(parts);
  const bytes = model.graph.initializers.reduce((sum, tensor) => sum + tensor.bytes.length, 0);
  if (bytes > LARGEST_FILE) {
    fail('E0901', parts.model.span, `the weights of \`${parts.model.name}\` take ${bytes} bytes, more than an ONNX file holds (2 GiB); files beside it are not supported yet`); // prettier-ignore
  }
  return encodeModel(model);
}

export function onnxModel({ program, model, weights, version, sha256 }: OnnxExport): OnnxModel {
  const batch = model.fixedBy === undefined ? 'B' : program.data?.batch;
  if (batch === undefined) throw new Error('internal: a fixed batch of no data');
  const inputs = model.inputs.map(({ name, shape, dtype }): OnnxValue => {
    // Truth values are given as whole numbers, as to every other target.
    const type = ELEMENT_OF[dtype === 'bool' ? 'u32' : dtype];
    return { name, type, shape: [batch, ...openShape(shape)] };
  });
  return {
    graph: onnxGraph({ graph: model.predict, name: model.name, inputs, weights }),
    version,
    doc: `The model ${model.name} of ${program.source}, forward in evaluation mode.`,
    metadata: [
      ['netc', version],
      ['source', program.source],
      ['source_sha256', sha256],
    ],
  };
}
