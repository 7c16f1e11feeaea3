// Kernels over rows and elements that training steps are made of. In: whether sizes are to be small. Out: for each the tensors
// it reads, what it has to move in bytes, and its graph.
import { broadcastTo, reshapeTo, withNumber } from '../dist/compiler/graph/convenience.js';

export function rowKernels(quick) {
  const scale = quick ? 1 / 8 : 1;
  const table = (rows, columns) => [Math.max(8, Math.round(rows * scale)), columns];
  const size = (shape) => 4 * shape.reduce((x, y) => x * y);
  const along = (g, op, x) => {
    const { shape } = g.type(x);
    const reduced = g.add(op, [x], { axes: [shape.length - 1] });
    return broadcastTo(g, reshapeTo(g, reduced, [...shape.slice(0, -1), 1]), shape);
  };
  const softmax = (g, x) => {
    const shifted = g.add('sub', [x, along(g, 'reduce_max', x)], {});
    const powers = g.add('exp', [shifted], {});
    return g.add('div', [powers, along(g, 'reduce_sum', powers)], {});
  };
  const normalized = (g, x) => {
    const columns = g.type(x).shape.at(-1);
    const mean = withNumber(g, 'mul', along(g, 'reduce_sum', x), 1 / columns);
    const apart = g.add('sub', [x, mean], {});
    const squares = along(g, 'reduce_sum', g.add('mul', [apart, apart], {}));
    const deviation = withNumber(g, 'add', withNumber(g, 'mul', squares, 1 / columns), 1e-5);
    return g.add('mul', [apart, g.add('rsqrt', [deviation], {})], {});
  };
  const kernels = [];
  const add = (name, tensors, written, build) => {
    const bytes = Object.values(tensors).reduce((sum, shape) => sum + size(shape), size(written));
    kernels.push({ name: `${name} ${Object.values(tensors)[0].join(' x ')}`, tensors, bytes, build });
  };
  for (const shape of [
    table(1024, 128),
    table(4096, 64),
    table(4096, 1024),
    table(1024, 4096),
    table(64, 50257),
  ]) {
    add('softmax', { x: shape }, shape, softmax);
    add('layer normalization', { x: shape }, shape, normalized);
  }
  for (const shape of [table(128, 10), table(1024, 512), table(8192, 1024), table(262144, 32)]) {
    add('sum of columns', { x: shape }, [shape[1]], (g, x) => g.add('reduce_sum', [x], { axes: [0] }));
    add('sum of rows', { x: shape }, [shape[0]], (g, x) => g.add('reduce_sum', [x], { axes: [1] }));
    add('sum of all', { x: shape }, [1], (g, x) => g.add('reduce_sum', [x], { axes: [0, 1] }));
  }
  for (const shape of [table(1024, 512), table(8192, 1024), table(8192, 1023)])
    add('x * y + tanh x', { x: shape, y: shape }, shape, (g, x, y) =>
      g.add('add', [g.add('mul', [x, y], {}), g.add('tanh', [x], {})], {}),
    );
  return kernels;
}
