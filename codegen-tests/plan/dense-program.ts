/**
 * A small dense classifier built by hand, past syntax and semantics: what the tests of the later stages start
 * from. x[B, 12] u8 / 255 -> dense(16) -> relu -> dense(5) -> cross entropy, adam.
 */
import { BATCH, type Dimension } from '../../compiler/graph/dimension.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import type { ParameterDeclaration, Program } from '../../compiler/semantics/program.ts';

const SPAN = { file: 'dense.net', line: 3, column: 5, endLine: 3, endColumn: 9 };

export interface DenseSizes {
  batch: number;
  inputs: number;
  hidden: number;
  classes: number;
}

function stepGraph(
  sizes: DenseSizes,
  batch: Dimension,
  training: boolean,
  moved: readonly ParameterDeclaration[],
): Graph {
  const { inputs, hidden, classes } = sizes;
  const b = new GraphBuilder(training ? 'step' : 'step.evaluate');
  b.source = [SPAN];
  const weights = new Map(
    moved.map((p) => [p.name, b.add('parameter', [], { name: p.name }, { shape: p.shape, dtype: 'f32' })]),
  );
  const wide = (value: number, shape: Dimension[]): number =>
    b.add('broadcast', [b.add('reshape', [value], {}, { shape: shape.map(() => 1) })], {}, { shape });
  const number = (value: Dimension, shape: Dimension[]): number =>
    wide(b.add('constant', [], { value }, { dtype: 'f32' }), shape);
  const dense = (x: number, name: string, n: Dimension): number => {
    const product = b.add('matmul', [x, weights.get(`${name}.weight`)!], {});
    const row = b.add('reshape', [weights.get(`${name}.bias`)!], {}, { shape: [1, n] });
    return b.add('add', [product, b.add('broadcast', [row], {}, { shape: [batch, n] })], {});
  };
  const column = (x: number, n: Dimension): number =>
    b.add('broadcast', [b.add('reshape', [x], {}, { shape: [batch, 1] })], {}, { shape: [batch, n] });

  const bytes = b.add('input', [], { name: 'x', storage: 'u8' }, { shape: [batch, inputs], dtype: 'f32' });
  const label = b.add('input', [], { name: 'y', storage: 'u32' }, { shape: [batch], dtype: 'u32' });
  const x = b.add('div', [bytes, number(255, [batch, inputs])], {});
  const h = dense(x, 'net.hidden', hidden);
  const zero = number(0, [batch, hidden]);
  const relu = b.add('select', [b.add('gt', [h, zero], {}), h, zero], {});
  const logits = dense(relu, 'net.out', classes);
  const shifted = b.add(
    'sub',
    [logits, column(b.add('detach', [b.add('reduce_max', [logits], { axes: [1] })], {}), classes)],
    {},
  );
  const total = b.add('log', [b.add('reduce_sum', [b.add('exp', [shifted], {})], { axes: [1] })], {});
  const picked = b.add(
    'eq',
    [b.add('iota', [], { axis: 1 }, { shape: [batch, classes], dtype: 'u32' }), column(label, classes)],
    {},
  );
  const right = b.add('reduce_sum', [b.add('select', [picked, shifted, number(0, [batch, classes])], {})], {
    axes: [1],
  });
  const sum = b.add('reduce_sum', [b.add('sub', [total, right], {})], { axes: [0] });
  const loss = b.add('div', [sum, b.add('constant', [], { value: batch }, { dtype: 'f32' })], {});
  b.output('loss', loss, 'result');
  const hit = b.add('eq', [b.add('argmax', [logits], { axis: 1 }), label], {});
  const hits = b.add('reduce_sum', [b.add('cast', [hit], {}, { dtype: 'f32' })], { axes: [0] });
  b.output(
    'accuracy',
    b.add('div', [hits, b.add('constant', [], { value: batch }, { dtype: 'f32' })], {}),
    'result',
  );
  if (training)
    for (const p of moved) b.output(p.name, b.add('gradient', [loss, weights.get(p.name)!], {}), 'gradient');
  return b.finish();
}

export function denseProgram(sizes: DenseSizes = { batch: 8, inputs: 12, hidden: 16, classes: 5 }): Program {
  const { batch, inputs, hidden, classes } = sizes;
  const parameter = (name: string, shape: number[]): ParameterDeclaration => ({
    name,
    shape,
    initializer: { kind: 'zeros' },
    span: SPAN,
  });
  const parameters = [
    parameter('net.hidden.weight', [inputs, hidden]),
    parameter('net.hidden.bias', [hidden]),
    parameter('net.out.weight', [hidden, classes]),
    parameter('net.out.bias', [classes]),
  ];
  return {
    name: 'dense',
    source: 'dense.net',
    precision: 'f32',
    parameters,
    states: [],
    data: {
      name: 'd',
      sources: [],
      splits: [],
      fields: [
        { name: 'x', shape: [inputs], storage: 'u8', origin: { kind: 'array' }, span: SPAN },
        { name: 'y', shape: [], storage: 'u32', origin: { kind: 'array' }, span: SPAN },
      ],
      batch,
      shuffle: false,
      span: SPAN,
    },
    training: { steps: 10, seed: 1, accumulate: 1, save: [] },
    steps: [
      {
        times: 1,
        train: stepGraph(sizes, batch, true, parameters),
        evaluate: stepGraph(sizes, BATCH, false, parameters),
        metrics: [
          { name: 'loss', output: 'loss', after: 'identity' },
          { name: 'accuracy', output: 'accuracy', after: 'identity' },
        ],
        minimizes: [
          {
            parameters: parameters.map((p) => p.name),
            transforms: [{ kind: 'clip_norm', limit: 1 }],
            optimizer: {
              kind: 'adam',
              lr: { type: 'constant', value: 1e-2 },
              betas: [0.9, 0.999],
              eps: 1e-8,
            },
            span: SPAN,
          },
        ],
        span: SPAN,
      },
    ],
    models: [],
    warnings: [],
  };
}
