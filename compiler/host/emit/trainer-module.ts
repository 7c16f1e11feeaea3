/**
 * `trainer.mjs`: the listing of a program as a module that people can read, with the program's own API around it,
 * printed with ts-morph. In: the listings, what else the trainer needs to know. Out: text. With `inline` the runtime
 * and the code of all kernels are part of the module.
 */
import type { Listing } from '../../../runtime/plan-format.ts';
import {
  ScriptKind,
  StructureKind,
  VariableDeclarationKind,
  type StatementStructures,
  type VariableStatementStructure,
} from 'ts-morph';
import { listingText, type Statement } from './listing-text.ts';
import { printString, printTemplate } from './literal.ts';
import { Names } from './names.ts';
import { formatSource, newProject } from './project.ts';

export interface TrainerModuleParts {
  /** Lines above everything. */
  header: readonly string[];
  version: string;
  sha256: string;
  targets: { webgpu?: Listing; cpu?: Listing };
  /** The runtime as a script that binds `runtime`, and the trainer's other files: text, or base64. */
  inline?: InlinedParts;
}

export interface InlinedParts {
  runtime: string;
  files: ReadonlyMap<string, string>;
}

/** What the module takes from the runtime, by the names it has here. */
const WORDS: Readonly<Record<string, string>> = {
  createTrainer: 'openTrainer',
  kernel: 'kernel',
  loop: 'loop',
  pool: 'pool',
  run: 'run',
  span: 'span',
  start: 'start',
};

/** Stands for what must not be laid out anew: the minified runtime, the kernels' texts. */
const PLACE_OF_INLINED = '// (inlined)';

export function trainerModule(parts: TrainerModuleParts): string {
  const { targets, inline, header } = parts;
  const names = new Names();
  const texts = (['webgpu', 'cpu'] as const).flatMap((target) => {
    const listing = targets[target];
    return listing === undefined ? [] : [{ target, ...listingText(listing, target, names) }];
  });
  const program = {
    name: 'program',
    text: programText(parts, texts),
    comment: 'What the runtime is told of this trainer.',
  };
  const source = newProject().createSourceFile(
    'trainer.mjs',
    {
      statements: [
        ...header.map((line) => `// ${line}`),
        inline ? PLACE_OF_INLINED : importOfRuntime(),
        ...texts.flatMap(({ statements }) => statements.map(constant)),
        { ...constant(program), isExported: true },
        createTrainerFunction(),
        'start(program);',
      ],
    },
    { scriptKind: ScriptKind.JS },
  );
  const text = formatSource(source);
  return inline ? text.replace(PLACE_OF_INLINED, () => inlinedText(inline)) : text;
}

function programText(parts: TrainerModuleParts, texts: readonly { target: string; name: string }[]): string {
  const targets = texts.map(({ target, name }) => (name === target ? name : `${target}: ${name}`));
  return [
    '{',
    `netc: ${printString(parts.version)},`,
    `sha256: ${printString(parts.sha256)},`,
    'base: import.meta.url,',
    `targets: { ${targets.join(', ')} },`,
    ...(parts.inline ? ['files,'] : []),
    '}',
  ].join('\n');
}

const importOfRuntime = (): StatementStructures => ({
  kind: StructureKind.ImportDeclaration,
  namedImports: Object.entries(WORDS).map(([name, alias]) => (name === alias ? { name } : { name, alias })),
  moduleSpecifier: './runtime.mjs',
});

function inlinedText({ runtime, files }: InlinedParts): string {
  const words = Object.entries(WORDS).map(([name, here]) => (name === here ? name : `${name}: ${here}`));
  const entries = [...files].map(([name, text]) => `  ${printString(name)}: ${printTemplate(text)},`);
  return [
    '// The runtime.',
    runtime.trimEnd(),
    `const { ${words.join(', ')} } = runtime;`,
    '',
    '// The code of the kernels, by the names of its files.',
    'const files = {',
    ...entries,
    '};',
  ].join('\n');
}

const constant = ({ name, text, comment }: Statement): VariableStatementStructure => ({
  kind: StructureKind.VariableStatement,
  declarationKind: VariableDeclarationKind.Const,
  declarations: [{ name, initializer: text }],
  ...(comment === undefined ? {} : { leadingTrivia: `\n// ${comment}\n` }),
});

const createTrainerFunction = (): StatementStructures => ({
  kind: StructureKind.Function,
  name: 'createTrainer',
  isExported: true,
  parameters: [{ name: 'options' }],
  statements: ['return openTrainer(program, options);'],
  docs: [
    {
      description: [
        '',
        'Opens a device and puts the weights in place.',
        "@param {import('./trainer.d.ts').TrainerOptions} [options]",
        "@returns {Promise<import('./trainer.d.ts').Trainer>}",
      ].join('\n'),
    },
  ],
});
