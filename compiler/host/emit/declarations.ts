/**
 * `trainer.d.ts`: the API of one program, with its own names and shapes. In: a listing. Out: text. The members and
 * what they do are those of `runtime/trainer/compiled-trainer.ts`.
 */
import {
  StructureKind,
  type InterfaceDeclarationStructure,
  type MethodSignatureStructure,
  type OptionalKind,
  type PropertySignatureStructure,
  type StatementStructures,
} from 'ts-morph';
import type { Listing, RoutineInput, StepListing, StorageType } from '../../../runtime/plan-format.ts';
import { printString } from './literal.ts';
import { capital, type ModuleKind } from './module-kind.ts';
import { formatSource, newProject } from './project.ts';
import { TRAINER_TYPES } from './common-types.ts';

const NUMBERS: Readonly<Record<StorageType, string>> = {
  f32: 'Float32Array | readonly number[]',
  i32: 'Integers',
  u32: 'Integers',
  u8: 'Integers',
};

const KINDS: Readonly<Record<StorageType, string>> = {
  f32: 'f32',
  i32: 'whole numbers of 32 bits with a sign',
  u32: 'whole numbers of 32 bits',
  u8: 'whole numbers from 0 to 255',
};

export function trainerDeclarations(listing: Listing, header: readonly string[]): string {
  const source = newProject().createSourceFile('trainer.d.ts', {
    statements: [
      ...header.map((line) => `// ${line}`),
      ...[batchType(listing), ...metricTypes(listing), gradientsType(listing), ...modelTypes(listing)],
      ...settingsTypes('trainer', listing),
      trainerType(listing),
      TRAINER_TYPES,
    ],
  });
  return formatSource(source);
}

type Property = OptionalKind<PropertySignatureStructure>;

const property = (name: string, type: string, about: string, optional = false): Property => ({
  name: /^[A-Za-z_$][\w$]*$/.test(name) ? name : printString(name),
  type,
  hasQuestionToken: optional,
  docs: [about.replaceAll('*/', '* /')],
});

export const declared = (
  name: string,
  about: string,
  properties: Property[],
): InterfaceDeclarationStructure => ({
  kind: StructureKind.Interface,
  name,
  isExported: true,
  properties,
  docs: [about.replaceAll('*/', '* /')],
  leadingTrivia: '\n',
});

function batchType(listing: Listing): StatementStructures {
  const read = new Set(
    listing.steps.flatMap(({ gradient, evaluate }) =>
      [gradient, evaluate].flatMap((index) => listing.routines[index]!.inputs.map(({ name }) => name)),
    ),
  );
  const size = listing.data?.batch ?? 0;
  const properties = (listing.data?.fields ?? []).map(({ name, shape, storage, below }) => {
    const bound = below === undefined ? '' : `, below ${below}`;
    return property(
      name,
      NUMBERS[storage],
      `[${[size, ...shape].join(', ')}] for a step: ${KINDS[storage]}${bound}.`,
      !read.has(name),
    );
  });
  return declared(
    'Batch',
    `Records of the data, one after another: ${size} for a step, any number to evaluate.`,
    properties,
  );
}

/** The type of a step's metrics. */
const metricsName = ({ name }: StepListing): string =>
  name === undefined ? 'Metrics' : `${capital(name)}Metrics`;

function metricTypes({ steps }: Listing): StatementStructures[] {
  return steps.map((step) => {
    const about = step.name === undefined ? 'What a step reports.' : `What the step ${step.name} reports.`;
    return declared(
      metricsName(step),
      about,
      step.metrics.map(({ name }) =>
        property(name, 'number', name === 'loss' ? 'Before the update.' : 'Over the records given.'),
      ),
    );
  });
}

const gradientsType = ({ parameters }: Listing): StatementStructures =>
  declared(
    'Gradients',
    'Gradients by the names of the weights; only those that the step moves are there.',
    parameters.map(({ name, shape }) => property(name, 'Float32Array', `[${shape.join(', ')}]`, true)),
  );

