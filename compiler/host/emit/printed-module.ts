/**
 * `trainer.mjs` or `predictor.mjs`: the listing of a program as a module that people can read, with the program's own API around it,
 * printed with ts-morph. In: the listings, what else the runtime needs to know. Out: text. The listings of further classes
 * of devices are modules of their own, so that the one at hand is all there is to read and to load; with `inline` they, the
 * runtime and the code of all kernels are part of the module.
 */
import type { Listing } from '../../../runtime/plan-format.ts';
import {
  ScriptKind,
  StructureKind,
  VariableDeclarationKind,
  type StatementStructures,
  type VariableStatementStructure,
} from 'ts-morph';
import { listingText, type ListingText, type Statement } from './listing-text.ts';
import { printLiteral, printString, printTemplate } from './literal.ts';
import { capital, type ModuleKind } from './module-kind.ts';
import { Names } from './names.ts';
import { formatSource, newProject } from './project.ts';
import type { ClassListing, GpuClass } from './shader-files.ts';

export interface ModuleParts {
  kind: ModuleKind;
  /** Lines above everything. */
  header: readonly string[];
  version: string;
  sha256: string;
  /** For WebGPU: the one that the module holds, then those of further classes. */
  classes: readonly ClassListing[];
  /** By class, the file of each kernel's text. */
  files: ReadonlyMap<GpuClass, readonly string[]>;
  cpu?: Listing;
  /** What the runtime is told beside that. */
  more?: Readonly<Record<string, string | number | readonly string[]>>;
  /** The runtime as a script that binds `runtime`, and the other files: text, or base64. */
  inline?: InlinedParts;
}

export interface InlinedParts {
  runtime: string;
  files: ReadonlyMap<string, string>;
}

/** Those that a listing is written in. */
const LISTING_WORDS = ['kernel', 'loop', 'pool', 'run', 'span'];

type Word = readonly [name: string, here: string];

/** What the module takes from the runtime, by the names it has here. */
const wordsOf = ({ create, open, starts }: ModuleKind): Word[] => [
  [create, open],
  ...[...LISTING_WORDS, ...(starts ? ['start'] : [])].map((word): Word => [word, word]),
];

/** The module of a further class of devices, by its name in the trainer's folder. */
export const classModule = (deviceClass: GpuClass): string => `kernels-${deviceClass}.mjs`;

/** Stands for what must not be laid out anew: the minified runtime, the kernels' texts. */
const PLACE_OF_INLINED = '// (inlined)';

export function printedModule(parts: ModuleParts): string {
  const { kind, inline, header, cpu } = parts;
  const names = new Names();
  const [own, ...others] = parts.classes;
  const held = own ? [own, ...(inline ? others : [])] : [];
  const gpu = held.map((each, i) => classText(each, parts, names, i === 0 ? '' : `${each.deviceClass}_`));
  const forCpu = cpu && listingText(cpu, { name: 'cpu', prefix: 'cpu_', files: [] }, names);
  const texts = [...gpu, ...(forCpu ? [forCpu] : [])];
  const loaded = inline ? [] : others.map(({ deviceClass }) => deviceClass);
  const program = {
    name: 'program',
    text: programText(parts, gpu, loaded, forCpu),
    comment: `What the runtime is told of this ${kind.name}.`,
  };
  const source = newProject().createSourceFile(
    `${kind.name}.mjs`,
    {
      statements: [
        ...header.map((line) => `// ${line}`),
        inline ? PLACE_OF_INLINED : importOfRuntime(wordsOf(kind)),
        ...texts.flatMap(({ statements }) => statements.map(constant)),
        { ...constant(program), isExported: true },
        createFunction(kind),
        ...(kind.starts ? ['start(program);'] : []),
      ],
    },
    { scriptKind: ScriptKind.JS },
  );
  const text = formatSource(source);
  return inline ? text.replace(PLACE_OF_INLINED, () => inlinedText(kind, inline)) : text;
}

/** `kernels-large.mjs`: the same program in the schedules of a further class of devices. */
export function classModuleText(
  each: ClassListing,
  parts: Pick<ModuleParts, 'kind' | 'header' | 'files'>,
): string {
  const { name, statements } = classText(each, parts, new Names(), '');
  const source = newProject().createSourceFile(
    'kernels.mjs',
    {
      statements: [
        ...parts.header.map((line) => `// ${line}`),
        `// The kernels for devices of class ${each.deviceClass}; ${parts.kind.name}.mjs loads them on such a device.`,
        importOfRuntime(LISTING_WORDS.map((word) => [word, word])),
        ...statements.map(constant),
        `export { ${name} as listing };`,
      ],
    },
    { scriptKind: ScriptKind.JS },
  );
  return formatSource(source);
}

function classText(
  { deviceClass, listing }: ClassListing,
  { files }: Pick<ModuleParts, 'files'>,
  names: Names,
  prefix: string,
): ListingText & { deviceClass: GpuClass } {
  const words = { name: deviceClass, prefix, files: files.get(deviceClass) ?? [] };
  return { deviceClass, ...listingText(listing, words, names) };
}

function programText(
  parts: ModuleParts,
  gpu: readonly (ListingText & { deviceClass: GpuClass })[],
  loaded: readonly GpuClass[],
  cpu: ListingText | undefined,
): string {
  const entry = (key: string, name: string): string => (key === name ? `${key},` : `${key}: ${name},`);
  const classes = [
    ...gpu.map(({ deviceClass, name }) => entry(deviceClass, name)),
    ...loaded.map((each) => `${each}: () => import('./${classModule(each)}'),`),
  ];
  return [
    '{',
    `netc: ${printString(parts.version)},`,
    `sha256: ${printString(parts.sha256)},`,
    'base: import.meta.url,',
    'targets: {',
    ...(classes.length > 0 ? ['webgpu: {', ...classes, '},'] : []),
    ...(cpu ? [entry('cpu', cpu.name)] : []),
    '},',
    ...Object.entries(parts.more ?? {}).map(
      ([key, value]) => `${key}: ${printLiteral(value, 2, key.length + 3)},`,
    ),
    ...(parts.inline ? ['files,'] : []),
    '}',
  ].join('\n');
}

const importOfRuntime = (words: readonly Word[]): StatementStructures => ({
  kind: StructureKind.ImportDeclaration,
  namedImports: words.map(([name, alias]) => (name === alias ? { name } : { name, alias })),
  moduleSpecifier: './runtime.mjs',
});

function inlinedText(kind: ModuleKind, { runtime, files }: InlinedParts): string {
  const words = wordsOf(kind).map(([name, here]) => (name === here ? name : `${name}: ${here}`));
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

const createFunction = ({ name, create, open, about }: ModuleKind): StatementStructures => ({
  kind: StructureKind.Function,
  name: create,
  isExported: true,
  parameters: [{ name: 'options' }],
  statements: [`return ${open}(program, options);`],
  docs: [
    {
      description: [
        '',
        about,
        `@param {import('./${name}.d.ts').${capital(name)}Options} [options]`,
        `@returns {Promise<import('./${name}.d.ts').${capital(name)}>}`,
      ].join('\n'),
    },
  ],
});
