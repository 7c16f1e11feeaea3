/**
 * ONNX files run by onnxruntime-web, as WebAssembly in this process. In: a file, arrays by input. Out: arrays by output.
 * The runtime checks a file as it loads it: operators, attributes, types and shapes.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { decodeFloat16, encodeFloat16 } from '../../runtime/data/half-float.ts';
import type { ElementType } from '../../compiler/targets/onnx/model.ts';

env.wasm.numThreads = 1;
env.logLevel = 'error';

export interface Given {
  shape: number[];
  data: ArrayLike<number>;
  type: ElementType;
}

export async function runOnnx(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Given>>,
): Promise<Record<string, { shape: number[]; data: number[]; type: string }>> {
  // As they are, so that what is checked is what was written.
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'disabled',
  });
  try {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, given]) => [name, tensorOf(given)]));
    const results = await session.run(feeds);
    return Object.fromEntries(
      session.outputNames.map((name) => {
        const { dims, data, type } = results[name]!;
        const numbers =
          data instanceof Uint16Array
            ? Array.from(decodeFloat16(data))
            : Array.from(data as ArrayLike<number | bigint>, Number);
        return [name, { shape: [...dims], data: numbers, type }];
      }),
    );
  } finally {
    await session.release();
  }
}

function tensorOf({ data, shape, type }: Given): Tensor {
  switch (type) {
    case 'f32':
      return new Tensor('float32', Float32Array.from(data), shape);
    case 'f16':
      return new Tensor('float16', encodeFloat16(data), shape);
    case 'i32':
      return new Tensor('int32', Int32Array.from(data), shape);
    case 'i64':
      return new Tensor('int64', BigInt64Array.from(Array.from(data), BigInt), shape);
    case 'bool':
      return new Tensor('bool', Uint8Array.from(data), shape);
    default:
      return type satisfies never;
  }
}
