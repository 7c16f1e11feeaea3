/**
 * `netc compile FILE -o DIR`: the trainer, or with --infer the predictor, as a folder that needs nothing of netc to run.
 * In: a program. Out: files, the same for the same source and options, wherever they lie, and the program's data beside them where it is small.
 */
import fs from 'node:fs';
import path from 'node:path';
import { GPU_CLASSES, type GpuClass } from '../../runtime/device-class.ts';
import { dataFiles } from '../../runtime/trainer/data-files.ts';
import { fail, type Span } from '../diagnostics.ts';
import { predictorFolder } from '../host/emit/predictor-folder.ts';
import {
  trainerFolder,
  type CodeParts,
  type FolderFiles,
  type RuntimeAssets,
  type TrainerAssets,
} from '../host/emit/trainer-folder.ts';
import type { Compilation, InspectReport, Listing, TargetProfile } from '../index.ts';
import { compile, CPU_PROFILE, profileOfClass } from '../index.ts';
import type { CompileFlags } from './commands.ts';
import type { Context } from './context.ts';
import { fingerprintOf } from './fingerprint.ts';
import { hashOf } from './hash.ts';
import { packageFile, versionText } from './package-files.ts';
import { predictionWeights } from './prediction-weights.ts';
import { inFolder, optionsIn, spanUnder } from './program-folder.ts';
import { readProgram } from './read-program.ts';
import { trainerData, type TrainerData } from './trainer-data.ts';
import { checkTrainerFolder, writeTrainerFolder } from './write-folder.ts';

export async function runCompile(file: string, flags: CompileFlags, context: Context): Promise<number> {
  checkFlags(flags);
  checkTrainerFolder(flags.o);
  const started = context.host.now();
  const from = flags.data ?? path.dirname(file);
  const { files, listing } = flags.infer
    ? await predictorFiles(file, flags, context)
    : trainerFiles(file, flags, context);
  const data = builtInData(listing, from, flags, files);
  await writeTrainerFolder(flags.o, files, data?.files);
  const bytes = [...files.values()].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  const seconds = ((context.host.now() - started) / 1000).toFixed(1);
  context.say(`${flags.o}: ${files.size} files, ${Math.ceil(bytes / 1024)} KiB, in ${seconds} s`);
  if (data) context.say(data.note);
  if (flags.infer) context.say(useOfPredictor(flags));
  if (flags.infer || (flags.single && flags.for === 'browser')) return 0;
  const place = data?.complete === true || dataFiles(listing).length === 0 ? '' : ` --data ${from}`;
  context.say(`to train: node ${path.join(flags.o, 'trainer.mjs')}${place}`);
  return 0;
}

const useOfPredictor = ({ o, weights }: CompileFlags): string =>
  `to predict: import { createPredictor } from '${path.join(o, 'predictor.mjs')}', then createPredictor(${weights === undefined ? '{ weights }' : ''})`;

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

/** What the command cannot follow. */
function checkFlags(flags: CompileFlags): void {
  if (flags.device !== 'auto') {
    fail('E0701', undefined, '--device is for running; a trainer chooses its device when it starts', {
      help: '--emit wgsl, cpu or both says which kernels it has',
    });
  }
  if (flags.class !== undefined && flags.emit === 'cpu') {
    fail('E0701', undefined, '--class chooses among schedules of WebGPU devices, and --emit cpu has none');
  }
  if (flags.infer && flags.for !== undefined) {
    fail('E0701', undefined, '--for says whether a trainer has its page; a predictor has none', {
      help: 'its module is the same for Node and browsers: leave --for out',
    });
  }
  if (flags.infer && flags.withoutData) {
    fail('E0701', undefined, '--without-data is for trainers; a predictor has no data in its folder');
  }
  if (!flags.infer && flags.weights !== undefined) {
    fail('E0701', undefined, '--weights is for --infer; a trainer takes weights when it starts', {
      help: '--infer compiles a predictor with these weights in it; a trainer is given them by --init, or as `weights` of createTrainer',
    });
  }
}

