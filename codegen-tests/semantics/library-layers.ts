/** Layers of std.net by their formulas, attention against a loop. */
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { layerCase, type LibraryCase } from './library-case.ts';
import { along, at, average, build, softmax, total } from './reference.ts';
import { array, random } from './calculating.ts';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const x = random([2, 3, 4], 31);
const W = random([4, 5], 32);
const b = random([5], 33);
const product = (left: HostTensor, right: HostTensor, bias?: HostTensor): HostTensor => {
  const [inner = 0, columns = 0] = right.shape;
  return build(left.shape.with(-1, columns), (index) => {
    const j = index.at(-1) ?? 0;
    return (
      total(range(inner).map((k) => at(left, index.with(-1, k)) * at(right, [k, j]))) +
      (bias ? at(bias, [j]) : 0)
    );
  });
};
const scale = random([4], 34);
const shift = random([4], 35);
const rows = random([6, 4], 36);
const ids = array(
  [
    [5, 0, 5],
    [1, 2, 3],
  ],
  'u32',
);

const normalized = (eps: number) =>
  along(x, 2, (v) => {
    const m = average(v);
    const s = Math.sqrt(average(v.map((e) => (e - m) ** 2)) + eps);
    return v.map((e, i) => ((e - m) / s) * at(scale, [i]) + at(shift, [i]));
  });
const rms = (eps: number) =>
  along(x, 2, (v) => v.map((e, i) => (e / Math.sqrt(average(v.map((u) => u * u)) + eps)) * at(scale, [i])));

const image = random([2, 4, 3], 37);
const grouped = (groups: number, eps: number) =>
  build(image.shape, ([n = 0, c = 0, i = 0]) => {
    const size = 4 / groups;
    const own = range(4).filter((other) => Math.floor(other / size) === Math.floor(c / size));
    const v = own.flatMap((channel) => range(3).map((k) => at(image, [n, channel, k])));
    const m = average(v);
    const s = Math.sqrt(average(v.map((e) => (e - m) ** 2)) + eps);
    return ((at(image, [n, c, i]) - m) / s) * at(scale, [c]) + at(shift, [c]);
  });

interface Heads {
  readonly q: HostTensor;
  readonly k: HostTensor;
  readonly v: HostTensor;
}

/** softmax(q k^T / sqrt(d)) v by loops; `allowed` decides which keys a query sees. */
function attended(
  { q, k, v }: Heads,
  allowed: (b: number, h: number, i: number, j: number) => boolean,
): HostTensor {
  const [d = 1, keyHeads = 1, keys = 1] = [q.shape[3], k.shape[1], k.shape[2]];
  const share = (q.shape[1] ?? 1) / keyHeads;
  return build(q.shape.with(3, v.shape[3] ?? 1), ([n = 0, h = 0, i = 0, e = 0]) => {
    const head = Math.floor(h / share);
    const seen = range(keys).filter((j) => allowed(n, h, i, j));
    const scores = seen.map(
      (j) => total(range(d).map((c) => at(q, [n, h, i, c]) * at(k, [n, head, j, c]))) / Math.sqrt(d),
    );
    const weights = softmax(scores);
    return total(seen.map((j, place) => (weights[place] ?? 0) * at(v, [n, head, j, e])));
  });
}

const heads: Heads = {
  q: random([2, 2, 3, 4], 41),
  k: random([2, 2, 3, 4], 42),
  v: random([2, 2, 3, 4], 43),
};
const across: Heads = {
  q: random([1, 4, 3, 2], 44),
  k: random([1, 2, 5, 2], 45),
  v: random([1, 2, 5, 3], 46),
};
const mask = array([
  [1, -1, 1],
  [-1, -1, -1],
  [-1, 1, 1],
]);
const attendCase = (
  what: string,
  given: Heads,
  settings: string,
  allowed: (b: number, h: number, i: number, j: number) => boolean,
): LibraryCase => ({
  of: 'attend',
  what,
  expression: `attend(q, k, v${settings})`,
  weights: { q: given.q, k: given.k, v: given.v, mask },
  variables: ['p.q', 'p.k', 'p.v'],
  expected: attended(given, allowed),
  orders: 2,
});

