import { expect, test } from 'vitest';
import { onlyError } from './support.ts';

test('a character that is none of the language', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x ? 3
  return y
}`;
  expect(onlyError(program, 'E0101', 2, 9)).toMatchInlineSnapshot(`"unexpected character \`?\`"`);
});

test('a letter outside of ASCII', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  größe = 3
}`;
  expect(onlyError(program, 'E0101', 2, 5)).toMatchInlineSnapshot(`
    "unexpected character \`ö\`
    help: names are of ASCII letters, digits and \`_\`"
  `);
});

test('single quotes', () => {
  const program = `data d {
  from train = npy('x.npy')
}`;
  expect(onlyError(program, 'E0101', 2, 20)).toMatchInlineSnapshot(`
    "unexpected character \`'\`
    help: strings stand in double quotes: "…""
  `);
});

test('a semicolon', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 1; z = 2
}`;
  expect(onlyError(program, 'E0101', 2, 8)).toMatchInlineSnapshot(`
    "unexpected character \`;\`
    help: a line break ends a statement"
  `);
});

test('the operators of C', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a && b
}`;
  expect(onlyError(program, 'E0101', 2, 9)).toMatchInlineSnapshot(`
    "unexpected character \`&\`
    help: write \`and\`"
  `);
});

test('a string without end', () => {
  const program = `data d {
  from train = npy(x = "x.npy)
  batch = 3
}`;
  expect(onlyError(program, 'E0103', 2, 24)).toMatchInlineSnapshot(`
    "the string is not closed
    help: write the closing \`"\`; a string ends on its line"
  `);
});

test('an unknown escape', () => {
  const program = `data d {
  from train = npy(x = "a\\dir")
}`;
  expect(onlyError(program, 'E0113', 2, 26)).toMatchInlineSnapshot(`
    "unknown escape \`\\d\` in a string
    help: strings know \\" \\\\ \\n and \\t; a backslash itself is \\\\"
  `);
});

test('a percent sign amid a number', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 10%3
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`10%3\` is not a number
    help: \`10 % 3…\` with spaces is the remainder, \`10%\` alone is a hundredth of 10"
  `);
});

test('a percent sign before a parenthesis', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 10%(3)
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`10%(\` is not a number
    help: \`10 % (…\` with spaces is the remainder, \`10%\` alone is a hundredth of 10"
  `);
});

test('two points', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 1.2.3
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`1.2.3\` is not a number
    help: a number has one point"
  `);
});

test('a point without digits', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 1. * x
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`1.\` is not a number
    help: write \`1.0\`"
  `);
});

test('an underscore at the end', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 1_
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`1_\` is not a number
    help: an underscore stands between two digits: 20_000"
  `);
});

test('two underscores', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 20__000
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`20__000\` is not a number
    help: an underscore stands between two digits: 20_000"
  `);
});

test('an exponent without digits', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 1e
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`1e\` is not a number
    help: digits are missing after the \`e\`: 1e-3"
  `);
});

test('hexadecimal', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 0x10
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`0x10\` is not a number
    help: numbers are written in decimal"
  `);
});

test('a product without operator', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 2x
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`2x\` is not a number
    help: a name does not begin with a digit; a product is written with \`*\`; units are epoch, step, MB, GB"
  `);
});

test('an integer that is not exact', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 9007199254740993
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`9007199254740993\` is too large to be exact
    help: integers reach to 9007199254740991; write a float with a point or an exponent"
  `);
});

test('a number beyond all', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = 1e999
}`;
  expect(onlyError(program, 'E0106', 2, 7)).toMatchInlineSnapshot(`
    "\`1e999\` is too large a number
    help: infinity is the name \`inf\`"
  `);
});
