import { expect, test } from 'vitest';
import { format } from '../../../compiler/syntax/format/format.ts';
import { holds } from './properties.ts';

/** The statements of a body, laid out, without their indent. */
function body(statements: string): string {
  const lines = holds(`fn f(x) {\n${statements}\n}\n`).split('\n');
  return lines
    .slice(1, -2)
    .map((line) => line.slice(2))
    .join('\n');
}

test.each([
  ['a=b+c*-d^-2', 'a = b + c * -d ^ -2'],
  ['a = not b and(c or d)', 'a = not b and (c or d)'],
  ['( a,b )=split( x,2 , )', '(a, b) = split(x, 2)'],
  ['a = 10 % 3, b = 10%', 'a = 10 % 3, b = 10%'],
  ['a = every( 3epochs )', 'a = every(3 epochs)'],
  ['a = x[ ...,1 :-1, ::2,i+1:]', 'a = x[..., 1:-1, ::2, i + 1 :]'],
  ['a = x . T . shape [ 0 ]', 'a = x.T.shape[0]'],
  ['a = 10% [0]', 'a = 10% [0]'],
  ['a = x->l :dense( 10,bias=false )', 'a = x -> l: dense(10, bias = false)'],
  ['a = "x  y"', 'a = "x  y"'],
  ['repeat  n as i{x=x+i}', 'repeat n as i { x = x + i }'],
  ['if a{ }', 'if a {}'],
  ['if a {x = 1} else   if b {x = 2} else {x = 3}', 'if a { x = 1 } else if b { x = 2 } else { x = 3 }'],
])('%s', (before, after) => {
  expect(body(before)).toBe(after);
});

test('a block that is broken anywhere is broken everywhere', () => {
  expect(body('if a { x = 1 } else {\nx = 2 }')).toBe('if a {\n  x = 1\n} else {\n  x = 2\n}');
});

test('a line break before `->` groups and stays, one behind it moves', () => {
  const layout = 'return x\n  -> a: dense(3) -> relu\n  -> b: dense(2)';
  expect(body('return x\n-> a: dense(3) ->\nrelu\n   -> b: dense(2)')).toBe(layout);
});

test('a chain too long for its line breaks before every stage', () => {
  const stages = ['one', 'two', 'three'].map((label) => `-> ${label}: dense(1000, init = normal(0.5))`);
  expect(body(`y = image ${stages.join(' ')}`)).toBe(`y = image\n  ${stages.join('\n  ')}`);
});

test('a value too long for its line goes below its name, else breaks at its loosest operators', () => {
  const name = 'n'.repeat(30);
  const term = 'a_rather_long_name * another_long_name';
  const two = `${term} + ${term}`;
  expect(body(`${name} = ${two}`)).toBe(`${name} =\n  ${two}`);
  expect(body(`y = ${two} + ${term}`)).toBe(`y = ${term} +\n  ${term} +\n  ${term}`);
});

test('lists: all on a line of their own, else named arguments one a line, others filled', () => {
  const word = 'w'.repeat(17);
  const words = (count: number): string => Array.from({ length: count }, () => word).join(', ');
  expect(body(`y = concat(${words(5)}, axis = 1)`)).toBe(`y = concat(\n  ${words(5)}, axis = 1\n)`);
  expect(body(`y = concat(${words(7)}, axis = 1)`)).toBe(
    `y = concat(\n  ${words(5)},\n  ${words(2)},\n  axis = 1,\n)`,
  );
});

test('what is minimized', () => {
  const head = 'train on d {\n  step {\n    minimize loss';
  const rest = 'adamw(lr = cosine(1e-3, to = 1e-5, warmup = 100), decay = 0.05, decay_on = "*.weight")';
  expect(holds(`${head} over   net with clip_norm(5.0) -> ${rest}\n}}`)).toBe(
    `${head} over net with clip_norm(5.0)\n      -> ${rest}\n  }\n}\n`,
  );
  expect(holds(`${head} with decay(1e-4, on = "*.weight") -> clip_norm(5.0) -> ${rest}\n}}`)).toBe(
    `${head} with decay(1e-4, on = "*.weight")\n      -> clip_norm(5.0)\n      -> ${rest}\n  }\n}\n`,
  );
});

test('comments behind code are aligned, the next line of one goes on with it', () => {
  const text = 'let a = 1 # one\nlet abc = 2 # two\n            # goes on\nlet b = 3\nlet c = 4 # four\n';
  expect(holds(text)).toBe(
    'let a = 1    # one\nlet abc = 2  # two\n             # goes on\nlet b = 3\nlet c = 4  # four\n',
  );
});

test('comments stay at what they stand at', () => {
  expect(body('y = f(a # first\n, b, # second\n# third\nc)')).toBe(
    'y = f(\n  a,  # first\n  b,  # second\n  # third\n  c,\n)',
  );
  expect(body('y = a + # why\nb')).toBe('y = a +  # why\n  b');
  expect(body('if a { # why\n}')).toBe('if a {  # why\n}');
  expect(body('if a {\n# nothing\n}')).toBe('if a {\n  # nothing\n}');
  expect(body('if a {\nx = 1 }\n# otherwise\nelse { x = 2 }')).toBe(
    'if a {\n  x = 1\n}\n# otherwise\nelse {\n  x = 2\n}',
  );
});

test('one empty line between statements and in lists is kept, none at the ends', () => {
  expect(holds('\n\n# a\n\n\n\nlet a = 1\n\n\nlet b = f(\n\n1,\n\n2)\n\n\n# end\n\n')).toBe(
    '# a\n\nlet a = 1\n\nlet b = f(\n  1,\n\n  2,\n)\n\n# end\n',
  );
  expect(holds('fn f(x) {\n\n\nreturn x\n\n}')).toBe('fn f(x) {\n  return x\n}\n');
});

test('nothing, and nothing but comments', () => {
  expect(holds('')).toBe('');
  expect(holds('\n \n')).toBe('');
  expect(holds('  # a\n\n  # b')).toBe('# a\n\n# b\n');
});

test('lines end as they did, a byte order mark goes', () => {
  expect(format('\ufefflet a=1 # c\r\nlet b=2\r\n', 'a.net').text).toBe('let a = 1  # c\r\nlet b = 2\r\n');
});

test('what cannot be read is left alone', () => {
  const { text, diagnostics } = format('let a = (1\nlet b = 2\n', 'a.net');
  expect(text).toBeUndefined();
  expect(diagnostics?.map(({ code }) => code)).toEqual(['E0104']);
});
