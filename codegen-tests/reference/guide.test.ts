import fs from 'node:fs';
import { expect, test } from 'vitest';
import { check, compile } from '../../compiler/index.ts';
import { format } from '../../compiler/syntax/format/format.ts';

const guide = fs.readFileSync(new URL('../../docs/language-reference.md', import.meta.url), 'utf8');
const programs = [...guide.matchAll(/```net\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test('the programs of the guide compile and are laid out', () => {
  expect(programs.length).toBeGreaterThan(3);
  for (const text of programs) {
    const source = { file: 'guide.net', text };
    expect(check(source), text).toEqual([]);
    if (text.includes('train on')) expect(compile(source).listing).toBeDefined();
    expect(format(text, 'guide.net').text).toBe(text);
  }
});
