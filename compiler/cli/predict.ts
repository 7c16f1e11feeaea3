/**
 * `netc predict FILE`: runs a model in evaluation mode over the records of npy files. An input named like a
 * data column goes through that column's expression, unless --as-is.
 */
import fs from 'node:fs';
import type { Column } from '../../runtime/data/column.ts';
import { copyRecords, fitColumn } from '../../runtime/data/column.ts';
import { encodeNpy, parseNpy } from '../../runtime/data/npy.ts';
import { openDevice } from '../../runtime/device.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import { reasonOf } from '../../runtime/node/files.ts';
import type { Listing, Routine, RoutineOutput } from '../../runtime/plan-format.ts';
import { Program } from '../../runtime/program.ts';
import type { HostArray, Outputs } from '../../runtime/step-runner.ts';
import { elements } from '../../runtime/step-runner.ts';
import { BatchLoader } from '../../runtime/train/batch-loader.ts';
import { LateReads } from '../../runtime/train/late-reads.ts';
import { errorAt, fail } from '../diagnostics.ts';
import type { Compilation } from '../index.ts';
import { compile } from '../index.ts';
import { didYouMean } from '../semantics/nearest.ts';
import type { ModelProgram, Program as CheckedProgram } from '../semantics/program.ts';
import type { PredictFlags } from './commands.ts';
import type { Context } from './context.ts';
import { assignPaths, parseNamePath } from './name-path.ts';
import { prepareOutputFiles } from './output-files.ts';
import { programOptions, readProgram } from './read-program.ts';
import { loadWeights, readWeights } from './weights.ts';

export async function runPredict(file: string, flags: PredictFlags, context: Context): Promise<number> {
  const source = readProgram(file, context);
  const options = programOptions(context);
  let compilation = compile(source, options);
  const model = chooseModel(compilation.program, flags.model);
  const inputNames = model.inputs.map(({ name }) => name);
  const inputs = assignPaths(flags.input.map(parseNamePath), inputNames, { flag: '--input', what: 'input' });
  const missing = inputNames.find((name) => !inputs.has(name));
  if (missing !== undefined)
    fail('E0701', undefined, `the input ${missing} of ${model.name} is missing`, {
      help: `give it as --input ${missing}=FILE.npy`,
    });
  const outputs = assignPaths(flags.o.map(parseNamePath), model.outputs, { flag: '-o', what: 'output' });
  prepareOutputFiles(outputs.values());

  const columns = flags.asIs ? {} : columnsOf(compilation.program, inputNames);
  if (Object.keys(columns).length > 0) compilation = compile(source, { ...options, columns });
  const prepared = readInputs(compilation, model.name, inputs);

  if (compilation.listing.parameters.length > 0 && flags.weights === undefined) {
    context.report([
      {
        ...errorAt('E0501', undefined, 'no --weights are given: the model predicts with its initial weights'),
        severity: 'warning',
      },
    ]);
  }
  const weights =
    flags.weights === undefined ? undefined : await readWeights(flags.weights, compilation.listing);
  const device = await openDevice({ device: flags.device });
  try {
    const { listing } = compilation;
    const runner = await Program.create(listing, device, { routines: [prepared.index] });
    await loadWeights(runner, listing, weights, flags.seed);
    const found = await run(runner, listing, prepared);
    for (const [name, path] of outputs)
      writeOutput(prepared.routine, name, path, found, prepared.records, context);
    runner.dispose();
  } finally {
    device.close();
  }
  return 0;
}

