/** What stands in an exported file: operators under the names of the model's parts, sizes, weights, where it comes from. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkedProgram } from '../../compiler/index.ts';
import { OP_NAMES } from '../../compiler/graph/ops.ts';
import { encodeModel } from '../../compiler/targets/onnx/encode.ts';
import { onnxModel } from '../../compiler/targets/onnx/export-model.ts';
import { ONNX_ROWS } from '../../compiler/targets/onnx/from-graph.ts';
import type { OnnxModel } from '../../compiler/targets/onnx/model.ts';
import { initialWeights } from '../../runtime/train/weights.ts';
import { netc } from '../cli/recording-host.ts';
import { deploy, PROGRAMS, TRANSFORMER } from '../predictor/programs.ts';
import { emptyFolder } from '../trainer/compiled.ts';
import { runOnnx } from './runtime.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

function modelOf(text: string, name?: string): OnnxModel {
  const program = checkedProgram({ file: 'p.net', text });
  const model = program.models.find((each) => name === undefined || each.name === name)!;
  const weights = initialWeights(program, 1);
  return onnxModel({ program, model, weights, version: '1.2.3', sha256: 'abc' });
}

const nodesOf = ({ graph }: OnnxModel): string[] => graph.nodes.map(({ name }) => name);

test('there is a row for every primitive', () => {
  expect(Object.keys(ONNX_ROWS).sort()).toEqual([...OP_NAMES].sort());
});

describe('a transformer', () => {
  const model = modelOf(TRANSFORMER);

  test('is written under the names of its parts, with the operators that ONNX has for them', () => {
    const nodes = nodesOf(model);
    expect(nodes).toEqual(
      expect.arrayContaining([
        'adder/tok/Gather',
        'adder/block_1/ln1/LayerNormalization',
        'adder/block_1/attn/qkv/MatMul',
        'adder/block_1/attn/attend/Softmax',
        'adder/block_1/gelu/Erf',
        'adder/out/Add',
        'outputs/logits',
      ]),
    );
    const ops = model.graph.nodes.map(({ op }) => op);
    expect(ops.filter((op) => op === 'LayerNormalization')).toHaveLength(3);
    expect(ops.filter((op) => op === 'Softmax')).toHaveLength(1);
    // None is left of what these are made of.
    for (const op of ['ReduceSum', 'ReduceMax', 'Exp', 'Sqrt', 'Reciprocal', 'Expand'])
      expect(ops).not.toContain(op);
    // The rows of a sequence stay axes of their own.
    const dense = model.graph.nodes.filter(({ name }) => /\/(qkv|up|down|out)\//.test(name));
    expect(dense.map(({ op }) => op).join(' ')).toBe('MatMul Add MatMul Add MatMul Add MatMul Add');
    expect(new Set(nodes).size).toBe(nodes.length);
  });

  test('has an open batch, its own names of inputs and outputs, and its weights by theirs', () => {
    const { inputs, outputs, initializers } = model.graph;
    expect(inputs).toEqual([{ name: 'x', type: 'i64', shape: ['B', 16] }]);
    expect(outputs).toEqual([{ name: 'logits', type: 'f32', shape: ['B', 16, 13] }]);
    const { parameters } = checkedProgram({ file: 'p.net', text: TRANSFORMER });
    const weights = initializers.filter(({ name }) => !name.startsWith('constant'));
    expect(weights.map(({ name, shape }) => ({ name, shape: [...shape] }))).toEqual(
      parameters.map(({ name, shape }) => ({ name, shape })),
    );
  });

  test('says where it comes from', () => {
    expect(model.metadata).toEqual([
      ['netc', '1.2.3'],
      ['source', 'p.net'],
      ['source_sha256', 'abc'],
    ]);
    expect(model.graph.nodes.find(({ name }) => name === 'adder/tok/Gather')?.doc).toBe('p.net:9');
  });
});

test('a convolution is a Conv, with its groups, and needs no reshape around it', () => {
  const { graph } = modelOf(PROGRAMS['normalized']!);
  const convolutions = graph.nodes.filter(({ op }) => op === 'Conv');
  expect(convolutions.map(({ name }) => name)).toEqual(['net/c1/Conv', 'net/c2/Conv', 'net/c3/Conv']);
  expect(convolutions.map(({ attributes }) => attributes['group'])).toEqual(
    [1, 4, 1].map((value) => ({ kind: 'int', value })),
  );
  expect(convolutions.map(({ inputs }) => inputs[1])).toEqual([
    'net.c1.weight',
    'net.c2.weight',
    'net.c3.weight',
  ]);
  const reshapes = graph.nodes.filter(({ op, name }) => op === 'Reshape' && /\/c\d\//.test(name));
  // Of a bias, which has no pixels.
  expect(reshapes.map(({ inputs }) => inputs[0])).toEqual(['net.c1.bias', 'net.c3.bias']);
});

test('a loop over time is a Scan, whose body reads weights from around', () => {
  const { graph } = modelOf(PROGRAMS['glyphs-rows']!);
  const [scan, ...others] = graph.nodes.filter(({ op }) => op === 'Scan');
  expect(others).toEqual([]);
  expect(scan?.attributes['scan_output_directions']).toEqual({ kind: 'ints', values: [0] });
  const body = scan?.attributes['body'];
  if (body?.kind !== 'graph') throw new Error('a scan without a body');
  expect(body.graph.inputs.map(({ type }) => type)).toEqual(['f32', 'f32', 'f32']);
  expect(body.graph.nodes.some(({ inputs }) => inputs.includes('net.reader.Wh'))).toBe(true);
  expect(body.graph.initializers.map(({ name }) => name).filter((name) => name.startsWith('net'))).toEqual(
    [],
  );
});

test('a batch that the program asks for by its size is that size', async () => {
  const text = `
data d {
  x[B, 4]
  batch = 3
}
model net: x[B, 4] -> y[B, 4] {
  others = concat(x[1:], x[:1], axis = 0)
  return others -> dense(4)
}
train on d {
  steps = 1
  step {
    loss = mean(net(x))
    minimize loss with sgd(lr = 0.1)
  }
}
`;
  const model = modelOf(text);
  expect(model.graph.inputs[0]?.shape).toEqual([3, 4]);
  const given = { x: { shape: [3, 4], data: new Float32Array(12).fill(1), type: 'f32' as const } };
  expect((await runOnnx(encodeModel(model), given))['y']?.shape).toEqual([3, 4]);
});

test('half precision is a matter of training: the model is exported as its weights are', () => {
  const half = PROGRAMS['glyphs']!.replace('epochs = 10,', 'epochs = 10, precision = f16,');
  expect(half).not.toBe(PROGRAMS['glyphs']);
  expect(modelOf(half).graph).toEqual(modelOf(PROGRAMS['glyphs']!).graph);
});

test('tensors that the program makes f16 are f16', async () => {
  const text = 'model net: x[B, 4] -> y[B, 4] { return f32(f16(x) * f16(3)) }\n';
  const given = { x: { shape: [1, 4], data: [1, 2, 1 / 3, 0], type: 'f32' as const } };
  const { y } = await runOnnx(encodeModel(modelOf(text)), given);
  expect(y?.data).toEqual([3, 6, Math.fround(1), 0]);
});

test('is the same to the byte every time, wherever the program lies', async () => {
  const bytes: Buffer[] = [];
  for (const folder of [temporary, fs.mkdtempSync(path.join(temporary, 'elsewhere-'))]) {
    const { file, weights } = deploy(folder, 'glyphs-rows');
    const onnx = path.join(folder, 'm.onnx');
    expect((await netc('export', file, '--weights', weights, '--onnx', onnx)).exitCode).toBe(0);
    bytes.push(fs.readFileSync(onnx));
  }
  expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
  expect(bytes[0]!.includes(temporary)).toBe(false);
});

test('an input and an output of one name are told apart', () => {
  const { inputs, outputs } = modelOf('model net: x[B, 2] -> x[B, 2] { return x * 2 }\n').graph;
  expect([inputs[0]?.name, outputs[0]?.name]).toEqual(['x', 'x_2']);
});
