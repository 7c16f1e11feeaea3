/** The next token, drawn from a model's logits. In: logits, how to draw, random numbers. Out: a code. */
import type { Generator } from '../random/generator.ts';

export interface ChoiceOptions {
  /** The logits are divided by it; 0 always takes the largest. */
  temperature: number;
  /** Only this many of the largest logits have a chance, of equals the lower code first; all where absent. */
  topK?: number;
}

/**
 * Draws from softmax(logits / temperature), in double precision and in the order of codes, so that a generator gives
 * the same token everywhere. One draw a call, none at temperature 0.
 */
export function chooseToken(
  logits: ArrayLike<number>,
  { temperature, topK = logits.length }: ChoiceOptions,
  random: Generator,
): number {
  const codes = Array.from({ length: logits.length }, (_, code) => code);
  const of = (code: number): number => logits[code] ?? -Infinity;
  codes.sort((a, b) => of(b) - of(a) || a - b);
  const [best = 0] = codes;
  if (temperature === 0) return best;
  const chosen = codes.slice(0, topK).sort((a, b) => a - b);
  const shares = chosen.map((code) => Math.exp((of(code) - of(best)) / temperature));
  let left = random.uniform() * shares.reduce((sum, share) => sum + share, 0);
  for (const [i, code] of chosen.entries()) {
    left -= shares[i] ?? 0;
    if (left < 0) return code;
  }
  // Rounding may leave a little over.
  return best;
}
