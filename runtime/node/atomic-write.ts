/**
 * Writes a file whole or not at all. In: a path and bytes. Holds: whoever opens the path sees the old contents or
 * the new, also after a crash; a failure leaves nothing behind.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RuntimeFailure } from '../failure.ts';
import { reasonOf } from './files.ts';

/** Files that a process was killed over while it wrote them. */
const LEFTOVER = /^\.netc-[0-9a-f]{12}\.tmp$/;

/** Takes away what is left in a folder of writes that never ended; nobody else may be writing there. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names.filter((name) => LEFTOVER.test(name)).map((name) => rm(join(folder, name), { force: true })),
  );
}

/** Makes the folders of the path. E0506 with the reason. */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  // In the same folder, so that the rename stays inside one file system.
  const temporary = join(folder, `.netc-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    try {
      await writeFlushed(temporary, bytes);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw new RuntimeFailure('E0506', `cannot write ${path}: ${reasonOf(error)}`);
  }
  await flushFolder(folder);
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable. The file is whole either way, and not every system lets folders be opened. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    return;
  }
}
