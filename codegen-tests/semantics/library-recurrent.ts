/** Recurrent layers of std.net against their formulas, turn by turn, record by record. */
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { layerCase, type LibraryCase } from './library-case.ts';
import { at, build, total } from './reference.ts';
import { random } from './calculating.ts';

const [B, T, D, U] = [2, 3, 4, 3];
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

const x = random([B, T, D], 61);

interface Weights {
  readonly [name: string]: HostTensor;
  readonly Wx: HostTensor;
  readonly Wh: HostTensor;
}

const weights = (gates: number, ...biases: string[]): Weights => ({
  Wx: random([D, gates * U], 62),
  Wh: random([U, gates * U], 63),
  ...Object.fromEntries(biases.map((name, i) => [name, random([gates * U], 64 + i)])),
});

/** Row times matrix, and a bias where there is one. */
const project = (row: readonly number[], matrix: HostTensor, bias?: HostTensor): number[] =>
  range(matrix.shape[1] ?? 0).map(
    (j) => total(row.map((value, k) => value * at(matrix, [k, j]))) + (bias ? at(bias, [j]) : 0),
  );

type Step = (input: readonly number[], state: readonly number[][]) => number[][];

/** Runs a cell over every record; the first part of its state is what it shows. */
function states(step: Step, parts: number, backward: boolean): HostTensor {
  const shown = range(B).map((record) => {
    let state = range(parts).map(() => new Array<number>(U).fill(0));
    const rows: number[][] = [];
    for (const turn of range(T)) {
      const t = backward ? T - 1 - turn : turn;
      state = step(
        range(D).map((d) => at(x, [record, t, d])),
        state,
      );
      rows[t] = state[0] as number[];
    }
    return rows;
  });
  return build([B, T, U], ([record = 0, t = 0, u = 0]) => shown[record]?.[t]?.[u] ?? NaN);
}

const gate = (values: readonly number[], index: number, u: number): number => values[index * U + u] ?? NaN;

const rnn =
  ({ Wx, Wh, b }: Weights): Step =>
  (input, [h = []]) => {
    const z = project(input, Wx, b).map((value, i) => value + (project(h, Wh)[i] ?? NaN));
    return [z.map(Math.tanh)];
  };

const lstm =
  ({ Wx, Wh, b }: Weights): Step =>
  (input, [h = [], c = []]) => {
    const past = project(h, Wh);
    const z = project(input, Wx, b).map((value, i) => value + (past[i] ?? NaN));
    const [i, f, g, o] = [0, 1, 2, 3].map((index) => (u: number) => gate(z, index, u)) as [
      Gate,
      Gate,
      Gate,
      Gate,
    ];
    const next = c.map((value, u) => sigmoid(f(u)) * value + sigmoid(i(u)) * Math.tanh(g(u)));
    return [next.map((value, u) => sigmoid(o(u)) * Math.tanh(value)), next];
  };
type Gate = (u: number) => number;

const gru =
  ({ Wx, Wh, bx, bh }: Weights): Step =>
  (input, [h = []]) => {
    const [a, p] = [project(input, Wx, bx), project(h, Wh, bh)];
    return [
      h.map((value, u) => {
        const r = sigmoid(gate(a, 0, u) + gate(p, 0, u));
        const z = sigmoid(gate(a, 1, u) + gate(p, 1, u));
        const n = Math.tanh(gate(a, 2, u) + r * gate(p, 2, u));
        return (1 - z) * n + z * value;
      }),
    ];
  };

function casesOf(
  name: 'rnn' | 'lstm' | 'gru',
  inside: Weights,
  cell: (weights: Weights) => Step,
  parts: number,
): LibraryCase[] {
  const given = { weights: { x }, inside, orders: 2 } as const;
  const values = Object.keys(inside);
  return [
    layerCase(`${name}(${U})`, { ...given, expected: states(cell(inside), parts, false) }),
    layerCase(`${name}(${U}, reverse = true)`, {
      ...given,
      what: 'from the end',
      expected: states(cell(inside), parts, true),
    }),
    {
      of: `${name}_states`,
      expression: `${name}_states(x, ${values.join(', ')})`,
      weights: { x, ...inside },
      expected: states(cell(inside), parts, false),
      orders: 1,
    },
  ];
}

export const RECURRENT_CASES: readonly LibraryCase[] = [
  ...casesOf('rnn', weights(1, 'b'), rnn, 1),
  ...casesOf('lstm', weights(4, 'b'), lstm, 2),
  ...casesOf('gru', weights(3, 'bx', 'bh'), gru, 1),
  {
    of: 'in_time',
    what: 'backward',
    expression: 'in_time(x, true)',
    weights: { x },
    expected: build([B, T, D], ([record = 0, t = 0, d = 0]) => at(x, [record, T - 1 - t, d])),
    orders: 1,
  },
  {
    of: 'in_time',
    what: 'forward',
    expression: 'in_time(x, false) * 1',
    weights: { x },
    expected: x,
    orders: 1,
  },
];
