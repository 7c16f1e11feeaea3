/** The row of the batched matrix product. */
import { equalDimensions, equalShapes, printShape, type Dimension } from './dimension.ts';
import { elementCount } from './host-tensor.ts';
import { accumulated, broken, isFloat, nth, type OpRow } from './op-row.ts';

const matmul: OpRow<'matmul'> = {
  kind: 'matmul',
  arity: 2,
  infer(inputs, _attributes, given) {
    const [a, b] = [nth(inputs, 0), nth(inputs, 1)];
    const rank = a.shape.length;
    const fits =
      rank >= 2 &&
      b.shape.length === rank &&
      equalShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) &&
      equalDimensions(a.shape[rank - 1] as Dimension, b.shape[rank - 2] as Dimension);
    if (!fits) broken(`matmul of ${printShape(a.shape)} and ${printShape(b.shape)}`);
    if (a.dtype !== b.dtype || !isFloat(a.dtype)) broken(`matmul of ${a.dtype} and ${b.dtype}`);
    const dtype = accumulated(a.dtype, given);
    return { dtype, shape: [...a.shape.slice(0, -1), b.shape[rank - 1] as Dimension] };
  },
  evaluate(e) {
    const [a, b] = [nth(e.inputs, 0), nth(e.inputs, 1)];
    const [rows, columns] = [e.shape.at(-2) as number, e.shape.at(-1) as number];
    const inner = a.shape.at(-1) as number;
    const result = new Float64Array(elementCount(e.shape));
    for (let batch = 0; batch < elementCount(e.shape.slice(0, -2)); batch++) {
      for (let i = 0; i < rows; i++) {
        const out = (batch * rows + i) * columns;
        for (let k = 0; k < inner; k++) {
          const factor = a.data[(batch * rows + i) * inner + k] as number;
          const from = (batch * inner + k) * columns;
          for (let j = 0; j < columns; j++) {
            result[out + j] = (result[out + j] as number) + factor * (b.data[from + j] as number);
          }
        }
      }
    }
    return result;
  },
};

export const PRODUCT_ROWS = { matmul };
