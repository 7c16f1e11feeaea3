// Products at several sizes, in GFLOP/s: the processor, a WebGPU adapter, other libraries.
import { measure } from '../measure.mjs';
import { peerRows } from '../peers.mjs';
import { benchDevices, closeDevices, stepProgram } from '../step-program.mjs';

/** y = x @ w for m rows, k inner, n columns. */
const product = ({ m, n, k }) => `
data d {
  x[B, ${k}]
  batch = ${m}
}
model product: x[B, ${k}] -> y[B, ${n}] { return x -> dense(${n}, bias = false) }
train on d {
  steps = 1, seed = 1
  step {
    loss = mean(product(x))
    minimize loss with sgd(lr = 0.1)
  }
}
`;

/** The last three are products of the programs that are compared with other libraries. */
const SIZES = [
  { m: 1024, n: 1024, k: 1024 },
  { m: 128, n: 512, k: 784 },
  { m: 1024, n: 128, k: 128 },
  { m: 1024, n: 512, k: 128 },
];
const QUICK = [{ m: 8, n: 8, k: 8 }];
const nameOf = ({ m, n, k }) => `${m} x ${n} x ${k}`;
const flopsOf = ({ m, n, k }) => 2 * m * n * k;

export default async function run({ quick = false } = {}) {
  const open = [];
  const cases = [];
  const devices = await benchDevices();
  for (const { name: group, device } of devices)
    for (const size of quick ? QUICK : SIZES) {
      const source = { file: 'product.net', text: product(size) };
      const program = await stepProgram(source, { device, part: 'predict' });
      open.push(program);
      cases.push({ name: nameOf(size), group, flops: flopsOf(size), run: () => program.run() });
    }
  const rows = await measure('products', cases, { quick });
  open.forEach((program) => program.close());
  closeDevices(devices);
  const peers = quick ? [] : await peerRows('matmul', nameOf(SIZES[0]));
  rows.push(...peers.map((row) => ({ ...row, flops: flopsOf(SIZES[0]) })));
  return [
    {
      title: 'Products of matrices',
      note: 'rows x columns x inner; the time of a prediction by one dense layer, waited for, as a rate',
      kind: 'bars',
      unit: 'GFLOP/s',
      better: 'more',
      rows: rows.map(({ flops, median, min, max, ...row }) => {
        const rate = (ms) => (ms === undefined ? undefined : flops / ms / 1e6);
        return { ...row, value: rate(median), low: rate(max), high: rate(min) };
      }),
    },
  ];
}