function chooseModel(program: CheckedProgram, wanted: string | undefined): ModelProgram {
  const names = program.models.map(({ name }) => name);
  if (names.length === 0) fail('E0701', undefined, `${program.source} has no model to predict with`);
  const list = `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  if (wanted === undefined && names.length > 1) {
    fail('E0701', undefined, 'which model is meant?', { help: `write --model NAME; ${list}` });
  }
  const model = program.models.find(({ name }) => name === (wanted ?? names[0]));
  if (model) return model;
  const help = didYouMean(wanted ?? '', names) ?? list;
  return fail('E0701', undefined, `no model is called ${wanted}`, { help });
}

/** The data columns named like an input, which that input goes through. */
function columnsOf(program: CheckedProgram, inputs: readonly string[]): Record<string, string> {
  const known = new Set(program.data?.fields.map(({ name }) => name));
  return Object.fromEntries(inputs.filter((name) => known.has(name)).map((name) => [name, name]));
}

interface Prepared {
  index: number;
  routine: Routine;
  columns: Map<string, Column>;
  records: number;
}

/** Reads every input's file and fits it to the routine's input. */
function readInputs(
  compilation: Compilation,
  modelName: string,
  paths: ReadonlyMap<string, string>,
): Prepared {
  const { listing } = compilation;
  const index = listing.models.find(({ name }) => name === modelName)?.predict;
  const routine = index === undefined ? undefined : listing.routines[index];
  const model = compilation.program.models.find(({ name }) => name === modelName);
  if (index === undefined || routine === undefined || model === undefined)
    throw new Error('internal: no routine to predict with');
  const columns = new Map<string, Column>();
  let first: { path: string; records: number } | undefined;
  for (const [name, path] of paths) {
    const input = routine.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) continue; // The model does not look at it.
    const raw = parseNpy(readInput(path), { file: path });
    const field = { name, shape: input.recordShape, storage: input.storage, span: model.span };
    const column = fitColumn(raw, field, { file: path });
    first ??= { path, records: column.records };
    if (column.records !== first.records) {
      throw new RuntimeFailure(
        'E0406',
        `${first.path} has ${first.records} records, ${path} has ${column.records}`,
      );
    }
    columns.set(name, column);
  }
  return { index, routine, columns, records: first?.records ?? 1 };
}

function readInput(path: string): Uint8Array {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    return fail('E0401', undefined, `cannot read '${path}': ${reasonOf(error)}`);
  }
}

/** Runs batch after batch; each output's values of all records, row-major. */
async function run(runner: Program, listing: Listing, prepared: Prepared): Promise<Map<string, HostArray>> {
  const { index, routine, columns, records } = prepared;
  const dataset = {
    splits: new Map([['input', records]]),
    copy(_split: string, field: string, chosen: Uint32Array, target: Uint8Array) {
      const column = columns.get(field);
      if (column === undefined) throw new Error(`internal: no input ${field}`);
      copyRecords(column, chosen, target);
    },
  };
  const loader = new BatchLoader(listing, dataset, [index]);
  const reads = new LateReads(runner.slots(index));
  const found = new Map<string, HostArray>();
  const scalars = new Float64Array(listing.uniform.scalars.length);
  for (let start = 0; start < records; start += routine.batch) {
    const batch = Math.min(routine.batch, records - start);
    await reads.room();
    const chosen = Uint32Array.from({ length: batch }, (_, i) => start + i);
    const handle = runner.run({
      routines: [index],
      batch,
      uniform: { seed: listing.training?.seed ?? 0, draw: start / routine.batch, scalars },
      inputs: loader.load(routine, 'input', chosen),
      read: index,
    });
    reads.add(handle, (outputs) => collect(routine, outputs, found, start, records));
  }
  await reads.drain();
  return found;
}

/** Puts a batch's outputs in their place among those of all records. */
function collect(
  routine: Routine,
  outputs: Outputs,
  found: Map<string, HostArray>,
  start: number,
  records: number,
): void {
  for (const output of routine.outputs) {
    const values = outputs.get(output.name);
    if (values === undefined) throw new Error(`internal: no output ${output.name}`);
    const size = elements(output.shape);
    let whole = found.get(output.name);
    if (whole === undefined) {
      whole = new (values.constructor as new (length: number) => HostArray)(
        size * (output.perRecord ? records : 1),
      );
      found.set(output.name, whole);
    }
    whole.set(values, output.perRecord ? start * size : 0);
  }
}

function writeOutput(
  routine: Routine,
  name: string,
  path: string,
  found: ReadonlyMap<string, HostArray>,
  records: number,
  context: Context,
): void {
  const output: RoutineOutput | undefined = routine.outputs.find((candidate) => candidate.name === name);
  if (output === undefined) throw new Error(`internal: no output ${name}`);
  if (output.dtype === 'f16') fail('E0901', undefined, `writing the f16 output ${name} is not supported yet`);
  const shape = output.perRecord ? [records, ...output.shape] : output.shape;
  const values = found.get(name) ?? new Float32Array(elements(shape));
  try {
    fs.writeFileSync(path, encodeNpy(shape, output.dtype, values));
  } catch (error) {
    fail('E0506', undefined, `cannot write '${path}': ${reasonOf(error)}`);
  }
  context.say(`${name}[${shape.join(', ')}] ${output.dtype} -> ${path}`);
}
