/**
 * Everything `netc compile` writes, by path inside the folder. In: compilations of one program, what was bundled when
 * netc was built. Out: texts and bytes, the same for the same source and options.
 */
import type { Listing } from '../../../runtime/plan-format.ts';
import type { InspectReport } from '../report.ts';
import { fromBase64 } from '../../targets/wasm/bytes.ts';
import { trainerDeclarations } from './declarations.ts';
import { CPU_MODULE } from './listing-text.ts';
import { pageText } from './page-text.ts';
import { packageText } from './package-text.ts';
import { shaderFiles, type ClassListing, type GpuClass } from './shader-files.ts';
import { TRAINER, type ModuleKind } from './module-kind.ts';
import { classModule, classModuleText, printedModule, type ModuleParts } from './printed-module.ts';

/** Parts of every trainer or predictor, bundled when netc is built (scripts/bundle-runtime.mjs). */
export interface RuntimeAssets {
  /** The runtime as a module. */
  runtimeModule: string;
  /** The runtime as a script that binds `runtime`. */
  runtimeScript: string;
}

export interface TrainerAssets extends RuntimeAssets {
  /** The page, with `{{program}}` and `{{header}}` where a trainer's own words go. */
  page: string;
}

/** What every folder is made of. */
export interface CodeParts {
  version: string;
  /** Of the program's text. */
  sha256: string;
  /** What the compilation was told, as flags; empty where nothing. */
  flags: string;
  /** Another line of the header. */
  note?: string;
  /** For WebGPU, by class of devices: the one that the module itself holds, then the others. */
  classes: readonly ClassListing[];
  /** The same program for engines without relaxed SIMD and with it; they differ in their modules. */
  cpu?: { plain: Listing; relaxed: Listing };
  /** What `plan.json` tells, of the listing in the module itself; then of the other classes. */
  reports: () => readonly { deviceClass?: GpuClass; report: InspectReport }[];
  /** One file with everything in it. */
  single: boolean;
}

export interface FolderParts extends CodeParts {
  /** By which runs of the program are known. */
  fingerprint: string;
  assets: TrainerAssets;
  for: 'node' | 'browser' | 'both';
}

export type FolderFiles = Map<string, string | Uint8Array>;

export const CPU_RELAXED_MODULE = CPU_MODULE.replace('.wasm', '-relaxed.wasm');

export function trainerFolder(parts: FolderParts): FolderFiles {
  const { version, sha256, fingerprint, assets } = parts;
  const more = { fingerprint };
  const { listing, header, module, code } = codeOf(parts, TRAINER, more);
  if (parts.single) {
    const inline = { runtime: assets.runtimeScript, files: new Map([...code.shaders, ...code.modules]) };
    const text = printedModule({ ...module, inline });
    if (parts.for !== 'browser') return new Map([['trainer.mjs', text]]);
    return new Map([['index.html', pageText(assets.page, listing.program, header, text)]]);
  }
  return new Map<string, string | Uint8Array>([
    ...codeFiles(parts, TRAINER, trainerDeclarations(listing, header), more),
    ['runtime.mjs', assets.runtimeModule],
    ['package.json', packageText('trainer', listing.program, version, sha256)],
    ...(parts.for === 'node'
      ? []
      : [['index.html', pageText(assets.page, listing.program, header)] as const]),
  ]);
}

/** The listings, and the code of their kernels by the names of its files: WGSL as text, WebAssembly in base64. */
export interface Code {
  /** Any listing. */
  listing: Listing;
  header: string[];
  module: ModuleParts;
  code: { shaders: ReadonlyMap<string, string>; modules: (readonly [string, string])[] };
}

export function codeOf(parts: CodeParts, kind: ModuleKind, more?: ModuleParts['more']): Code {
  const { version, sha256, classes, cpu } = parts;
  const listing = classes[0]?.listing ?? cpu?.plain;
  if (listing === undefined) throw new Error('internal: compiled for no target');
  const header = headerLines(parts, listing);
  const { texts: shaders, files } = shaderFiles(classes);
  const targets = { classes, files, ...(cpu ? { cpu: cpu.plain } : {}) };
  const modules: Code['code']['modules'] = cpu
    ? [
        [CPU_MODULE, moduleOf(cpu.plain)],
        [CPU_RELAXED_MODULE, moduleOf(cpu.relaxed)],
      ]
    : [];
  const module = { kind, header, version, sha256, ...targets, ...(more ? { more } : {}) };
  return { listing, header, module, code: { shaders, modules } };
}

/** The module with its types, those of further classes, the kernels, the reports. */
export function codeFiles(
  parts: CodeParts,
  kind: ModuleKind,
  declarations: string,
  more?: ModuleParts['more'],
): (readonly [string, string | Uint8Array])[] {
  const { header, module, code } = codeOf(parts, kind, more);
  const { name } = kind;
  const title = header.map((line) => `// ${line}\n`).join('');
  return [
    [`${name}.mjs`, printedModule(module)],
    ...parts.classes
      .slice(1)
      .map((each) => [classModule(each.deviceClass), classModuleText(each, module)] as const),
    [`${name}.d.ts`, declarations],
    [`${name}.d.mts`, `${title}export * from './${name}.js';\n`],
    ...code.shaders,
    ...code.modules.map(([file, base64]) => [file, fromBase64(base64)] as const),
    ...parts.reports().map(({ deviceClass, report }, i) => {
      const file = i === 0 ? 'plan.json' : `plan-${deviceClass}.json`;
      return [file, `${JSON.stringify(report, null, 1)}\n`] as const;
    }),
  ];
}

/** The first line is how netc knows a folder as its own. */
export const HEADER_MARK = 'compiled by netc ';

function headerLines({ version, sha256, flags, note }: CodeParts, { program, source }: Listing): string[] {
  return [
    `${program}, ${HEADER_MARK}${version}`.replace(/[\r\n]/g, ' '),
    `from ${source}, sha256 ${sha256}${flags === '' ? '' : `, with ${flags}`}`.replace(/[\r\n]/g, ' '),
    ...(note === undefined ? [] : [note]),
    'Change the program and compile it again; changes made here are lost then.',
  ];
}

function moduleOf({ cpu }: Listing): string {
  if (typeof cpu?.module !== 'string') throw new Error('internal: a listing for the CPU without its module');
  return cpu.module;
}
