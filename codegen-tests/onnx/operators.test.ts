/**
 * Every sample of every primitive as an ONNX graph against the interpreter. Iterates the operator table, so that no row
 * is left out. What ONNX has no words for is refused, by name.
 */
import { describe, expect, it } from 'vitest';
import { CompileError } from '../../compiler/diagnostics.ts';
import { interpret } from '../../compiler/graph/interpret.ts';
import { encodeModel } from '../../compiler/targets/onnx/encode.ts';
import { onnxGraph, openShape } from '../../compiler/targets/onnx/from-graph.ts';
import { ELEMENT_OF } from '../../compiler/targets/onnx/tensors.ts';
import { SAMPLED_OPS, SAMPLES, type OpSample } from '../ops/samples.ts';
import { difference } from '../support/run-graph.ts';
import { schedulable } from '../support/schedulable.ts';
import { runOnnx, type Given } from './runtime.ts';

/** Other runtimes approximate functions as they like. */
const toleranceOf = ({ terms }: OpSample): number => Math.max(1e-5, 1e-6 * Math.sqrt(terms));

/** What ONNX has no words for, and what means something else there: by the samples' names. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'random bits of zeros': 'refused',
  'random bits of [3, 5]': 'refused',
  'random bits of [127]': 'refused',
  // A number that the host gives to every step: there is none in a model.
  scalar: 'internal: the scalar lr in a prediction',
  // The batch is the size of an input's first axis.
  'constant of the batch': 'internal: constant_of_the_batch has an open batch and no input',
  // ONNX leaves open where NaN stands among the largest.
  'top_k of numbers and what is none': 'result: element 0 is 2, not 1',
  'scatter_add of an index past the end': 'out of data bounds',
};

async function faultsOf(sample: OpSample): Promise<string[]> {
  const { graph, environment } = sample;
  const inputs = graph.nodes.flatMap((node) =>
    node.op === 'input'
      ? [{ name: node.attributes.name, type: ELEMENT_OF[node.type.dtype], shape: openShape(node.type.shape) }]
      : [],
  );
  const tensors = [...environment.parameters, ...environment.states];
  const weights = new Map(tensors.map(([name, { data }]) => [name, Float32Array.from(data)]));
  const onnx = onnxGraph({ graph, name: sample.name, inputs, weights });
  const bytes = encodeModel({ graph: onnx, version: '0', doc: '', metadata: [] });
  const given = Object.fromEntries(
    inputs.map(({ name, type }): [string, Given] => {
      const { shape, data } = environment.inputs.get(name)!;
      return [name, { shape: [...shape], data, type }];
    }),
  );
  const found = await runOnnx(bytes, given);
  return [...interpret(schedulable(graph), environment)].flatMap(([output, expected]) => {
    const fault = difference(Float64Array.from(found[output]?.data ?? []), expected, toleranceOf(sample));
    return fault === undefined ? [] : [`${sample.name}, ${output}: ${fault}`];
  });
}

async function outcomeOf(sample: OpSample): Promise<string[]> {
  try {
    return await faultsOf(sample);
  } catch (error) {
    if (error instanceof CompileError) return [`${sample.name}: refused`];
    return [`${sample.name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

describe.each(SAMPLED_OPS)('%s', (op) => {
  it('has the values of the interpreter', async () => {
    const samples: readonly OpSample[] = SAMPLES[op];
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) {
      const due = EXCEPTIONS[sample.name];
      const faults = await outcomeOf(sample);
      if (due === undefined) expect(faults).toEqual([]);
      else expect(faults).toEqual([expect.stringContaining(due)]);
    }
  });
});
