/** Programs to deploy: the examples, and what these leave out. Each with weights and records of its own, always the same. */
import fs from 'node:fs';
import path from 'node:path';
import { compile, type Listing } from '../../compiler/index.ts';
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { initialWeights } from '../../runtime/train/weights.ts';
import { uniforms } from '../ops/sample.ts';
import { EXAMPLES } from '../support/examples.ts';

/** Normalization behind a convolution, behind a relu, behind a dense layer. */
export const NORMALIZED = `
data pictures {
  image[B, 1, 12, 12]
  label[B] u32
  batch = 16
}
model net: image[B, 1, 12, 12] -> logits[B, 10] {
  x = image -> c1: conv2d(8, 3, pad = same) -> n1: batchnorm -> relu -> maxpool(2)
  x = x -> c2: conv2d(8, 3, pad = same, groups = 4, bias = false) -> n2: batchnorm -> relu
  x = x -> c3: conv2d(8, 3, stride = 2) -> relu -> n3: batchnorm
  return x -> flatten -> hidden: dense(16) -> n4: batchnorm -> relu -> out: dense(10)
}
train on pictures {
  steps = 10, seed = 5
  step {
    loss = cross_entropy(net(image), label)
    minimize loss with adam(lr = 1e-3)
  }
}
`;

/** Characters, a block with attention, and what comes next. */
export const TRANSFORMER = `
let T = 16
let D = 32
layer block(heads: int): x[B, T, D] -> [B, T, D] {
  x = x + (x -> ln1: layernorm -> attn: attention(heads, causal = true))
  return x + (x -> ln2: layernorm -> up: dense(2 * D) -> gelu -> down: dense(D))
}
model adder(heads = 2): x[B, T] u32 -> logits[B, T, 13] {
  h = x -> tok: embedding(13, D, init = normal(0.1)) -> pos: positions(T, D)
  return h -> block(heads) -> ln: layernorm -> out: dense(13)
}
`;

/** Two models; a critic that no record has a value of; attention, tied weights, constants, a scan. */
const MIXED = `
data pairs {
  x[B, 8]
  tokens[B, 6] u32
  batch = 8
}
model judge: x[B, 8] -> score[] { return mean(x -> dense(1)) }
model reader: tokens[B, 6] u32 -> (logits[B, 6, 5], pooled[B, 8]) {
  tok = embedding(5, 8)
  h = tokens -> tok -> positions(6, 8) -> attention(2, causal = true) -> gru(8)
  return (h @ tok.weight.T * exp(sum(tok.weight)), mean(h, axis = 1))
}
model other: x[B, 8] -> y[B, 4] {
  param w[8, 4] = glorot(), gain[4] = ones()
  return (x @ normalize(w, axis = 0)) * sigmoid(gain) - 0.5
}
train on pairs {
  steps = 10, seed = 9
  step {
    loss = mean(other(x)) + mean(reader(tokens)[0]) + judge(x)
    minimize loss with sgd(lr = 0.1)
  }
}
`;

export const examples = fs.readdirSync(EXAMPLES).filter((name) => name.endsWith('.net'));

/** Text by name. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    examples.map((name) => [name.replace(/\.net$/, ''), fs.readFileSync(path.join(EXAMPLES, name), 'utf8')]),
  ),
  normalized: NORMALIZED,
  transformer: TRANSFORMER,
  mixed: MIXED,
};

/** Half precision, which only GPUs have. */
export const HALF: Readonly<Record<string, string>> = {
  glyphs: (PROGRAMS['glyphs'] ?? '').replace('epochs = 10,', 'epochs = 10, precision = f16,'),
  normalized: NORMALIZED.replace('steps = 10,', 'steps = 10, precision = f16,'),
};

export interface Deployed {
  file: string;
  listing: Listing;
  weights: string;
  /** Of the models, by name and then by input. */
  inputs: Record<string, Record<string, Float32Array | Uint32Array | Int32Array>>;
  /** Of each file of records, by model and input. */
  records: Record<string, Record<string, string>>;
}

/** Programs beside the project: of the parity cases and of the peers. */
export const SHARED_PROGRAMS = [
  ...['mlp', 'cnn_bn', 'gpt', 'lstm', 'autoencoder', 'svm', 'wgan_gp'].map(
    (name) => `parity/${name}/${name}.net`,
  ),
  ...['mlp', 'cnn', 'gpt'].map((name) => `peers/netc/${name}.net`),
];

export const RECORDS = 5;

/** Writes a program with weights (those it starts with, moved, so that none is zero or one) and records. */
export function deploy(folder: string, name: string, text = PROGRAMS[name] ?? ''): Deployed {
  const file = path.join(folder, `${name}.net`);
  fs.writeFileSync(file, text);
  for (const [, used = ''] of text.matchAll(/^use "(.*)"/gm)) {
    fs.copyFileSync(path.join(EXAMPLES, used), path.join(folder, used));
  }
  const resolve = (used: string): string => fs.readFileSync(path.join(folder, used), 'utf8');
  const { listing } = compile({ file: `${name}.net`, text }, { resolve });
  const start = initialWeights(listing, 3);
  const tensors = [...listing.parameters, ...listing.states].map(({ name: tensor, shape }, t) => {
    const noise = uniforms(start.get(tensor)?.length ?? 0, t + 1);
    const data = (start.get(tensor) ?? new Float32Array()).map((value, i) => value + 0.1 * (2 * (noise[i] ?? 0) - 1)); // prettier-ignore
    return { name: tensor, shape, data };
  });
  const weights = path.join(folder, `${name}.safetensors`);
  fs.writeFileSync(weights, encodeSafetensors(tensors));
  const inputs: Deployed['inputs'] = {};
  const records: Deployed['records'] = {};
  for (const { name: model, predict } of listing.models) {
    const made = (inputs[model] = {} as Deployed['inputs'][string]);
    const paths = (records[model] = {} as Deployed['records'][string]);
    listing.routines[predict]!.inputs.forEach(({ name: input, recordShape, storage }, i) => {
      const count = recordShape.reduce((n, d) => n * d, RECORDS);
      const values = uniforms(count, 77 + i);
      const whole = storage === 'u32' || storage === 'i32';
      made[input] = whole ? Uint32Array.from(values, (u) => Math.floor(2 * u)) : Float32Array.from(values, (u) => 2 * u - 1); // prettier-ignore
      paths[input] = path.join(folder, `${name}-${model}-${input}.npy`);
      fs.writeFileSync(
        paths[input],
        encodeNpy([RECORDS, ...recordShape], whole ? 'u32' : 'f32', made[input]),
      );
    });
  }
  return { file, listing, weights, inputs, records };
}
