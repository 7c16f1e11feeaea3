/**
 * `netc predict FILE`: runs a model in evaluation mode over the records of npy files. An input named like a
 * data column goes through that column's expression, unless --as-is.
 */
import { readFile } from 'node:fs/promises';
import type { Column } from '../../runtime/data/column.ts';
import { copyRecords, fitColumn } from '../../runtime/data/column.ts';
import { encodeNpy, parseNpy } from '../../runtime/data/npy.ts';
import { routineOf } from '../../runtime/listing-access.ts';
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import { reasonOf } from '../../runtime/node/files.ts';
import type { Listing, Routine, Span } from '../../runtime/plan-format.ts';
import type { InputSource, Prediction } from '../../runtime/predict.ts';
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
  const model = chooseModel(plain.program, flags.model);
  const names = model.inputs.map(({ name }) => name);
  const inputs = assignPaths(flags.input.map(parseNamePath), names, { flag: '--input', what: 'input' });
  const missing = names.find((name) => !inputs.has(name));
  if (missing !== undefined) {
    fail('E0701', undefined, `the input ${missing} of ${model.name} is missing`, {
      help: `give it as --input ${missing}=FILE.npy`,
    });
  }
  const outputs = assignPaths(flags.o.map(parseNamePath), model.outputs, { flag: '-o', what: 'output' });
  prepareOutputFiles(outputs.values());

  const columns = flags.asIs ? {} : columnsOf(source, options, plain.program, names);
  const transformed = Object.keys(columns).length > 0;
  const { listing } = transformed ? compile(source, { ...options, columns }) : plain;
  const index = modelOf(listing, model.name).predict;
  const records = await readInputs(routineOf(listing, index), inputs, model.span);
  if (flags.weights === undefined && listing.parameters.length > 0) warnOfInitialWeights(context);
  const weights =
    flags.weights === undefined ? undefined : await predictionWeights(flags.weights, listing, transformed);
  const seed = listing.training?.seed ?? flags.seed ?? 0;

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

/** The records of every input, ready to be copied; E0401 to E0406 where a file does not fit. */
async function readInputs(
  routine: Routine,
  paths: ReadonlyMap<string, string>,
  span: Span,
): Promise<InputSource> {
  const columns = new Map<string, Column>();
  let first: { path: string; records: number } | undefined;
  for (const [name, path] of paths) {
    const file = await readFile(path).catch((error: unknown) =>
      fail('E0401', undefined, `cannot read '${path}': ${reasonOf(error)}`),
    );
    const raw = parseNpy(file, { file: path });
    const records = raw.shape[0] ?? 0;
    first ??= { path, records };
    if (records !== first.records) {
      fail('E0406', undefined, `${first.path} has ${first.records} records, ${path} has ${records}`);
    }
    // An input that the model does not look at has counted its records, and that is all.
    const input = routine.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) continue;
    const field = { name, shape: input.recordShape, storage: input.storage, span };
    columns.set(name, fitColumn(raw, field, { file: path }));
  }
  return {
    records: first?.records ?? 0,
    copy(input, chosen, target) {
      const column = columns.get(input);
      if (column === undefined) throw new Error(`internal: no input ${input}`);
      copyRecords(column, chosen, target);
    },
  };
}

function warnOfInitialWeights(context: Context): void {
  const message = 'no --weights are given: the model predicts with its initial weights';
  context.report([warningAt('E0501', undefined, message)]);
}

async function write(result: Prediction, path: string | undefined, context: Context): Promise<void> {
  if (path === undefined) return;
  const { name, shape, dtype, data } = result;
  await writeFileAtomic(path, encodeNpy(shape, dtype, data));
  context.say(`${name}[${shape.join(', ')}] ${dtype} -> ${path}`);
}