interface Compiled {
  /** Of any target. */
  shown: Compilation;
  parts: CodeParts;
}

/** The program for every target that is asked for. */
function compileTargets(file: string, flags: CompileFlags, context: Context): Compiled {
  const { text } = readProgram(file, context);
  const folder = path.dirname(file);
  const { options, texts } = optionsIn(folder, context);
  const source = { file: path.basename(file), text };
  const { emit = 'wgsl', infer = false } = flags;
  const compiled = (profile: TargetProfile): Compilation =>
    inFolder(folder, () => compile(source, { ...options, profile, infer }));
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
  return {
    shown,
    parts: {
      version: versionText(),
      // Of the program's text, then of the files it uses.
      sha256: hashOf([text, ...texts.values()]),
      flags: flagsText(flags),
      classes: classes.map(({ deviceClass, compilation: { listing } }) => ({ deviceClass, listing })),
      ...(cpu && relaxed ? { cpu: { plain: cpu.listing, relaxed: relaxed.listing } } : {}),
      reports: () => reportsOf(classes, shown),
      single: flags.single ?? false,
    },
  };
}

interface Folder {
  files: FolderFiles;
  listing: Listing;
}

function trainerFiles(file: string, flags: CompileFlags, context: Context): Folder {
  const { parts, shown } = compileTargets(file, flags, context);
  const assets: TrainerAssets = { ...runtimeOf('trainer'), page: asset('trainer/index.html') };
  const fingerprint = fingerprintOf(shown.program);
  const files = trainerFolder({ ...parts, assets, fingerprint, for: flags.for ?? 'both' });
  return { files, listing: shown.listing };
}

async function predictorFiles(file: string, flags: CompileFlags, context: Context): Promise<Folder> {
  const { shown, parts } = compileTargets(file, flags, context);
  const { program, listing } = shown;
  const read = new Set([...listing.parameters, ...listing.states].map(({ name }) => name));
  const all = [...program.parameters, ...program.states].map(({ name }) => name);
  const place = (span: Span): Span => spanUnder(path.dirname(file), span);
  const weights =
    flags.weights === undefined ? undefined : await predictionWeights(flags.weights, program, listing, place);
  const files = predictorFolder({
    ...parts,
    assets: runtimeOf('predictor'),
    seed: program.training?.seed ?? 0,
    ...(weights ? { weights, note: `Weights compiled in: sha256 ${hashOf([weights])}.` } : {}),
    others: all.filter((name) => !read.has(name)),
  });
  return { files, listing };
}

/** What `plan.json` says, and a file a further class beside it. */
function reportsOf(
  classes: readonly { deviceClass: GpuClass; compilation: Compilation }[],
  shown: Compilation,
): { deviceClass?: GpuClass; report: InspectReport }[] {
  if (classes.length === 0) return [{ report: shown.report() }];
  return classes.map(({ deviceClass, compilation }) => ({ deviceClass, report: compilation.report() }));
}

/** The flags that made a difference, for the header. */
function flagsText({ set = {}, seed, fuse, class: deviceClass, memory, emit, infer }: CompileFlags): string {
  return [
    ...(infer ? ['--infer'] : []),
    ...Object.entries(set).map(([name, value]) => `--set ${name}=${value}`),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(fuse === undefined ? [] : [`--fuse ${fuse}`]),
    ...(deviceClass === undefined ? [] : [`--class ${deviceClass}`]),
    ...(memory === undefined ? [] : [`--memory ${memory}`]),
    ...(emit === undefined ? [] : [`--emit ${emit}`]),
  ].join(' ');
}

const runtimeOf = (kind: 'trainer' | 'predictor'): RuntimeAssets => ({
  runtimeModule: asset(`${kind}/runtime.mjs`),
  runtimeScript: asset(`${kind}/runtime.js`),
});

/** What `npm run build` bundles. */
function asset(name: string): string {
  const file = packageFile(`dist/${name}`);
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  return fail('E0703', undefined, `the bundled runtime is missing: ${file}`, {
    help: '`npm run build` makes it',
  });
}
