import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from '../../compiler/syntax/parse.ts';
import { sharedOrSkip } from '../support/shared-files.ts';

function programs(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.net'))
    .map((name) => path.join(folder, name));
}

test.each(['compiler/std', 'dsl-examples'])('the programs of %s have no errors', (folder) => {
  for (const file of programs(fileURLToPath(new URL(`../../${folder}`, import.meta.url)))) {
    expect(parse(fs.readFileSync(file, 'utf8'), file).diagnostics).toEqual([]);
  }
});

test.for(['parity', 'peers/netc'])('the programs of %s have no errors', (folder, context) => {
  const found = programs(sharedOrSkip(context, folder));
  expect(found.length).toBeGreaterThan(0);
  for (const file of found) expect(parse(fs.readFileSync(file, 'utf8'), file).diagnostics).toEqual([]);
});