/** What each model takes and gives. */
export function modelTypes({ models, routines }: Listing): StatementStructures[] {
  return models.flatMap(({ name, predict }) => {
    const { inputs, outputs } = routines[predict]!;
    return [
      declared(
        `${capital(name)}Input`,
        `What the model ${name} takes: any number of records N.`,
        inputs.map(inputProperty),
      ),
      declared(
        `${capital(name)}Output`,
        `What the model ${name} gives.`,
        outputs.map(({ name: output, dtype, shape, perRecord }) => {
          const sizes = [...(perRecord ? ['N'] : []), ...shape].join(', ');
          const array =
            dtype === 'i32'
              ? 'Int32Array'
              : dtype === 'u32' || dtype === 'bool'
                ? 'Uint32Array'
                : 'Float32Array';
          return property(output, `Prediction<${array}>`, `[${sizes}] ${dtype}`);
        }),
      ),
    ];
  });
}

const inputProperty = ({ name, recordShape, storage }: RoutineInput): Property =>
  property(name, NUMBERS[storage], `[${['N', ...recordShape].join(', ')}]: ${KINDS[storage]}.`);

export function settingsTypes(kind: ModuleKind['name'], { constants = {} }: Listing): StatementStructures[] {
  const properties = Object.entries(constants).map(([name, value]) =>
    property(name, typeof value, `${value} in this ${kind}; another value takes a compilation.`, true),
  );
  return [declared('Settings', 'The `let`s of the program.', properties)];
}

function trainerType({ steps, models, training }: Listing): StatementStructures {
  const names = steps.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const batch = (training?.accumulate ?? 1) > 1 ? 'readonly Batch[]' : 'Batch';
  const union = steps.map(metricsName).join(' | ') || 'never';
  const evaluated =
    names.length === 0
      ? union
      : `{ ${steps.map((step) => `${step.name}: ${metricsName(step)}`).join('; ')} }`;
  const stepOptions = `options?: { name?: ${names.map(printString).join(' | ') || 'never'} }`;
  const signal = 'signal?: AbortSignal';
  const trains = steps.length > 0;
  return {
    ...declared('Trainer', 'The program on a device, with its weights.', []),
    extends: ['TrainerBase'],
    methods: [
      ...(trains
        ? [
            {
              name: 'step',
              parameters: [{ name: 'batch', type: batch }, ...parameterOf(stepOptions)],
              returnType: `Step<${union}>`,
              docs: [
                'One training step. Returns at once; the values come when they are asked for. Throws while `save`, `evaluate`, ' +
                  '`predict` or `gradients` is on its way: await it first, so that it reads the weights of one moment.',
              ],
            },
            {
              name: 'evaluate',
              parameters: [{ name: 'records', type: 'Batch' }, ...parameterOf(`options?: { ${signal} }`)],
              returnType: `Promise<${evaluated}>`,
              docs: ['Loss and metrics in evaluation mode, means over the records.'],
            },
            {
              name: 'gradients',
              parameters: [{ name: 'batch', type: 'Batch' }, ...parameterOf(stepOptions)],
              returnType: `Promise<{ metrics: ${union}; gradients: Gradients }>`,
              docs: ['The gradients of one batch; no weight is moved.'],
            },
          ]
        : []),
      ...predictMethods(models),
    ],
  };
}

/** One overload a model. */
export function predictMethods(models: Listing['models']): OptionalKind<MethodSignatureStructure>[] {
  const mark = models.length > 1 ? '' : '?';
  return models.map(({ name }) => ({
    name: 'predict',
    parameters: [
      { name: 'inputs', type: `${capital(name)}Input` },
      ...parameterOf(`options${mark}: { model${mark}: ${printString(name)}; signal?: AbortSignal }`),
    ],
    returnType: `Promise<${capital(name)}Output>`,
    docs: [`The model ${name} forward, in evaluation mode.`],
  }));
}

/** `options?: T` as a parameter. */
function parameterOf(text: string): { name: string; type: string; hasQuestionToken: boolean }[] {
  const [, name = '', mark, type = ''] = /^(\w+)(\??): (.*)$/s.exec(text) ?? [];
  return [{ name, type, hasQuestionToken: mark === '?' }];
}
