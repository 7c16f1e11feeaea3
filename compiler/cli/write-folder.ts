/**
 * Writes a trainer's folder. In: a path, files. Holds: nothing is written where the folder is somebody else's; all
 * files are written out beside their places before the first is put there; what an older trainer left and the new one
 * has not is taken away, and nothing else: data, weights and packages that were put there stay.
 */
import fs from 'node:fs';
import path from 'node:path';
import { errorCode, reasonOf } from '../../runtime/node/files.ts';
import { fail } from '../diagnostics.ts';
import { HEADER_MARK, type FolderFiles } from '../host/emit/trainer-folder.ts';

/** E0506 where the folder cannot be written, or is not empty and not netc's. */
export async function writeTrainerFolder(folder: string, files: FolderFiles): Promise<void> {
  const old = checkTrainerFolder(folder);
  const staged = `${path.join(folder, '.netc-')}${process.pid}.tmp`;
  try {
    for (const [name, contents] of files) await stage(path.join(staged, name), contents);
    for (const name of files.keys()) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.renameSync(path.join(staged, name), path.join(folder, name));
    }
    for (const name of old.filter((each) => !files.has(each)))
      fs.rmSync(path.join(folder, name), { force: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    fail('E0506', undefined, `cannot write '${folder}': ${reasonOf(error)}`);
  } finally {
    fs.rmSync(staged, { recursive: true, force: true });
  }
}

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
  if (!['trainer.mjs', 'index.html'].some((name) => isOurs(path.join(folder, name)))) {
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
  'runtime.mjs',
  'plan.json',
  'package.json',
  'index.html',
  'kernels.wasm',
  'kernels-relaxed.wasm',
];

function shadersIn(folder: string): string[] {
  const shaders = path.join(folder, 'shaders');
  if (!fs.existsSync(shaders)) return [];
  return fs
    .readdirSync(shaders)
    .filter((name) => /^k\d+-\w+\.wgsl$/.test(name))
    .map((name) => `shaders/${name}`);
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
