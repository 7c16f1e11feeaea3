// How long a program takes from text to plan and shaders, and how that grows with the number of layers.
import fs from 'node:fs';
import b from 'benny';
import { check, compile, CPU_PROFILE } from '../../dist/compiler/index.js';

const examples = new URL('../../dsl-examples/', import.meta.url);

/** A dense network of so many hidden layers. */
function deep(layers) {
  return `
data d {
  x[B, 64]
  y[B] u32
  batch = 32
}
model net: x[B, 64] -> logits[B, 10] {
  hidden: repeat ${layers} { x = x -> dense(64) -> relu }
  return x -> dense(10)
}
train on d {
  steps = 1, seed = 1
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with adam(lr = 1e-3)
  }
}
`;
}

/** A transformer of so many blocks. */
function transformer(blocks) {
  return `
data d {
  x[B, 64] u32
  y[B, 64] u32
  batch = 16
}
model net: tokens[B, 64] u32 -> logits[B, 64, 96] {
  x = tokens -> tok: embedding(96, 128) -> pos: positions(64, 128)
  blocks: repeat ${blocks} {
    x = x + (x -> ln1: layernorm -> attn: attention(4, causal = true))
    x = x + (x -> ln2: layernorm -> up: dense(512) -> gelu_tanh -> down: dense(128))
  }
  return x -> ln: layernorm -> head: dense(96, bias = false)
}
train on d {
  steps = 1, seed = 1
  step {
    logits = net(x)
    loss = cross_entropy(logits, y)
    minimize loss with adam(lr = 1e-3)
  }
}
`;
}

export default async function run() {
  const files = fs.readdirSync(examples).filter((name) => name.endsWith('.net'));
  const sources = files.map((file) => ({ file, text: fs.readFileSync(new URL(file, examples), 'utf8') }));
  await b.suite(
    'compile the examples',
    ...sources.map((source) => b.add(`check ${source.file}`, () => void check(source))),
    ...sources.map((source) => b.add(`compile ${source.file}`, () => void compile(source))),
    b.cycle(),
    b.complete(),
  );
  await b.suite(
    'compile time by depth',
    ...[1, 2, 4, 8, 16, 32].map((layers) =>
      b.add(`${layers} dense layers`, () => void compile({ file: 'deep.net', text: deep(layers) })),
    ),
    b.cycle(),
    b.complete(),
  );
  await b.suite(
    'compile time by blocks of a transformer',
    ...[4, 12, 24, 48].flatMap((blocks) => {
      const source = { file: 'transformer.net', text: transformer(blocks) };
      return [
        b.add(`${blocks} blocks, WebGPU`, () => void compile(source)),
        b.add(`${blocks} blocks, processor`, () => void compile(source, { profile: CPU_PROFILE })),
      ];
    }),
    b.cycle(),
    b.complete(),
  );
}
