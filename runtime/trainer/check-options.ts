/** Options of `createTrainer` and `createPredictor`, checked at the call. RuntimeFailure E0206 or E0213. */
import { RuntimeFailure } from '../failure.ts';

/** `call`: the function's name; `known`: every option it has. */
export function checkNames(options: object, known: readonly string[], call: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new RuntimeFailure('E0206', `${call} has no option ${name}`, {
      help: `It has ${known.join(', ')}.`,
    });
  }
}

/** Whole numbers of 32 bits, each where it is given. */
export function checkWholeNumbers(values: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff)) continue;
    throw new RuntimeFailure(
      'E0213',
      `${name} is a whole number from 0 to ${0xffff_ffff}, not ${String(value)}`,
    );
  }
}

export function weightBytes(weights: unknown): Uint8Array {
  if (weights instanceof Uint8Array) return weights;
  if (weights instanceof ArrayBuffer) return new Uint8Array(weights);
  throw new RuntimeFailure(
    'E0213',
    'weights are the bytes of a safetensors file, in a Uint8Array or ArrayBuffer',
  );
}
