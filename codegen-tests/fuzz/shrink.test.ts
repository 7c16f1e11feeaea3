/** The search itself: it finds a fault put in, shrinks it to what shows it, and reads back what it wrote. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evaluateNode } from '../../compiler/graph/interpret.ts';
import type { Node } from '../../compiler/graph/ir.ts';
import { randomProgram, textOf } from './program.ts';
import { calculate } from './reference.ts';
import { ROWS } from './rows.ts';
import type { Runner } from './run-study.ts';
import { faultOf, readFailure, search } from './search.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-fuzz-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs programs on the interpreter, with some nodes made wrong. */
const hostRunner =
  (mutate: (node: Node) => Node): Runner =>
  (study) => {
    const node = (given: Node, ...rest: [Parameters<typeof evaluateNode>[1], Parameters<typeof evaluateNode>[2]]) =>
      evaluateNode(mutate(given), ...rest);
    const found = calculate(study, { node, stored: (tensor) => tensor });
    return Promise.resolve(new Map([...found].map(([name, { data }]) => [name, data])));
  }; // prettier-ignore

const sound = hostRunner((node) => node);
const wrongTanh = hostRunner((node) => (node.op === 'tanh' ? { ...node, op: 'atan' } : node));
const variants = () => [{ deviceClass: 'cpu', fuse: true }] as const;

test('sound programs give no message', async () => {
  expect(await search(sound, { from: 300, count: 6, variants, folder })).toEqual([]);
});

test('a wrong tanh is found, shrunk to one statement without training and written down', async () => {
  const first = ROWS.find(({ of }) => of.includes('tanh'));
  const messages = await search(wrongTanh, { from: 0, count: 4, variants, first, folder });
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) {
    const file = /written to (.*)\n/.exec(message)?.[1] ?? '';
    expect(message).toContain(`npm run nightly -- --file ${file}`);
    const { text, seed } = readFailure(file);
    const statements = text.split('\n').filter((line) => /^ {4}a\d+ =/.test(line));
    expect(statements.length, text).toBe(1);
    expect(statements.join(), text).toMatch(/tanh/);
    expect(text).toMatch(/steps = 1, .*\n[^]*loss = mean\([^+]*\)\n *minimize loss with sgd\(lr = 0.1\)/);
    expect(await faultOf(text, seed, wrongTanh, variants())).toMatchObject({ isValue: true });
    expect(await faultOf(text, seed, sound, variants())).toBeUndefined();
  }
});

test('the same seed gives the same program', () => {
  for (const seed of [1, 2, 3]) expect(textOf(randomProgram(seed))).toBe(textOf(randomProgram(seed)));
  expect(new Set(Array.from({ length: 20 }, (_, seed) => textOf(randomProgram(seed)))).size).toBe(20);
});
