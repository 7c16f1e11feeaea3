/**
 * The uniform block of a program: u32 seed, draw, batch, zero, then one f32 a scalar, padded to 16 bytes.
 * In: the values of one submit. Out: the same bytes array each time, to be copied at once.
 */
import type { UniformSpec } from './plan-format.ts';
import type { UniformValues } from './step-runner.ts';

const HEADER_WORDS = 4;

/** Packs values into the layout of `UniformSpec`; allocates nothing after construction. */
export class UniformBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array<ArrayBuffer>;
  readonly #scalars: number;

  constructor(spec: UniformSpec) {
    const needed = 4 * (HEADER_WORDS + spec.scalars.length);
    const size = Math.ceil(Math.max(needed, spec.bytes) / 16) * 16;
    const buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#scalars = spec.scalars.length;
  }

  /** Scalars are rounded to f32 here, after they were computed in double precision. */
  pack(values: UniformValues, batch: number): Uint8Array<ArrayBuffer> {
    this.#words[0] = values.seed >>> 0;
    this.#words[1] = values.draw >>> 0;
    this.#words[2] = batch;
    this.#words[3] = 0;
    for (let index = 0; index < this.#scalars; index += 1) {
      this.#floats[HEADER_WORDS + index] = values.scalars[index] ?? 0;
    }
    return this.bytes;
  }
}
