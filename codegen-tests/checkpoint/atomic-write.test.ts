import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderReader } from '../../runtime/node/data-reader.ts';
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import { gzipped } from '../data/memory-reader.ts';
import { failureText } from '../support/failure.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netc-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('writes, makes folders, replaces, and leaves nothing else', async () => {
  const path = join(folder, 'run', 'a', 'w.safetensors');
  await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
  await writeFileAtomic(path, Uint8Array.of(4));
  expect([...readFileSync(path)]).toEqual([4]);
  expect(readdirSync(join(folder, 'run', 'a'))).toEqual(['w.safetensors']);
});

test('a folder in the way of the file', async () => {
  const path = join(folder, 'out');
  mkdirSync(join(path, 'inner'), { recursive: true });
  expect(await failureText(() => writeFileAtomic(path, Uint8Array.of(1)))).toBe(
    `E0506 -: cannot write ${path}: it is a folder`,
  );
  expect(readdirSync(folder)).toEqual(['out']);
});

test('a file in the way of the folder', async () => {
  writeFileSync(join(folder, 'out'), 'x');
  const path = join(folder, 'out', 'w.safetensors');
  expect(await failureText(() => writeFileAtomic(path, Uint8Array.of(1)))).toMatch(
    /^E0506 -: cannot write .*: \S/,
  );
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('x');
});

test('a name that is too long', async () => {
  const path = join(folder, 'x'.repeat(300));
  expect(await failureText(() => writeFileAtomic(path, Uint8Array.of(1)))).toMatch(
    /^E0506 .*the name is too long/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('folderReader: bytes, missing files, folders, gzip', async () => {
  writeFileSync(join(folder, 'a.bin'), Uint8Array.of(7, 8));
  const reader = folderReader(folder);
  expect([...((await reader.read('a.bin')) ?? [])]).toEqual([7, 8]);
  expect([...((await reader.read(join(folder, 'a.bin'))) ?? [])]).toEqual([7, 8]);
  expect(await reader.read('b.bin')).toBeUndefined();
  expect(await reader.read('a.bin/b')).toBeUndefined();
  expect(await failureText(() => folderReader(join(folder, '..')).read(folder))).toBe(
    `E0702 -: ${folder} cannot be read: it is a folder`,
  );
  expect(reader.display('sub/a.bin')).toBe(join(folder, 'sub/a.bin'));
  expect([...(await reader.gunzip(gzipped(Uint8Array.of(1, 2, 3))))]).toEqual([1, 2, 3]);
});
