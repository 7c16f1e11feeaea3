import fs from 'node:fs';
import { expect, test } from 'vitest';
import { check, compile } from '../../compiler/index.ts';
import { format } from '../../compiler/syntax/format/format.ts';

const guide = fs.readFileSync(new URL('../../docs/language-reference.md', import.meta.url), 'utf8');
const programs = [...guide.matchAll(/```net\n([\s\S]*?)```/g)].map(([, text = '']) => text);

/** A program that begins with the name of a file is that file for the others. */
const files = new Map(
  programs.flatMap((text) => (/^# (\S+\.net)\n/.exec(text)?.slice(1) ?? []).map((name) => [name, text])),
);
const resolve = (path: string): string | undefined => files.get(path);

test('the guide has programs, one of which uses another', () => {
  expect(programs.length).toBeGreaterThan(12);
  expect(files.size).toBeGreaterThan(0);
});

test.each(programs.map((text, i) => [i + 1, text] as const))(
  'program %d of the guide compiles and is laid out',
  (_, text) => {
    const source = { file: 'guide.net', text };
    expect(check(source, { resolve }), text).toEqual([]);
    if (text.includes('train on')) expect(compile(source, { resolve }).listing).toBeDefined();
    expect(format(text, 'guide.net').text).toBe(text);
  },
);
