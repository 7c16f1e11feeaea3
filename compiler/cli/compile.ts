/**
 * `netc compile FILE -o DIR`: the trainer as a folder that needs nothing of netc to run. In: a program. Out: files,
 * the same for the same source and options, wherever they lie, and the program's data beside them where it is small.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { GPU_CLASSES, type GpuClass } from '../../runtime/device-class.ts';
import { dataFiles } from '../../runtime/trainer/data-files.ts';
import { CompileError, fail, type Diagnostic, type Span } from '../diagnostics.ts';
import { trainerFolder, type FolderFiles, type TrainerAssets } from '../host/emit/trainer-folder.ts';
import type { Compilation, CompileOptions, InspectReport, Listing, TargetProfile } from '../index.ts';
import { compile, CPU_PROFILE, profileOfClass } from '../index.ts';
import type { CompileFlags } from './commands.ts';
import type { Context } from './context.ts';
import { packageFile, versionText } from './package-files.ts';
import { programOptions, readProgram } from './read-program.ts';
import { trainerData, type TrainerData } from './trainer-data.ts';
import { checkTrainerFolder, writeTrainerFolder } from './write-folder.ts';

export async function runCompile(file: string, flags: CompileFlags, context: Context): Promise<number> {
  checkFlags(flags);
  checkTrainerFolder(flags.o);
  const started = context.host.now();
  const { files, listing } = trainerFiles(file, flags, context);
  const from = flags.data ?? path.dirname(file);
  const data = builtInData(listing, from, flags, files);
  await writeTrainerFolder(flags.o, files, data?.files);
  const bytes = [...files.values()].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  const seconds = ((context.host.now() - started) / 1000).toFixed(1);
  context.say(`${flags.o}: ${files.size} files, ${Math.ceil(bytes / 1024)} KiB, in ${seconds} s`);
  if (data) context.say(data.note);
  if (flags.single && flags.for === 'browser') return 0;
  const place = data?.complete === true || dataFiles(listing).length === 0 ? '' : ` --data ${from}`;
  context.say(`to train: node ${path.join(flags.o, 'trainer.mjs')}${place}`);
  return 0;
}

/** Undefined where the program has none, or none is wanted. */
function builtInData(
  listing: Listing,
  from: string,
  flags: CompileFlags,
  files: FolderFiles,
): TrainerData | undefined {
  const paths = dataFiles(listing);
  // One file is one file; its data is chosen in the page, or named by --data.
  if (paths.length === 0 || flags.single || flags.withoutData) return undefined;
  return trainerData(paths, from, flags.o, (name) => files.has(name) || name.startsWith('shaders/'));
}

/** What the command cannot follow, or does not do yet. */
function checkFlags(flags: CompileFlags): void {
  if (flags.infer) fail('E0901', undefined, 'a trainer that only predicts (--infer) is not supported yet');
  if (flags.device !== 'auto') {
    fail('E0701', undefined, '--device is for running; a trainer chooses its device when it starts', {
      help: '--emit wgsl, cpu or both says which kernels it has',
    });
  }
  if (flags.class !== undefined && flags.emit === 'cpu') {
    fail('E0701', undefined, '--class chooses among schedules of WebGPU devices, and --emit cpu has none');
  }
}

function trainerFiles(
  file: string,
  flags: CompileFlags,
  context: Context,
): { files: FolderFiles; listing: Listing } {
  const { text } = readProgram(file, context);
  const folder = path.dirname(file);
  const { options, texts } = optionsIn(folder, context);
  const source = { file: path.basename(file), text };
  const emit = flags.emit ?? 'wgsl';
  const compiled = (profile: TargetProfile): Compilation =>
    inFolder(folder, () => compile(source, { ...options, profile }));
  const wanted = flags.class === undefined ? GPU_CLASSES : [flags.class];
  const classes = (emit === 'cpu' ? [] : wanted).map((deviceClass) => ({
    deviceClass,
    compilation: compiled(profileOfClass(deviceClass)),
  }));
  const cpu = emit === 'wgsl' ? undefined : compiled(CPU_PROFILE);
  const relaxed = cpu && compiled({ ...CPU_PROFILE, relaxedSimd: true });
  const shown = classes[0]?.compilation ?? cpu;
  if (shown === undefined) throw new Error('internal: nothing was compiled');
  context.report(shown.warnings);
  const files = trainerFolder({
    version: versionText(),
    sha256: hashOf([text, ...texts.values()]),
    flags: flagsText(flags),
    classes: classes.map(({ deviceClass, compilation: { listing } }) => ({ deviceClass, listing })),
    ...(cpu && relaxed ? { cpu: { plain: cpu.listing, relaxed: relaxed.listing } } : {}),
    reports: () => reportsOf(classes, shown),
    assets: readAssets(),
    single: flags.single ?? false,
    for: flags.for ?? 'both',
  });
  return { files, listing: shown.listing };
}

/** What `plan.json` says, and a file a further class beside it. */
function reportsOf(
  classes: readonly { deviceClass: GpuClass; compilation: Compilation }[],
  shown: Compilation,
): { deviceClass?: GpuClass; report: InspectReport }[] {
  if (classes.length === 0) return [{ report: shown.report() }];
  return classes.map(({ deviceClass, compilation }) => ({ deviceClass, report: compilation.report() }));
}

/** Options under which files are named as the program names them, so that its folder leaves no trace. */
function optionsIn(
  folder: string,
  context: Context,
): { options: CompileOptions; texts: Map<string, string> } {
  const options = programOptions(context);
  const texts = new Map<string, string>();
  return {
    texts,
    options: {
      ...options,
      resolve(used, from) {
        const text = options.resolve?.(used, `${folder}/${from}`);
        if (text !== undefined) texts.set(used, text);
        return text;
      },
    },
  };
}

/** Mistakes are told with the paths that lead to their files from here. */
function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CompileError) || folder === '.') throw error;
    throw new CompileError(error.diagnostics.map((diagnostic) => under(folder, diagnostic)));
  }
}

function under(folder: string, { span, related, ...rest }: Diagnostic): Diagnostic {
  const place = (inside: Span): Span =>
    inside.file === 'std.net' || path.isAbsolute(inside.file)
      ? inside
      : { ...inside, file: `${folder}/${inside.file}` };
  return {
    ...rest,
    ...(span ? { span: place(span) } : {}),
    ...(related ? { related: related.map((each) => ({ ...each, span: place(each.span) })) } : {}),
  };
}

/** The program's text, then those of the files it uses. */
function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
}

/** The flags that made a difference, for the header. */
function flagsText({ set = {}, seed, fuse, class: deviceClass, memory, emit }: CompileFlags): string {
  return [
    ...Object.entries(set).map(([name, value]) => `--set ${name}=${value}`),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(fuse === undefined ? [] : [`--fuse ${fuse}`]),
    ...(deviceClass === undefined ? [] : [`--class ${deviceClass}`]),
    ...(memory === undefined ? [] : [`--memory ${memory}`]),
    ...(emit === undefined ? [] : [`--emit ${emit}`]),
  ].join(' ');
}

/** What `npm run build` bundles. */
function readAssets(): TrainerAssets {
  const read = (name: string): string => {
    const file = packageFile(`dist/trainer/${name}`);
    if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
    return fail('E0703', undefined, `the bundled runtime is missing: ${file}`, {
      help: '`npm run build` makes it',
    });
  };
  return { runtimeModule: read('runtime.mjs'), runtimeScript: read('runtime.js'), page: read('index.html') };
}
