/** The search itself: it finds a fault put in, and shrinks it to what shows it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { interpret } from '../../compiler/graph/interpret.ts';
import type { Graph, Node } from '../../compiler/graph/ir.ts';
import type { Runner } from './check.ts';
import { randomProgram, textOf } from './program.ts';
import { ROWS } from './rows.ts';
import { search } from './search.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-fuzz-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs graphs on the interpreter, with some nodes made wrong. */
const hostRunner =
  (mutate: (node: Node) => Node): Runner =>
  (jobs) =>
    Promise.resolve(
      jobs.map(({ graph, environment }) => {
        const wrong: Graph = { ...graph, nodes: graph.nodes.map(mutate) };
        return new Map([...interpret(wrong, environment)].map(([name, { data }]) => [name, data]));
      }),
    );

const sound = hostRunner((node) => node);
const wrongTanh = hostRunner((node) => (node.op === 'tanh' ? { ...node, op: 'atan' } : node));

test('sound programs give no message', async () => {
  expect(await search(sound, { from: 300, count: 4, fuse: [false], folder })).toEqual([]);
});

test('a wrong derivative of tanh is found, shrunk to one statement and written down', async () => {
  const first = ROWS.find(({ of }) => of.includes('tanh'));
  const messages = await search(wrongTanh, { from: 0, count: 4, fuse: [false], first, folder });
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) {
    const file = /written to (.*):/.exec(message)?.[1] ?? '';
    const text = fs.readFileSync(file, 'utf8');
    expect(text).toContain('# Seed');
    const statements = text.split('\n').filter((line) => /^ {4}a\d+ =/.test(line));
    expect(statements.length, text).toBe(1);
    expect(statements.join(), text).toMatch(/tanh/);
    expect(text.match(/ \+ mean\(/g), text).toBeNull();
  }
});

test('the same seed gives the same program', () => {
  for (const seed of [1, 2, 3]) expect(textOf(randomProgram(seed))).toBe(textOf(randomProgram(seed)));
  expect(new Set(Array.from({ length: 20 }, (_, seed) => textOf(randomProgram(seed)))).size).toBe(20);
});
