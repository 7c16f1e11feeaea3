/** Declarations of the standard library that are parsed alone are those of the whole file. */
import { expect, it } from 'vitest';
import { standardLibrary } from '../../compiler/semantics/library.ts';
import { STANDARD_LIBRARY } from '../../compiler/std/standard-library.generated.ts';
import { parse } from '../../compiler/syntax/parse.ts';

const { tree } = parse(STANDARD_LIBRARY, 'std.net');

it('parses each declaration as it stands in the file, places and all', () => {
  const library = standardLibrary();
  expect(library.names.map((name) => library.declaration(name))).toEqual(tree.declarations);
});

it('parses a declaration once', () => {
  const library = standardLibrary();
  expect(library.declaration('dense')).toBe(library.declaration('dense'));
});

it('knows no other names', () => {
  expect(() => standardLibrary().declaration('densely')).toThrow('declares no densely');
});
