/**
 * `netc generate FILE`: a trained language model goes on with a prompt. The vocabulary comes from the weights; text is
 * written as it is made.
 */
import { createRunner } from '../../runtime/create-runner.ts';
import type { Vocabulary } from '../../runtime/data/tables.ts';
import { encodeText, TextFault, type Codes } from '../../runtime/data/vocabulary.ts';
import { generate, languageShapeOf } from '../../runtime/generate/generate.ts';
import { spokenCodes, tokenText, type TokenText } from '../../runtime/generate/token-text.ts';
import { routineOf } from '../../runtime/listing-access.ts';
import { readWeights } from '../../runtime/node/weights.ts';
import { modelOf } from '../../runtime/predict.ts';
import { EXIT } from '../../runtime/report/exit-codes.ts';
import { toJsonLine } from '../../runtime/report/json-line.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { fail } from '../diagnostics.ts';
import { compile } from '../index.ts';
import { chooseModel } from './choose-model.ts';
import type { GenerateFlags } from './commands.ts';
import type { Context } from './context.ts';
import { programOptions, readProgram } from './read-program.ts';
import { withTarget, type Target } from './target.ts';

export const runGenerate = (file: string, flags: GenerateFlags, context: Context): Promise<number> =>
  withTarget(context, (target) => generateOn(target, file, flags, context));

async function generateOn(
  target: Target,
  file: string,
  flags: GenerateFlags,
  context: Context,
): Promise<number> {
  const options = { ...programOptions(context), profile: target.profile };
  const { listing, program } = compile(readProgram(file, context), options);
  const model = chooseModel(program, flags.model, 'generate');
  const index = modelOf(listing, model.name).predict;
  const shape = languageShapeOf(routineOf(listing, index));
  if (shape === undefined) {
    fail('E0701', model.span, `\`${model.name}\` is no language model`, {
      help: 'one takes tokens [B, T] u32 and nothing else, and gives logits [B, T, V] for the token after each',
    });
  }
  const { values, tables } = await readWeights(flags.weights, listing);
  const vocabulary = tables?.vocabulary;
  if (vocabulary === undefined) {
    fail('E0503', undefined, `${flags.weights} has no vocabulary`, {
      help: 'weights that netc trains on `text(…)` have one',
    });
  }
  const prompt = encodePrompt(flags.prompt, vocabulary, shape.codes);
  const seed = flags.seed ?? listing.training?.seed ?? 0;

  const device = await target.open();
  const stop = new AbortController();
  const unhear = context.host.onInterrupt(() => stop.abort());
  try {
    const runner = await createRunner(listing, device, { routines: [index] });
    writeWeights(runner, listing, initialWeights(listing, seed, values));
    const { temperature, topK } = flags;
    const codes = generate({
      ...{ listing, runner, routine: index, prompt, seed, signal: stop.signal },
      ...{ tokens: flags.tokens, below: spokenCodes(vocabulary, shape.codes), temperature },
      ...(topK === undefined ? {} : { topK }),
    });
    await write(codes, tokenText(vocabulary, flags.prompt), flags, context);
    runner.dispose();
  } finally {
    unhear();
    device.close();
  }
  return stop.signal.aborted ? EXIT.interrupted : EXIT.done;
}

/** E0701 where the prompt is empty or has what the vocabulary has not. */
function encodePrompt(prompt: string, vocabulary: Vocabulary, codes: number): Codes {
  const bytes = new TextEncoder().encode(prompt);
  try {
    const found = encodeText(bytes, vocabulary, codes);
    if (found.length > 0) return found;
  } catch (fault) {
    if (!(fault instanceof TextFault)) throw fault;
    const token = new TextDecoder().decode(bytes.subarray(fault.start, fault.end));
    const known =
      vocabulary.kind === 'chars'
        ? `it has the characters ${JSON.stringify(vocabulary.characters)}`
        : undefined;
    return fail(
      'E0701',
      undefined,
      `the text that the weights learned from has no ${JSON.stringify(token)}`,
      {
        help: known ?? 'write the prompt in words of that text',
      },
    );
  }
  return fail('E0701', undefined, 'the prompt has no token', { help: 'write --prompt "some text"' });
}

/** Text on standard output, the prompt before it; with --json an event a token and one at the end. */
async function write(
  codes: AsyncIterable<number>,
  textOf: TokenText,
  { json, prompt }: GenerateFlags,
  context: Context,
): Promise<void> {
  let text = '';
  let tokens = 0;
  if (!json) context.print(prompt);
  for await (const code of codes) {
    const added = textOf(code);
    text += added;
    tokens++;
    context.print(json ? `${toJsonLine({ event: 'token', code, text: added })}\n` : added);
  }
  if (json) context.print(`${toJsonLine({ event: 'end', tokens, prompt, text })}\n`);
  else if (!text.endsWith('\n')) context.print('\n');
}
