// How long a program takes from text to plan and shaders, and how that grows with the number of layers.
import fs from 'node:fs';
import path from 'node:path';
import { check, compile } from '../../dist/compiler/index.js';
import { asRow, measure } from '../measure.mjs';
import { EXAMPLES, SHARED_PEERS } from '../programs.mjs';

/** Dense layers, and blocks of attention. */
const NETWORKS = {
  dense: (layers) => `
data d {
  x[B, 64]
  y[B] u32
  batch = 32
}
model net: x[B, 64] -> logits[B, 10] {
  hidden: repeat ${layers} { x = x -> dense(64) -> relu }
  return x -> dense(10)
}`,
  transformer: (layers) => `
data d {
  x[B, 32] u32
  y[B, 32] u32
  batch = 8
}
model net: x[B, 32] u32 -> logits[B, 32, 64] {
  x = x -> embedding(64, 64)
  blocks: repeat ${layers} {
    x = x + (x -> ln1: layernorm -> attention(4, causal = true))
    x = x + (x -> ln2: layernorm -> dense(256) -> gelu -> dense(64))
  }
  return x -> layernorm -> dense(64)
}`,
};
const training = `
train on d {
  steps = 1, seed = 1
  step {
    loss = cross_entropy(net(x), y)
    minimize loss with adam(lr = 1e-3)
  }
}
`;
const DEPTHS = { dense: [1, 2, 4, 8, 16, 32], transformer: [4, 12, 24, 48] };

const read = (folder, names) =>
  names
    .map((name) => path.join(folder, name))
    .filter((file) => fs.existsSync(file))
    .map((file) => ({ file: path.basename(file), text: fs.readFileSync(file, 'utf8') }));

/** A program that does not compile is told of and left out. */
const compiles = (source) => {
  try {
    compile(source);
    return true;
  } catch (error) {
    console.log(`${source.file}: left out, ${error.message}`);
    return false;
  }
};

export default async function run({ quick = false } = {}) {
  const names = fs.readdirSync(EXAMPLES).filter((name) => name.endsWith('.net'));
  const peers = ['mlp', 'cnn', 'gpt', 'gpt2'].map((name) => `${name}.net`);
  const sources = [...read(SHARED_PEERS, peers), ...read(EXAMPLES, names)]
    .slice(0, quick ? 1 : undefined)
    .filter(compiles);
  const programs = await measure(
    'programs',
    sources.flatMap((source) => [
      { name: source.file, group: 'check', run: () => void check(source) },
      { name: source.file, group: 'compile', run: () => void compile(source) },
    ]),
    { quick },
  );
  const growth = await measure(
    'by depth',
    Object.entries(NETWORKS).flatMap(([group, network]) =>
      DEPTHS[group].slice(0, quick ? 1 : undefined).map((layers) => {
        const source = { file: 'deep.net', text: network(layers) + training };
        return { name: `${layers} layers`, group, x: layers, run: () => void compile(source) };
      }),
    ),
    { quick },
  );
  return [
    {
      title: 'Compile time',
      note: 'text to plan and shaders, warm; to check stops before kernels',
      kind: 'bars',
      unit: 'ms',
      better: 'less',
      rows: programs.map(asRow),
    },
    {
      title: 'Compile time by depth',
      note: 'of a dense network, and of blocks of attention',
      kind: 'lines',
      unit: 'ms',
      axis: 'layers',
      better: 'less',
      rows: growth.map(asRow),
    },
  ];
}
