/**
 * Compiled trainers for tests. In: programs of dsl-examples, or texts. Out: a folder in an empty place, with nothing
 * beside it but, where asked for, the package `webgpu`; and what it does as a command.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { Command, Listing } from '../../runtime/plan-format.ts';
import { netc, type Recorded } from '../cli/recording-host.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const emptyFolder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'netc-trainer-'));

/** Compiles a program into a folder of its own and returns the folder. */
export async function compileInto(folder: string, file: string, ...flags: string[]): Promise<string> {
  const out = path.join(folder, path.basename(file, '.net'));
  const { exitCode, stderr } = await netc('compile', file, '-o', out, ...flags);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return out;
}

/** Puts the package `webgpu` where a trainer in this folder finds it, as `npm install webgpu` would. */
export function addWebGpu(folder: string): void {
  fs.mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  fs.symlinkSync(
    path.join(ROOT, 'node_modules/webgpu'),
    path.join(folder, 'node_modules/webgpu'),
    'junction',
  );
}

/**
 * Runs `node trainer.mjs` in the trainer's folder. Standard error is a file: from a socket, as tests have it, the
 * messages of drivers cannot be kept away.
 */
export async function runTrainer(folder: string, ...argv: string[]): Promise<Recorded> {
  const errors = path.join(emptyFolder(), 'stderr');
  const handle = fs.openSync(errors, 'w');
  const child = spawn(process.execPath, ['trainer.mjs', ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', handle],
  });
  let stdout = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  fs.closeSync(handle);
  const stderr = fs.readFileSync(errors, 'utf8');
  fs.rmSync(path.dirname(errors), { recursive: true });
  return { exitCode, stdout, stderr };
}

/** What a trainer's module exports. */
export async function importTrainer<T>(folder: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(path.join(folder, 'trainer.mjs')).href)) as T;
}

/** Every file of a folder by its path inside it. */
export function filesOf(folder: string): Map<string, Buffer> {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.sort().map((file) => [path.relative(folder, file), fs.readFileSync(file)]));
}

/** Comments of dispatches are comments of the module. */
export function withoutComments(listing: Listing): Listing {
  const plain = (command: Command): Command =>
    command.kind === 'loop' ? { ...command, body: command.body.map(plain) } : { ...command, comment: '' };
  const routines = listing.routines.map((routine) => ({ ...routine, commands: routine.commands.map(plain) }));
  return { ...listing, routines };
}
