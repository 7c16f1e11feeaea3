/**
 * From syntax to the checked program: the entry of this stage. In: a program's tree and the library. Out: a
 * `Program`, or a CompileError with every mistake that stands on its own.
 */
import { BATCH, type Dimension } from '../graph/dimension.ts';
import type * as ast from '../syntax/ast.ts';
import { call } from './calls.ts';
import { checkColumns } from './columns.ts';
import { Context, type Session } from './context.ts';
import { readDataBlock } from './data-block.ts';
import { dataSpec } from './data-fields.ts';
import type { DataBlock } from './data-parts.ts';
import { readStatistics, standardsOf, standardStates } from './data-statistics.ts';
import { checkDeclaration } from './declaration-checks.ts';
import { DiagnosticList } from './diagnostic-list.ts';
import { evaluate } from './expressions.ts';
import { declareNames, type FileScope } from './file-scope.ts';
import type { Library } from './library.ts';
import { checkModelParameters, readModel } from './models.ts';
import { didYouMean } from './nearest.ts';
import type { Program, StepProgram } from './program.ts';
import { runBlock } from './statements.ts';
import { readSteps } from './steps.ts';
import type { Scope } from './scope.ts';
import { readTrainBlock, type TrainBlock } from './train-block.ts';
import { checkNames } from './unreached.ts';
import { findUnused } from './unused.ts';
import { withUsedFiles, type Resolver } from './used-files.ts';
import { checkWatches } from './watches.ts';
import { WeightStore } from './weights.ts';

export interface ElaborateOptions {
  /** Values of `let` constants, as text: `--set NAME=VALUE`. */
  settings?: Readonly<Record<string, string>>;
  /** Replaces the program's seed. */
  seed?: number;
  /** Text of a file named by `use`. */
  resolve?: Resolver;
  standardLibrary: Library;
  /** For `predict`: which data column's expression each model input goes through, by input name. */
  columns?: Readonly<Record<string, string>>;
}

function newSession(standardFile: string): Session {
  return {
    diagnostics: new DiagnosticList(),
    machine: { evaluate, call, run: runBlock },
    standardFile,
    weights: new WeightStore(),
    states: new Map(),
    streams: new Map(),
    calls: new Map(),
    reached: new Set(),
    watches: [],
    bounds: new Map(),
    standards: new Map(),
  };
}

/** `dsl-examples/mnist.net` is the program `mnist`. */
const programName = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.net$/, '');

export function elaborate(tree: ast.SourceFile, options: ElaborateOptions): Program {
  const { standardLibrary, settings = {}, columns = {} } = options;
  const session = newSession(standardLibrary.file);
  const list = session.diagnostics;
  const constants = new Context({ session, training: true, unit: 'constants' });
  const declarations = withUsedFiles(tree, options.resolve);
  const file = declareNames(constants, declarations, standardLibrary, settings);
  for (const declaration of declarations)
    if (declaration.kind === 'let') list.guard(() => file.scope.lookup(declaration.name.text)?.get());
  for (const { declaration } of file.models)
    list.guard(() => checkModelParameters(constants, declaration, file.scope));

  const train = list.guard(() => oneTrain(constants, file));
  const data = list.guard(() => dataOf(constants, file, train));
  const block: TrainBlock | undefined = train && readTrainBlock(constants, train, file.scope, options.seed);
  const steps: StepProgram[] =
    train && data ? readSteps({ session, constants, file: file.scope, data }, train) : [];
  if (block && list.size === 0) {
    const watches = [...block.watches, ...session.watches];
    checkWatches(constants, watches, steps, data, block.spec.ema !== undefined);
  }

  const around = { session, constants, file: file.scope, data, columns };
  const models = file.models.flatMap(({ declaration, value }) => {
    // A body with mistakes reports them once.
    if (session.reached.has(declaration) && list.size > 0) return [];
    const read = (batch: Dimension) => readModel(around, declaration, value, batch);
    const open = list.guard(() => list.attempt(() => read(BATCH)));
    if (!open) return [];
    if ('value' in open) return open.value ?? [];
    // As in steps: what needs to know the size of the batch may have that of the data.
    const fixed = list.guard(() => read(data ? data.batch : BATCH));
    return fixed ? { ...fixed, fixedBy: open.refused.span ?? declaration.name.span } : [];
  });
  const statistics =
    data && list.size === 0 ? list.guard(() => readStatistics(session, data, file.scope)) : undefined;
  for (const body of file.bodies) checkDeclaration(constants, body);
  for (const body of file.bodies) if (!session.reached.has(body)) checkNames(constants, body, file.scope);
  list.check();
  return {
    name: programName(tree.file),
    source: tree.file,
    ...constantsOf(declarations, file.scope),
    parameters: session.weights.all().map(({ name, shape, initializer, span }) => ({
      name,
      shape: [...shape],
      initializer,
      span,
    })),
    states: [
      ...[...session.states.values()].map(({ name, shape, initializer, span }) => ({
        name,
        shape: [...shape],
        initializer,
        span,
      })),
      ...(data ? standardStates(standardsOf(session, data)) : []),
    ],
    ...(data ? { data: dataSpec(data, session.bounds) } : {}),
    ...(statistics ? { statistics } : {}),
    ...(block ? { training: block.spec } : {}),
    precision: block?.precision ?? 'f32',
    steps,
    models,
    warnings: findUnused(declarations),
  };
}

/** What the `let`s came to, for those who ask later what a program was compiled with. */
function constantsOf(declarations: readonly ast.Declaration[], scope: Scope): Pick<Program, 'constants'> {
  const constants: NonNullable<Program['constants']> = {};
  for (const declaration of declarations) {
    if (declaration.kind !== 'let') continue;
    const value = scope.lookup(declaration.name.text)?.get();
    if (value?.kind === 'number' || value?.kind === 'bool' || value?.kind === 'string')
      constants[declaration.name.text] = value.value;
  }
  return Object.keys(constants).length > 0 ? { constants } : {};
}

type TrainDeclaration = FileScope['trains'][number];

function oneTrain(constants: Context, file: FileScope): TrainDeclaration | undefined {
  const [first, second] = file.trains;
  if (second) {
    constants.fail(
      'E0901',
      (second.name ?? second.data).span,
      'a second `train` block is not supported yet',
      {
        related: first && [{ message: 'the first one', span: (first.name ?? first.data).span }],
      },
    );
  }
  return first;
}

/** The data that is trained on; without `train`, the only one there is. */
function dataOf(
  constants: Context,
  file: FileScope,
  train: TrainDeclaration | undefined,
): DataBlock | undefined {
  const blocks = new Map<string, DataBlock>();
  for (const [name, declaration] of file.data) {
    const block = readDataBlock(constants, declaration, file.scope);
    checkColumns(constants.session, block, file.scope);
    blocks.set(name, block);
  }
  if (!train) return blocks.size === 1 ? [...blocks.values()][0] : undefined;
  const found = blocks.get(train.data.text);
  if (found) return found;
  const names = [...blocks.keys()];
  const help =
    didYouMean(train.data.text, names) ??
    (names.length > 0 ? `there is ${names.join(', ')}` : 'declare it: `data … { … }`');
  return constants.fail('E0201', train.data.span, `no \`data\` is called \`${train.data.text}\``, { help });
}
