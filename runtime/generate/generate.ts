/**
 * A language model goes on with a text. In: a runner with weights in place, the routine of a model that gives logits
 * for the token after each of its input, the codes so far. Out: code after code.
 */
import { RuntimeFailure } from '../failure.ts';
import { routineOf } from '../listing-access.ts';
import type { Listing, Routine } from '../plan-format.ts';
import { inputsInMemory, predict } from '../predict.ts';
import { Generator } from '../random/generator.ts';
import type { StepRunner } from '../step-runner.ts';
import { chooseToken, type ChoiceOptions } from './choose-token.ts';

/** What a language model takes and gives. */
export interface LanguageShape {
  input: string;
  output: string;
  /** Tokens seen at once. */
  length: number;
  /** Codes that have a logit. */
  codes: number;
}

export interface GenerateOptions extends ChoiceOptions {
  listing: Listing;
  runner: StepRunner;
  /** Index of the model's routine (`ModelListing.predict`). */
  routine: number;
  /** One code or more. */
  prompt: ArrayLike<number>;
  /** How many tokens to add. */
  tokens: number;
  /** Codes from this one on are never chosen. */
  below: number;
  seed: number;
  /** Aborted: nothing more comes. */
  signal?: AbortSignal;
}

/** Undefined where the model is none: one input [B, T] u32, and an output [B, T, V], the first of that shape. */
export function languageShapeOf(routine: Routine): LanguageShape | undefined {
  const [input, ...others] = routine.inputs;
  if (input === undefined || others.length > 0) return undefined;
  const [length, ...more] = input.recordShape;
  if (length === undefined || more.length > 0 || (input.storage !== 'u32' && input.storage !== 'u8'))
    return undefined;
  const output = routine.outputs.find(
    ({ perRecord, shape, dtype }) =>
      perRecord && shape.length === 2 && shape[0] === length && (dtype === 'f32' || dtype === 'f16'),
  );
  if (output === undefined) return undefined;
  return { input: input.name, output: output.name, length, codes: output.shape[1] ?? 0 };
}

/**
 * The model sees the last `length` tokens. Where there are fewer they stand at the start and zeros behind them, which a
 * causal model does not look at. E0603 for a logit that is not finite.
 */
export async function* generate(options: GenerateOptions): AsyncGenerator<number> {
  const { listing, runner, routine: index, seed, signal, below, tokens, ...choice } = options;
  const routine = routineOf(listing, index);
  const shape = languageShapeOf(routine);
  if (shape === undefined) throw new Error('internal: the model is no language model');
  const random = new Generator(seed, 'generate');
  const seen = Array.from(options.prompt);
  const narrow = routine.inputs[0]?.storage === 'u8';
  for (let count = 0; count < tokens; count++) {
    const context = seen.slice(-shape.length);
    const codes = narrow ? new Uint8Array(shape.length) : new Uint32Array(shape.length);
    codes.set(context);
    const bytes = new Uint8Array(codes.buffer);
    const inputs = inputsInMemory(routine, 1, new Map([[shape.input, bytes]]));
    const found = await predict({
      listing,
      runner,
      routine: index,
      inputs,
      seed,
      ...(signal ? { signal } : {}),
    });
    if (found === undefined) return;
    const logits = found.find(({ name }) => name === shape.output)?.data ?? new Float32Array();
    const at = (context.length - 1) * shape.codes;
    const row = logits.subarray(at, at + Math.min(shape.codes, below));
    if (row.some((value) => !Number.isFinite(value))) {
      throw new RuntimeFailure('E0603', `a logit of token ${count + 1} is not finite`, {
        help: 'the weights are those of a run that diverged, or not of this program',
      });
    }
    const code = chooseToken(row, choice, random);
    seen.push(code);
    yield code;
  }
}
