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
import { classModule, classModuleText, trainerModule } from './trainer-module.ts';

/** Parts of every trainer, bundled when netc is built (scripts/bundle-runtime.mjs). */
export interface TrainerAssets {
  /** The runtime as a module. */
  runtimeModule: string;
  /** The runtime as a script that binds `runtime`. */
  runtimeScript: string;
  /** The page, with `{{program}}` and `{{header}}` where a trainer's own words go. */
  page: string;
}

export interface FolderParts {
  version: string;
  /** Of the program's text. */
  sha256: string;
  /** What the compilation was told, as flags; empty where nothing. */
  flags: string;
  /** For WebGPU, by class of devices: the one that the module itself holds, then the others. */
  classes: readonly ClassListing[];
  /** The same program for engines without relaxed SIMD and with it; they differ in their modules. */
  cpu?: { plain: Listing; relaxed: Listing };
  /** What `plan.json` tells, of the listing in the module itself; then of the other classes. */
  reports: () => readonly { deviceClass?: GpuClass; report: InspectReport }[];
  assets: TrainerAssets;
  /** One file with everything in it. */
  single: boolean;
  for: 'node' | 'browser' | 'both';
}

export type FolderFiles = Map<string, string | Uint8Array>;

export const CPU_RELAXED_MODULE = CPU_MODULE.replace('.wasm', '-relaxed.wasm');

export function trainerFolder(parts: FolderParts): FolderFiles {
  const { version, sha256, classes, cpu, assets } = parts;
  const listing = classes[0]?.listing ?? cpu?.plain;
  if (listing === undefined) throw new Error('internal: a trainer for no target');
  const header = headerLines(parts, listing);
  const { texts: shaders, files } = shaderFiles(classes);
  const common = { header, version, sha256, classes, files, ...(cpu ? { cpu: cpu.plain } : {}) };
  const modules = cpu ? [[CPU_MODULE, moduleOf(cpu.plain)] as const, [CPU_RELAXED_MODULE, moduleOf(cpu.relaxed)] as const] : []; // prettier-ignore
  if (parts.single) {
    const inline = { runtime: assets.runtimeScript, files: new Map([...shaders, ...modules]) };
    const module = trainerModule({ ...common, inline });
    if (parts.for !== 'browser') return new Map([['trainer.mjs', module]]);
    return new Map([['index.html', pageText(assets.page, listing.program, header, module)]]);
  }
  const title = header.map((line) => `// ${line}\n`).join('');
  return new Map<string, string | Uint8Array>([
    ['trainer.mjs', trainerModule(common)],
    ...classes
      .slice(1)
      .map((each) => [classModule(each.deviceClass), classModuleText(each, common)] as const),
    ['trainer.d.ts', trainerDeclarations(listing, header)],
    ['trainer.d.mts', `${title}export * from './trainer.js';\n`],
    ['runtime.mjs', assets.runtimeModule],
    ...shaders,
    ...modules.map(([name, base64]) => [name, fromBase64(base64)] as const),
    ...parts.reports().map(({ deviceClass, report }, i) => {
      const name = i === 0 ? 'plan.json' : `plan-${deviceClass}.json`;
      return [name, `${JSON.stringify(report, null, 1)}\n`] as const;
    }),
    ['package.json', packageText(listing.program, version, sha256)],
    ...(parts.for === 'node'
      ? []
      : [['index.html', pageText(assets.page, listing.program, header)] as const]),
  ]);
}

/** The first line is how netc knows a folder as its own. */
export const HEADER_MARK = 'compiled by netc ';

function headerLines({ version, sha256, flags }: FolderParts, { program, source }: Listing): string[] {
  return [
    `${program}, ${HEADER_MARK}${version}`.replace(/[\r\n]/g, ' '),
    `from ${source}, sha256 ${sha256}${flags === '' ? '' : `, with ${flags}`}`.replace(/[\r\n]/g, ' '),
    'Change the program and compile it again; changes made here are lost then.',
  ];
}

function moduleOf({ cpu }: Listing): string {
  if (typeof cpu?.module !== 'string') throw new Error('internal: a listing for the CPU without its module');
  return cpu.module;
}
