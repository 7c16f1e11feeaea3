/**
 * `netc predict FILE`: runs a model in evaluation mode over the records of npy files, or over draws at random. An
 * input named like a data column goes through that column's expression, unless --as-is. Results are npy files, or
 * pictures.
 */
import { encodeNpy } from '../../runtime/data/npy.ts';
import { routineOf } from '../../runtime/listing-access.ts';
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import { encodePng } from '../../runtime/node/png.ts';
import type { Listing } from '../../runtime/plan-format.ts';
import type { Prediction } from '../../runtime/predict.ts';
import { modelOf, predict } from '../../runtime/predict.ts';
import { createRunner } from '../../runtime/create-runner.ts';
import { missingStandards } from '../../runtime/train/standardize.ts';
import type { Weights } from '../../runtime/train/weights.ts';
import { initialWeights, writeWeights } from '../../runtime/train/weights.ts';
import { fail, warningAt } from '../diagnostics.ts';
import type { CompileOptions, SourceText } from '../index.ts';
import { compile } from '../index.ts';
import type { Program as CheckedProgram } from '../semantics/program.ts';
import { withUsedFiles } from '../semantics/used-files.ts';
import { parse } from '../syntax/parse.ts';
import { chooseModel } from './choose-model.ts';
import type { PredictFlags } from './commands.ts';
import type { Context } from './context.ts';
import { assignPaths, parseNamePath } from './name-path.ts';
import { pictureSheet } from './picture-sheet.ts';
import { readInputs } from './predict-inputs.ts';
import { prepareOutputFiles } from '../../runtime/node/output-files.ts';
import { programOptions, readProgram } from './read-program.ts';
import { withTarget, type Target } from './target.ts';
import { readWeights } from '../../runtime/node/weights.ts';

export const runPredict = (file: string, flags: PredictFlags, context: Context): Promise<number> =>
  withTarget(context, (target) => predictOn(target, file, flags, context));

async function predictOn(
  target: Target,
  file: string,
  flags: PredictFlags,
  context: Context,
): Promise<number> {
  const source = readProgram(file, context);
  const options = { ...programOptions(context), profile: target.profile };
  const plain = compile(source, options);
  const model = chooseModel(plain.program, flags.model, 'predict');
  const names = model.inputs.map(({ name }) => name);
  const given = (flags.input ?? []).map(parseNamePath);
  const inputs = assignPaths(given, names, { flag: '--input', what: 'input' });
  const missing = names.find((name) => !inputs.has(name));
  if (missing !== undefined && flags.random === undefined) {
    fail('E0701', undefined, `the input ${missing} of ${model.name} is missing`, {
      help: `give it as --input ${missing}=FILE.npy, or draw records with --random N`,
    });
  }
  const outputs = assignPaths(flags.o.map(parseNamePath), model.outputs, { flag: '-o', what: 'output' });
  refuseOtherPictures(outputs.values());
  prepareOutputFiles(outputs.values());

  const columns = flags.asIs ? {} : columnsOf(source, options, plain.program, [...inputs.keys()]);
  const transformed = Object.keys(columns).length > 0;
  const { listing } = transformed ? compile(source, { ...options, columns }) : plain;
  const index = modelOf(listing, model.name).predict;
  const seed = flags.seed ?? listing.training?.seed ?? 0;
  const random = flags.random === undefined ? undefined : { records: flags.random, seed };
  const records = await readInputs(routineOf(listing, index), inputs, model.span, random);
  if (flags.weights === undefined && listing.parameters.length > 0) warnOfInitialWeights(context);
  const weights =
    flags.weights === undefined ? undefined : await predictionWeights(flags.weights, listing, transformed);

  const device = await target.open();
  if (target.note !== undefined) context.say(target.note);
  try {
    const runner = await createRunner(listing, device, { routines: [index] });
    writeWeights(runner, listing, initialWeights(listing, seed, weights));
    const results = await predict({ listing, runner, routine: index, inputs: records, seed });
    for (const result of results ?? []) await write(result, outputs.get(result.name), context);
    runner.dispose();
  } finally {
    device.close();
  }
  return 0;
}

/** E0503 where an input is standardized and the file does not say how. */
async function predictionWeights(path: string, listing: Listing, transformed: boolean): Promise<Weights> {
  const { values } = await readWeights(path, listing);
  const [missing] = transformed ? missingStandards(listing, values) : [];
  if (missing) {
    fail('E0503', missing.span, `${path} has no ${missing.mean} and ${missing.deviation}`, {
      help: 'weights that netc trains have them; --as-is takes inputs that are standardized already',
    });
  }
  return values;
}

/** The data columns named like an input, which that input goes through. */
function columnsOf(
  source: SourceText,
  options: CompileOptions,
  program: CheckedProgram,
  inputs: readonly string[],
): Record<string, string> {
  const declarations = withUsedFiles(parse(source.text, source.file).tree, options.resolve);
  const data = declarations.find((each) => each.kind === 'data' && each.name.text === program.data?.name);
  const statements = data?.kind === 'data' ? data.body.statements : [];
  const columns = statements.flatMap((each) => (each.kind === 'column' ? [each.tensor.name?.text] : []));
  const known = new Set(columns);
  return Object.fromEntries(inputs.filter((name) => known.has(name)).map((name) => [name, name]));
}

function warnOfInitialWeights(context: Context): void {
  const message = 'no --weights are given: the model predicts with its initial weights';
  context.report([warningAt('E0501', undefined, message)]);
}

async function write(result: Prediction, path: string | undefined, context: Context): Promise<void> {
  if (path === undefined) return;
  const { name, shape, dtype, data } = result;
  const bytes = isPicture(path) ? encodePng(pictureSheet(result)) : encodeNpy(shape, dtype, data);
  await writeFileAtomic(path, bytes);
  context.say(`${name}[${shape.join(', ')}] ${dtype} -> ${path}`);
}

const isPicture = (path: string): boolean => path.toLowerCase().endsWith('.png');

/** An array under the name of a picture would be found out by the program that is to show it, if at all. */
function refuseOtherPictures(paths: Iterable<string>): void {
  for (const path of paths) {
    if (!/\.(jpe?g|gif|webp|bmp|tiff?|svg)$/i.test(path)) continue;
    fail('E0701', undefined, `-o ${path}: pictures are written as .png`, {
      help: 'any other file is an array in the format of .npy',
    });
  }
}
