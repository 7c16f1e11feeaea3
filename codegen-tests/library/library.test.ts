/** The compiler and the runtime as a library: what package.json exports, bundled for a browser, run where Node is not. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { bundleForBrowser, exported, sourceOf } from './bundled.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-library-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const page = fs.readFileSync(new URL('../../docs/library.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);

async function run<T>(example: string): Promise<T> {
  const { text } = await bundleForBrowser(example);
  const file = path.join(folder, `example-${examples.indexOf(example)}.mjs`);
  fs.writeFileSync(file, text);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as T;
}

describe('the examples of docs/library.md', () => {
  const [training = '', errors = '', format = ''] = examples;

  test('are three', () => expect(examples).toHaveLength(3));

  test('train a line and predict with it', async () => {
    const { y, warnings } = await run<{ y: { data: Float32Array }; warnings: unknown[] }>(training);
    expect(warnings).toEqual([]);
    expect(y.data).toHaveLength(1);
    expect(Math.abs(y.data[0]! - 21)).toBeLessThan(0.1);
  });

  test('find a misspelled function', async () => {
    const { found, thrown } = await run<{ found: string[]; thrown: number }>(errors);
    expect(found).toEqual(['E0205 at 1:11, did you mean `relu`?']);
    expect(thrown).toBe(1);
  });

  test('lay out a program', async () => {
    const { laidOut } = await run<{ laidOut: string }>(format);
    expect(laidOut).toBe('fn f(x) = x * 2\n');
  });
});

describe('bundled for a browser', () => {
  const module = `export { compile, check } from 'netc'; export { format } from 'netc/format';`;

  test('the compiler is itself and the parser library, nothing else', async () => {
    const { text, inputs } = await bundleForBrowser(module);
    const packages = new Set(
      inputs.flatMap((input) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(input)?.[1] ?? []),
    );
    expect([...packages].filter((name) => !/^(@?chevrotain(\/.*)?|lodash-es)$/.test(name))).toEqual([]);
    expect(
      inputs.filter((input) => /^(runtime|compiler\/(cli|host\/emit|playground))\//.test(input)),
    ).toEqual([]);
    expect(text).not.toMatch(/["']node:/);
    expect(gzipSync(text).length).toBeLessThan(300_000);
  });

  test('and compiles where there is neither process nor Buffer nor require', async () => {
    const { text } = await bundleForBrowser(module);
    const file = path.join(folder, 'compiler.mjs');
    fs.writeFileSync(file, text);
    const script = `
      const { log } = console;
      for (const name of ['process', 'Buffer', 'require', 'global', 'setImmediate']) delete globalThis[name];
      const { compile } = await import(${JSON.stringify(pathToFileURL(file).href)});
      const text = 'model m: x[B, 2] -> y[B, 1] { return x -> dense(1) }';
      log(compile({ file: 'm.net', text }).listing.kernels.length, typeof process, typeof Buffer);`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toBe('1 undefined undefined\n');
  });
});

describe('package.json', () => {
  test.each(['netc', 'netc/format', 'netc/runtime', 'netc/runtime/device'])('exports %s', (name) => {
    const target = exported(name);
    expect(target).toBeDefined();
    expect(fs.existsSync(sourceOf(target!.default))).toBe(true);
    expect(fs.existsSync(sourceOf(target!.types))).toBe(true);
  });
});
