/**
 * Networks whose training steps hold every kind of kernel, at sizes given: graphs with gradients, as the schedule
 * gets them, and random tensors for their leaves.
 */
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { elementsAt, dimensionAt } from '../../compiler/graph/dimension.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { environment, type Environment } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { compile } from '../../compiler/index.ts';
import { expandAllAttention } from '../../compiler/passes/expand-attention.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { uniforms } from '../ops/sample.ts';

export interface Sizes {
  /** Records. */
  readonly B: number;
  /** Features. */
  readonly D: number;
  /** Classes: labels are below 2. */
  readonly C: number;
}

export const SIZES: readonly Sizes[] = [
  { B: 1, D: 3, C: 2 },
  { B: 3, D: 1, C: 5 },
  { B: 5, D: 127, C: 3 },
  { B: 8, D: 16, C: 4 },
  { B: 127, D: 5, C: 7 },
];

/** By name: the body of a model from x[B, D] to [B, C]. */
export const MODELS: Readonly<Record<string, string>> = {
  dense: 'return x -> dense(8) -> relu -> dense(7) -> gelu_tanh -> dense(C)',
  dropout: 'return x -> dense(8) -> dropout(0.5) -> gelu -> dropout(0.25) -> dense(C)',
  residual: 'h = x -> dense(D) -> silu\n  return (x + (h -> dense(D) -> tanh) * 0.5) -> dense(C)',
  layernorm:
    'h = x + (x -> layernorm -> dense(6) -> gelu_tanh -> dense(D))\n  return h -> layernorm -> dense(C)',
  rmsnorm: 'h = x -> dense(5)\n  h = h + (h -> rmsnorm -> dense(5))\n  return h -> rmsnorm -> dense(C)',
  softmax: 'return (softmax(x -> dense(6)) * log_softmax(x -> dense(6))) -> dense(C)',
  attention:
    'h = reshape(x -> dense(24), B, 3, 8)\n  h = h + (h -> attention(2, causal = true))\n  return reshape(h, B, 24) -> dense(C)',
  columns: 'h = (x -> dense(6)) ^ 2\n  return normalize(h, axis = 0) -> dense(C)',
};

/** The training step of a model with cross-entropy; `evaluate`: the same with a symbolic batch. */
export function stepOf(name: string, { B, D, C }: Sizes, evaluate = false): Graph {
  const text = `
let D = ${D}
let C = ${C}
data points {
  from train = npy(x = "x.npy", y = "y.npy")
  x[B, D]
  y[B] u32
  batch = ${B}
}
model net: x[B, D] -> logits[B, C] {
  ${MODELS[name] ?? ''}
}
train on points {
  steps = 1, seed = 1
  step {
    logits = net(x)
    loss = cross_entropy(logits, y)
    metric accuracy = mean(argmax(logits) == y)
    minimize loss with clip_norm(1.0) -> adam(lr = 1e-3)
  }
}
`;
  const { program } = compile({ text, file: `${name}.net` }, { fuse: false });
  const step = program.steps[0];
  if (!step) throw new Error('a program without a step');
  return optimizeGraph(expandGradients(expandAllAttention.run(evaluate ? step.evaluate : step.train)));
}

/** Random leaves: numbers around 0, labels 0 and 1. */
export function leavesOf(graph: Graph, batch: number): Environment {
  const tensors = { parameter: new Map<string, HostTensor>(), state: new Map<string, HostTensor>(), input: new Map<string, HostTensor>() }; // prettier-ignore
  for (const node of graph.nodes) {
    if (node.op !== 'parameter' && node.op !== 'state' && node.op !== 'input') continue;
    const numbers = uniforms(elementsAt(node.type.shape, batch), 11 + node.id);
    const label = node.type.dtype === 'u32';
    const data = [...numbers].map((u) => (label ? Math.floor(2 * u) : Math.fround(2 * u - 1)));
    const shape = node.type.shape.map((d) => dimensionAt(d, batch));
    tensors[node.op].set(node.attributes.name, hostTensor(shape, data, node.type.dtype));
  }
  return environment({
    batch,
    seed: 7,
    draw: 3,
    parameters: tensors.parameter,
    states: tensors.state,
    inputs: tensors.input,
  });
}
