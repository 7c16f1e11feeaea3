import { expect, test } from 'vitest';
import { parse } from '../../compiler/syntax/parse.ts';
import { printAst } from '../../compiler/syntax/print-ast.ts';
import { errors, short } from './support.ts';

test('independent mistakes are all reported in one run', () => {
  const program = `data d {
  from train npy(x = "x.npy")
  x[B, 4]
  batch = = 3
}
model m: x[B, 4] -> y[B, 2] {
  h = f(x, 2
  repeat 3 3 {
    h = (1 + ) * h
  }
  h[0] = 3
  if h < 1 < 2 { h = h -> relu + 1 }
  metric a = 3
  return h h
}
train on d {
  step {
    loss = "open
    minimize loss
  }
}
`;
  expect(errors(program).map(short)).toEqual([
    'E0102 2:14',
    'E0102 4:11',
    'E0104 7:13',
    'E0102 8:12',
    'E0102 9:14',
    'E0107 11:3',
    'E0109 12:12',
    'E0110 12:32',
    'E0108 13:3',
    'E0102 14:12',
    'E0103 18:12',
    'E0105 19:18',
  ]);
});

test('a mistake has no second error', () => {
  for (const statement of [
    'y = = 3',
    'y = (1 + ',
    'y = f(,,)',
    'y = x ? ? z',
    'return x -> f + 2 + -> 3',
    'x[0] = = 3 3',
    'if a b { y = 1 }',
    'repeat { y = 3 }',
    'scan x { emit x }',
    'yes no maybe',
  ]) {
    expect(errors(`fn f(x) {\n  ${statement}\n  z = 3\n  return z\n}\n`).length, statement).toBe(1);
  }
});

test('what is right stays in the tree', () => {
  const { tree } = parse(
    'let a = 1\nlet b = = 2\nfn f(x) {\n  y = )\n  z = 3\n  return z\n}\nlet c = 3\n',
    'a.net',
  );
  expect(printAst(tree)).toMatchInlineSnapshot(`
    "1:1  let a = 1
    3:1  fn f(x)
    6:3    return z
    8:1  let c = 3
    "
  `);
});

test('one brace does not spoil the file', () => {
  const declarations = [
    'data d {\n  batch = 3\n}\n',
    'fn f(x) {\n  if a {\n    y = 3\n  }\n  return y\n}\n',
    'train on d {\n  step {\n    loss = 1\n  }\n}\n',
  ];
  const text = declarations.join('\n');
  const braces = [...text.matchAll(/[{}]/g)].map((match) => match.index);
  for (const at of braces) {
    const without = text.slice(0, at) + text.slice(at + 1);
    const found = errors(without);
    expect(found.length, without).toBe(1);
    const line = text.slice(0, at).split('\n').length;
    // Reported at the block itself: where its brace is missing, or with a note on where it was opened.
    const places = [found[0]?.span, ...(found[0]?.related ?? []).map((note) => note.span)].map(
      (span) => span?.line ?? 0,
    );
    expect(
      places.some((place) => Math.abs(place - line) <= 1),
      without,
    ).toBe(true);
  }
});
