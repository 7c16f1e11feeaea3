/**
 * Writes the folder of a trainer or predictor. In: a path, files. Holds: nothing is written where the folder is somebody else's; all
 * files are written out beside their places before the first is put there; what an older trainer left and the new one
 * has not is taken away, and nothing else: data, weights, packages and what names them in package.json stay.
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, reasonOf } from '../../runtime/node/files.ts';
import { fail } from '../diagnostics.ts';
import { isOwnPackage, mergedPackage } from '../host/emit/package-text.ts';
import { PREDICTOR_WEIGHTS } from '../host/emit/predictor-folder.ts';
import { HEADER_MARK, type FolderFiles } from '../host/emit/trainer-folder.ts';

/** `data` goes to places where nothing is. E0506 where the folder cannot be written, or is not empty and not netc's. */
export async function writeTrainerFolder(
  folder: string,
  trainer: FolderFiles,
  data: ReadonlyMap<string, Uint8Array> = new Map(),
): Promise<void> {
  const old = checkTrainerFolder(folder);
  const files = new Map([...withOldPackage(folder, trainer), ...data]);
  const staged = `${path.join(folder, '.netc-')}${process.pid}.tmp`;
  try {
    for (const [name, contents] of files) await stage(path.join(staged, name), contents);
    for (const name of files.keys()) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.renameSync(path.join(staged, name), path.join(folder, name));
    }
    for (const name of old.filter((each) => !files.has(each) && mayGo(folder, each)))
      fs.rmSync(path.join(folder, name), { force: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    fail('E0506', undefined, `cannot write '${folder}': ${reasonOf(error)}`);
  } finally {
    fs.rmSync(staged, { recursive: true, force: true });
  }
}

const PACKAGE = 'package.json';

/** With what the user has added to package.json. E0506 where that is no JSON. */
function withOldPackage(folder: string, files: FolderFiles): FolderFiles {
  const file = path.join(folder, PACKAGE);
  const text = files.get(PACKAGE);
  if (typeof text !== 'string' || !fs.existsSync(file)) return files;
  const merged = mergedPackage(fs.readFileSync(file, 'utf8'), text);
  if (merged !== undefined) return new Map([...files, [PACKAGE, merged]]);
  return fail('E0506', undefined, `${file} is no JSON object, so that what was added to it cannot be kept`, {
    help: 'mend it, or take it away',
  });
}

const mayGo = (folder: string, name: string): boolean =>
  name !== PACKAGE || isOwnPackage(fs.readFileSync(path.join(folder, name), 'utf8'));

async function stage(file: string, contents: string | Uint8Array): Promise<void> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const handle = await fs.promises.open(file, 'wx');
  try {
    await handle.writeFile(contents);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The files in it that an earlier compilation has written. E0506 where it is not netc's. */
export function checkTrainerFolder(folder: string): string[] {
  let entries: string[];
  try {
    entries = fs.readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    const reason = errorCode(error) === 'ENOTDIR' ? 'a file has that name' : reasonOf(error);
    return fail('E0506', undefined, `cannot write '${folder}': ${reason}`);
  }
  if (entries.length === 0) return [];
  if (!['trainer.mjs', 'predictor.mjs', 'index.html'].some((name) => isOurs(path.join(folder, name)))) {
    return fail('E0506', undefined, `'${folder}' is not empty, and no trainer that netc wrote`, {
      help: 'name a new folder; netc writes over nothing but its own trainers',
    });
  }
  return [...GENERATED.filter((name) => entries.includes(name)), ...shadersIn(folder)];
}

/** What a trainer may consist of beside its shaders. */
const GENERATED = [
  'trainer.mjs',
  'trainer.d.ts',
  'trainer.d.mts',
  'predictor.mjs',
  'predictor.d.ts',
  'predictor.d.mts',
  PREDICTOR_WEIGHTS,
  'runtime.mjs',
  'kernels-small.mjs',
  'kernels-large.mjs',
  'plan.json',
  'plan-small.json',
  'plan-large.json',
  'package.json',
  'index.html',
  'kernels.wasm',
  'kernels-relaxed.wasm',
];

function shadersIn(folder: string): string[] {
  return ['shaders', 'shaders/small', 'shaders/large'].flatMap((name) => {
    const shaders = path.join(folder, name);
    if (!fs.existsSync(shaders)) return [];
    return fs
      .readdirSync(shaders)
      .filter((file) => /^k\d+-\w+\.wgsl$/.test(file))
      .map((file) => `${name}/${file}`);
  });
}

/** Whether the first lines of a file say that netc wrote it. */
function isOurs(file: string): boolean {
  if (!fs.existsSync(file)) return false;
  const handle = fs.openSync(file, 'r');
  try {
    const head = Buffer.alloc(512);
    const length = fs.readSync(handle, head, 0, head.length, 0);
    return head.toString('utf8', 0, length).includes(HEADER_MARK);
  } finally {
    fs.closeSync(handle);
  }
}
