import fs from 'node:fs';
import { expect, test } from 'vitest';
import { DIAGNOSTIC_TITLES } from '../../compiler/diagnostics.ts';
import { OP_NAMES } from '../../compiler/graph/ops.ts';
import { libraryEntries } from '../../compiler/reference/library.ts';
import { referenceTables } from '../../compiler/reference/tables.ts';
import { builtinNamed, builtinNames } from '../../compiler/semantics/builtins/table.ts';

const committed = new URL('../../docs/reference-tables.md', import.meta.url);

test('the committed tables are what the compiler gives: `npm run docs` writes them', () => {
  expect(fs.readFileSync(committed, 'utf8')).toBe(referenceTables());
});

test('nothing is left out', () => {
  const text = referenceTables();
  const calls = builtinNames().filter((name) => builtinNamed(name).internal !== true);
  for (const name of calls) expect(text).toContain(`\`${name}(`);
  for (const name of OP_NAMES) expect(text).toContain(`| \`${name}\` |`);
  for (const code of Object.keys(DIAGNOSTIC_TITLES)) expect(text).toContain(`| ${code} |`);
});

test('every function and layer of the library says what it does', () => {
  const entries = libraryEntries();
  expect(entries.filter(({ comment }) => comment === '').map(({ call }) => call)).toEqual([]);
  expect(entries.find(({ call }) => call.startsWith('attention'))?.weights).toEqual([
    'qkv: dense(3 * D)',
    'proj: dense(D)',
  ]);
});
