import { describe, expect, test } from 'vitest';
import { errors, short, statements, tree } from './support.ts';

describe('a line break does not end a statement', () => {
  const cases: [string, string, string][] = [
    ['inside parentheses', 'y = f(a,\n\n b\n +c\n)', 'y = f(a, b + c)'],
    ['inside brackets', 'y = x[\n0\n:\n3\n]', 'y = x[0:3]'],
    ['after =', 'y =\n\n # comment\n 3', 'y = 3'],
    ['after ->', 'y = x ->\n relu', 'y = x -> relu'],
    ['before ->', 'y = x # comment\n\n # comment\n  -> relu\n  -> relu', 'y = (x -> relu) -> relu'],
    ['after +', 'y = a +\n b', 'y = a + b'],
    ['after -', 'y = a -\n b', 'y = a - b'],
    ['after *', 'y = a *\n b', 'y = a * b'],
    ['after /', 'y = a /\n b', 'y = a / b'],
    ['after %', 'y = a %\n b', 'y = a % b'],
    ['after @', 'y = a @\n b', 'y = a @ b'],
    ['after ^', 'y = a ^\n b', 'y = a ^ b'],
    ['after <', 'y = a <\n b', 'y = a < b'],
    ['after >=', 'y = a >=\n b', 'y = a >= b'],
    ['after ==', 'y = a ==\n b', 'y = a == b'],
    ['after !=', 'y = a !=\n b', 'y = a != b'],
    ['after and', 'y = a and\n b', 'y = a and b'],
    ['after or', 'y = a or\n b', 'y = a or b'],
    ['after not', 'y = not\n b', 'y = not b'],
  ];
  test.each(cases)('%s', (_, body, expected) => {
    expect(statements(body)).toEqual([expected]);
  });

  test('after a comma', () => {
    expect(statements('batch = 1,\n\n  shuffle = true', 'data')).toEqual(['batch = 1', 'shuffle = true']);
    expect(statements('(a, b) = f(x),\n c = 2')).toEqual(['(a, b) = f(x)', 'c = 2']);
  });

  test('in a signature', () => {
    expect(tree('model m: x[B],\n y[B]\n  -> z[B] {\n}')).toContain('output z[B]');
  });

  test('before with and over', () => {
    const expected = ['minimize a over D with sgd(1)'];
    expect(statements('minimize a\n  over D\n  with sgd(1)', 'step')).toEqual(expected);
    expect(statements('minimize a over D\n# comment\n\nwith sgd(1)', 'step')).toEqual(expected);
  });
});

describe('a line break ends a statement', () => {
  test('before names that look like continuations', () => {
    expect(statements('a = 1\nwith = 2\nover = 3')).toEqual(['a = 1', 'with = 2', 'over = 3']);
    expect(statements('a = 1\nwith[B]\nover[B] u32', 'data')).toEqual([
      'a = 1',
      'column with[B]',
      'column over[B] u32',
    ]);
    expect(statements('a = 1\nwith: repeat 2 { }')).toEqual(['a = 1', 'with: repeat 2']);
    expect(statements('a = 1\nelse = 2')).toEqual(['a = 1', 'else = 2']);
    expect(statements('if a { }\nelse = 2')).toEqual(['if a', 'else = 2']);
  });

  test('after a percentage', () => {
    expect(statements('split valid = 10%\nbatch = 3', 'data')).toEqual(['split valid = 10%', 'batch = 3']);
  });

  test('after everything else', () => {
    expect(statements('a = b\n(c, d) = e\nf = g')).toEqual(['a = b', '(c, d) = e', 'f = g']);
    expect(errors('let a = b\n+ c').map(short)).toEqual(['E0102 2:1']);
    expect(errors('model m\n: x[B] -> y[B] {\n}').map(short)).toContain('E0105 1:8');
  });
});

test('blocks on one line', () => {
  expect(statements('repeat 3 { x = f(x) }\nif a { b = 1 } else { b = 2 }')).toEqual([
    'repeat 3',
    '  x = f(x)',
    'if a',
    '  b = 1',
    'else',
    '  b = 2',
  ]);
  expect(tree('data d { batch = 3, shuffle = true }\ntrain on d { step { a = 1 } }')).toContain(
    'shuffle = true',
  );
});

test('else may begin a later line', () => {
  const expected = ['if a', '  b = 1', 'else', '  if c', '    b = 2', '  else', '    b = 3'];
  expect(statements('if a {\n b = 1\n}\n\n# comment\nelse if c {\n b = 2\n}\n\nelse {\n b = 3 }')).toEqual(
    expected,
  );
  expect(statements('if a { b = 1 } else if c { b = 2 } else { b = 3 }')).toEqual(expected);
});

test('a statement after a block needs its own line', () => {
  expect(errors('fn f(x) { if x { y = 1 } z = 2 }').map(short)).toEqual(['E0102 1:26']);
});

test('`{` stands on the line of its statement', () => {
  expect(errors('data d\n{\n  batch = 3\n}').map(short)).toEqual(['E0102 2:1']);
  expect(errors('fn f(x) {\n  if x\n\n  {\n    y = 1\n  }\n  return y\n}').map(short)).toEqual(['E0102 4:3']);
});
