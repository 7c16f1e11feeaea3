import { expect, test } from 'vitest';
import { onlyError } from './support.ts';

test('a sum after a pipe', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x -> f + z
}`;
  expect(onlyError(program, 'E0110', 2, 14)).toMatchInlineSnapshot(`
    "\`+\` cannot follow \`->\` without parentheses
    help: \`->\` binds loosest: write \`(x -> f) + …\`"
  `);
});

test('a product after a labelled pipe', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  return (x -> a: f(2) @ w)
}`;
  expect(onlyError(program, 'E0110', 2, 24)).toMatchInlineSnapshot(`
    "\`@\` cannot follow \`->\` without parentheses
    help: \`->\` binds loosest: write \`(x -> f) @ …\`"
  `);
});

test('a comparison after a pipe', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = g(a = x -> f < 3)
}`;
  expect(onlyError(program, 'E0110', 2, 20)).toMatchInlineSnapshot(`
    "\`<\` cannot follow \`->\` without parentheses
    help: \`->\` binds loosest: write \`(x -> f) < …\`"
  `);
});

test('chained comparisons', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a < b < c
}`;
  expect(onlyError(program, 'E0109', 2, 13)).toMatchInlineSnapshot(`
    "comparisons cannot be chained
    help: write \`a < b and b < c\`"
  `);
});

test('chained equality', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a == b != c
}`;
  expect(onlyError(program, 'E0109', 2, 14)).toMatchInlineSnapshot(`
    "comparisons cannot be chained
    help: write \`a < b and b != c\`"
  `);
});

test('a positional argument after a named one', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(a = 1, 2, 3)
}`;
  expect(onlyError(program, 'E0111', 2, 16)).toMatchInlineSnapshot(`
    "positional arguments come before named ones
    help: move it to the front, or give its name"
  `);
});

test('a positional argument after a named one of a step', () => {
  const program = `train on d {
  step a(times = 1, 2) {
    loss = 1
  }
}`;
  expect(onlyError(program, 'E0111', 2, 21)).toMatchInlineSnapshot(`
    "positional arguments come before named ones
    help: move it to the front, or give its name"
  `);
});

test('not after a comparison', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a == not b
}`;
  expect(onlyError(program, 'E0102', 2, 12)).toMatchInlineSnapshot(`
    "\`not\` needs parentheses here
    help: \`not\` binds looser than a comparison: write \`(not x)\`"
  `);
});

test('a unary plus', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = +3
}`;
  expect(onlyError(program, 'E0102', 2, 7)).toMatchInlineSnapshot(`"expected an expression, found \`+\`"`);
});

test('two stars', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a ** 2
}`;
  expect(onlyError(program, 'E0102', 2, 10)).toMatchInlineSnapshot(`
    "unexpected \`*\` after \`*\`
    help: a power is written \`^\`"
  `);
});

test('two slashes', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a // 2
}`;
  expect(onlyError(program, 'E0102', 2, 10)).toMatchInlineSnapshot(`
    "unexpected \`/\` after \`/\`
    help: a comment begins with \`#\`; a whole quotient is \`floor(a / b)\`"
  `);
});

test('two operands side by side', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = a b
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`
    "unexpected \`b\` after \`a\`
    help: an operator or a comma is missing between them, or a line break"
  `);
});

test('a comma missing between arguments', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(a,
    b c)
}`;
  expect(onlyError(program, 'E0102', 3, 7)).toMatchInlineSnapshot(`
    "unexpected \`c\` after \`b\`
    help: an operator or a comma is missing between them, or a line break"
  `);
});

test('a comma alone', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(,)
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`"expected an expression, found \`,\`"`);
});

test('an empty index', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x[]
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`"expected an index, found \`]\`"`);
});

test('empty parentheses', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = ()
}`;
  expect(onlyError(program, 'E0102', 2, 8)).toMatchInlineSnapshot(`"expected an expression, found \`)\`"`);
});

test('a number after a pipe', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x -> 3
}`;
  expect(onlyError(program, 'E0102', 2, 12)).toMatchInlineSnapshot(`
    "expected a layer or function after \`->\`
    help: after \`->\` stands a name or a call: \`x -> relu\`, \`x -> dense(10)\`"
  `);
});

test('an operator after an arrow', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x -> * 3
}`;
  expect(onlyError(program, 'E0102', 2, 12)).toMatchInlineSnapshot(
    `"expected a layer or function, found \`*\`"`,
  );
});

test('an arrow of another language', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x => f
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`
    "unexpected \`=\` after \`x\`
    help: write \`->\`"
  `);
});

test('a misspelt unit', () => {
  const program = `train on d {
  eval = every(1 epcoh)
}`;
  expect(onlyError(program, 'E0102', 2, 18)).toMatchInlineSnapshot(`
    "unknown unit \`epcoh\`
    help: did you mean \`epoch\`?"
  `);
});

test('an index where a dimension stands', () => {
  const program = `model m: x[B, 1:2] -> y[B] {
  return x
}`;
  expect(onlyError(program, 'E0102', 1, 16)).toMatchInlineSnapshot(`
    "unexpected \`:\` after \`1\`
    help: a dimension is one expression, or \`...\` for any number of them"
  `);
});