const qkv = random([4, 12], 51);
const qkvBias = random([12], 52);
const proj = random([4, 4], 53);
const projBias = random([4], 54);

/** Heads lie inside each third of the last axis. */
function attention(causal: boolean): HostTensor {
  const all = product(x, qkv, qkvBias);
  const part = (third: number): HostTensor =>
    build([2, 2, 3, 2], ([n = 0, h = 0, t = 0, c = 0]) => at(all, [n, t, third * 4 + h * 2 + c]));
  const parts = { q: part(0), k: part(1), v: part(2) };
  const y = attended(parts, (_n, _h, i, j) => !causal || j <= i);
  const joined = build([2, 3, 4], ([n = 0, t = 0, c = 0]) => at(y, [n, Math.floor(c / 2), t, c % 2]));
  return product(joined, proj, projBias);
}
const attentionWeights = {
  'qkv.weight': qkv,
  'qkv.bias': qkvBias,
  'proj.weight': proj,
  'proj.bias': projBias,
};

export const LAYER_CASES: readonly LibraryCase[] = [
  layerCase('dense(5)', {
    weights: { x },
    inside: { weight: W, bias: b },
    expected: product(x, W, b),
    orders: 2,
  }),
  layerCase('dense(5, bias = false)', {
    weights: { x },
    inside: { weight: W },
    expected: product(x, W),
    orders: 2,
  }),
  layerCase('embedding(6, 4)', {
    columns: { x: ids },
    dtype: 'u32',
    inside: { weight: rows },
    expected: build([2, 3, 4], ([i = 0, j = 0, k = 0]) => at(rows, [at(ids, [i, j]), k])),
    orders: 2,
  }),
  layerCase('positions(6, 4)', {
    weights: { x },
    inside: { weight: rows },
    expected: build([2, 3, 4], (i) => at(x, i) + at(rows, i.slice(1))),
    orders: 2,
  }),
  layerCase('layernorm', {
    weights: { x },
    inside: { weight: scale, bias: shift },
    expected: normalized(1e-5),
    orders: 2,
  }),
  layerCase('layernorm(eps = 0.1)', {
    weights: { x },
    inside: { weight: scale, bias: shift },
    expected: normalized(0.1),
    orders: 2,
  }),
  layerCase('rmsnorm', { weights: { x }, inside: { weight: scale }, expected: rms(1e-6), orders: 2 }),
  layerCase('rmsnorm(0.1)', { weights: { x }, inside: { weight: scale }, expected: rms(0.1), orders: 2 }),
  layerCase('groupnorm(2)', {
    weights: { x: image },
    inside: { weight: scale, bias: shift },
    expected: grouped(2, 1e-5),
    orders: 2,
  }),
  layerCase('groupnorm(4, eps = 0.01)', {
    weights: { x: image },
    inside: { weight: scale, bias: shift },
    expected: grouped(4, 0.01),
    orders: 2,
  }),
  layerCase('dropout(0.0)', { weights: { x }, expected: x, orders: 2 }),
  attendCase('everything', heads, '', () => true),
  attendCase('causal', heads, ', causal = true', (_n, _h, i, j) => j <= i),
  attendCase(
    'mask with a row that allows nothing',
    heads,
    ', mask = mask > 0',
    (_n, _h, i, j) => at(mask, [i, j]) > 0,
  ),
  attendCase(
    'mask and causal',
    heads,
    ', causal = true, mask = mask > 0',
    (_n, _h, i, j) => j <= i && at(mask, [i, j]) > 0,
  ),
  attendCase('across, key heads shared by groups', across, '', () => true),
  attendCase('across, causal', across, ', causal = true', (_n, _h, i, j) => j <= i),
  layerCase('attention(2)', {
    weights: { x },
    inside: attentionWeights,
    expected: attention(false),
    orders: 2,
  }),
  layerCase('attention(2, causal = true)', {
    weights: { x },
    inside: attentionWeights,
    expected: attention(true),
    orders: 2,
  }),
];
