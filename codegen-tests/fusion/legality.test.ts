/** What one kernel may compute: each reason against it, from the smallest graph that has it, and what is allowed. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import {
  binary,
  broadcastTo,
  keepAxes,
  reshapeTo,
  swapLastAxes,
  unary,
} from '../../compiler/graph/convenience.ts';
import { judge } from '../../compiler/schedule/legality.ts';
import { REASONS } from '../../compiler/schedule/levels.ts';
import { withFacts } from '../../compiler/schedule/scheduled-graph.ts';

type Case = (b: GraphBuilder) => { nodes: number[]; stored: number[] };

const state = (b: GraphBuilder, name: string, shape: number[]): number =>
  b.add('state', [], { name }, { shape });
const sum = (b: GraphBuilder, x: number, axis: number): number => b.add('reduce_sum', [x], { axes: [axis] });
const product = (b: GraphBuilder, x: number, y: number): number => b.add('matmul', [x, y], {});
const backOver = (b: GraphBuilder, x: number, row: number, axis: number): number => {
  const { shape } = b.type(x);
  return broadcastTo(b, keepAxes(b, row, shape, [axis]), shape);
};

const REFUSED: { readonly [P in keyof typeof REASONS]: Case } = {
  sizes: (b) => {
    const p = unary(b, 'exp', state(b, 'x', [4, 3]));
    const part = b.add('slice', [p], { starts: [0, 0], limits: [2, 3], steps: [1, 1] });
    const c = unary(b, 'neg', part);
    return { nodes: [p, c], stored: [p, c] };
  },
  elsewhere: (b) => {
    const p = unary(b, 'exp', state(b, 'x', [4, 4]));
    const c = unary(b, 'neg', swapLastAxes(b, p));
    return { nodes: [p, c], stored: [p, c] };
  },
  repeated: (b) => {
    const s = sum(b, state(b, 'x', [4, 5]), 1);
    const c = unary(b, 'exp', broadcastTo(b, reshapeTo(b, s, [1, 4]), [5, 4]));
    return { nodes: [s, c], stored: [c] };
  },
  rows: (b) => {
    const x = state(b, 'x', [4, 4]);
    const c = binary(b, 'sub', x, backOver(b, x, sum(b, x, 1), 1));
    const columns = sum(b, c, 0);
    return { nodes: [sum(b, x, 1), c, columns], stored: [columns] };
  },
  single: (b) => {
    const x = state(b, 'x', [5]);
    const p = unary(b, 'exp', x);
    const s = sum(b, p, 0);
    return { nodes: [p, s], stored: [p, s] };
  },
  products: (b) => {
    const first = product(b, state(b, 'x', [4, 4]), state(b, 'y', [4, 4]));
    const second = product(b, first, state(b, 'z', [4, 4]));
    return { nodes: [first, second], stored: [second] };
  },
  prologue: (b) => {
    const p = unary(b, 'exp', state(b, 'x', [4, 4]));
    const c = product(b, p, state(b, 'y', [4, 4]));
    return { nodes: [p, c], stored: [c] };
  },
  productRows: (b) => {
    const p = product(b, state(b, 'x', [4, 4]), state(b, 'y', [4, 4]));
    const s = sum(b, p, 1);
    return { nodes: [p, s], stored: [s] };
  },
  columns: (b) => {
    const y = state(b, 'y', [5, 3]);
    const p = product(b, state(b, 'x', [4, 5]), y);
    const s = sum(b, y, 1);
    return { nodes: [p, s], stored: [p, s] };
  },
  attention: (b) => {
    const inputs = ['q', 'k', 'v'].map((name) => state(b, name, [4, 16]));
    const a = b.add('attention', inputs, { scale: 1, causal: false });
    const c = unary(b, 'exp', a);
    return { nodes: [a, c], stored: [c] };
  },
  scatter: (b) => {
    const source = unary(b, 'exp', state(b, 'x', [2, 3]));
    const index = b.add('iota', [], { axis: 0 }, { shape: [2] });
    const c = b.add('scatter_add', [state(b, 'y', [4, 3]), index, source], { axis: 0 });
    return { nodes: [source, c], stored: [c] };
  },
  apart: (b) => {
    const x = state(b, 'x', [4]);
    const g = b.add('gradient', [sum(b, unary(b, 'exp', x), 0), x], {});
    const c = unary(b, 'neg', g);
    return { nodes: [g, c], stored: [c] };
  },
};

const ALLOWED: Readonly<Record<string, readonly [kind: string, build: Case]>> = {
  'a chain through reshapes, with two results': [
    'elementwise',
    (b) => {
      const p = unary(b, 'exp', state(b, 'x', [4, 6]));
      const c = unary(b, 'neg', reshapeTo(b, p, [3, 8]));
      return { nodes: [p, c], stored: [p, c] };
    },
  ],
  'a producer read through views, where it is not stored': [
    'elementwise',
    (b) => {
      const p = unary(b, 'exp', state(b, 'x', [4, 6]));
      const c = unary(b, 'neg', swapLastAxes(b, p));
      return { nodes: [p, c], stored: [c] };
    },
  ],
  'look-ups with what is behind them': [
    'gather',
    (b) => {
      const index = b.add('iota', [], { axis: 0 }, { shape: [2] });
      const t = b.add('take', [state(b, 'x', [4, 6]), index], { axis: 0 });
      const c = unary(b, 'neg', t);
      return { nodes: [t, c], stored: [c] };
    },
  ],
  'a sum with what is before and behind it': [
    'reduce',
    (b) => {
      const p = unary(b, 'exp', state(b, 'x', [4, 6]));
      const s = sum(b, p, 1);
      const c = unary(b, 'log', s);
      return { nodes: [p, s, c], stored: [c] };
    },
  ],
  softmax: [
    'rows',
    (b) => {
      const p = unary(b, 'exp', state(b, 'x', [4, 6]));
      const s = sum(b, p, 1);
      const c = binary(b, 'div', p, backOver(b, p, s, 1));
      return { nodes: [p, s, c], stored: [p, s, c] };
    },
  ],
  'an epilogue through a reshape, with two results': [
    'matmul',
    (b) => {
      const p = product(b, state(b, 'x', [6, 2]), state(b, 'y', [2, 4]));
      const h = reshapeTo(b, p, [2, 3, 4]);
      const c = unary(b, 'tanh', h);
      return { nodes: [p, c], stored: [p, c] };
    },
  ],
  'attention with its logarithms': [
    'attention',
    (b) => {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => state(b, name, [4, 16])) as [number, number, number];
      const attributes = { scale: 1, causal: true };
      const result = b.add('attention', [q, k, v], attributes);
      const sums = b.add('attention_lse', [q, k], attributes);
      return { nodes: [result, sums], stored: [result, sums] };
    },
  ],
  'a column sum beside a product': [
    'matmul',
    (b) => {
      const y = state(b, 'y', [5, 3]);
      const p = product(b, state(b, 'x', [4, 5]), y);
      const s = sum(b, y, 0);
      return { nodes: [p, s], stored: [p, s] };
    },
  ],
};

const verdictOf = (build: Case) => {
  const b = new GraphBuilder('verdict');
  const { nodes, stored } = build(b);
  return judge(withFacts(b.finish(), 'software'), new Set(nodes), new Set(stored));
};

describe('a kernel is refused', () => {
  it.each(Object.entries(REFUSED))('for %s', (name, build) => {
    expect(verdictOf(build)).toEqual({ kind: 'refused', reason: REASONS[name as keyof typeof REASONS] });
  });
});

describe('a kernel may hold', () => {
  it.each(Object.entries(ALLOWED))('%s', (_, [group, build]) => {
    expect(verdictOf(build)).toMatchObject({ kind: 'legal', group });
  });
});
