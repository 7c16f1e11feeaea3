import { expect, test } from 'vitest';
import { onlyError } from './support.ts';

test('a parenthesis not closed, seen in the next line', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(x, 2
  z = g(y)
  return z
}`;
  expect(onlyError(program, 'E0104', 2, 13)).toMatchInlineSnapshot(`
    "\`(\` is not closed
    help: write \`)\` here
    opened here 2:8"
  `);
});

test('two brackets not closed', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(x, g(2
  return y
}`;
  expect(onlyError(program, 'E0104', 2, 15)).toMatchInlineSnapshot(`
    "2 brackets are not closed
    help: write \`))\` here
    opened here 2:8
    opened here 2:13"
  `);
});

test('a parenthesis of a signature not closed', () => {
  const program = `model m(a: int: x[B] -> y[B] {
  return x
}`;
  expect(onlyError(program, 'E0104', 1, 29)).toMatchInlineSnapshot(`
    "\`(\` is not closed
    help: write \`)\` here
    opened here 1:8"
  `);
});

test('a bracket closed by a parenthesis', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x[0)
  return y
}`;
  expect(onlyError(program, 'E0104', 2, 10)).toMatchInlineSnapshot(`
    "\`[\` is not closed before \`)\`
    help: write \`]\` instead
    opened here 2:8"
  `);
});

test('a bracket not closed inside parentheses', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(x[0)
  return y
}`;
  expect(onlyError(program, 'E0104', 2, 12)).toMatchInlineSnapshot(`
    "\`[\` is not closed before \`)\`
    help: write \`]\` before it
    opened here 2:10"
  `);
});

test('a closing parenthesis too many', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(x))
  return y
}`;
  expect(onlyError(program, 'E0102', 2, 11)).toMatchInlineSnapshot(`
    "\`)\` closes nothing
    help: take it out"
  `);
});

test('a brace not closed before the next declaration', () => {
  const program = `model m: x[B] -> y[B] {
  return x

train on d {
  steps = 3
}`;
  expect(onlyError(program, 'E0104', 2, 11)).toMatchInlineSnapshot(`
    "\`{\` is not closed
    help: write \`}\` here
    opened here 1:23"
  `);
});

test('a brace not closed before the end of the outer block', () => {
  const program = `train on d {
  step {
    loss = 1
  steps = 3
}`;
  expect(onlyError(program, 'E0104', 4, 12)).toMatchInlineSnapshot(`
    "\`{\` is not closed
    help: write \`}\` here
    opened here 2:8"
  `);
});

test('a brace not closed at the end of the file', () => {
  const program = `train on d {
  step {
    loss = 1
  }
`;
  expect(onlyError(program, 'E0104', 4, 4)).toMatchInlineSnapshot(`
    "\`{\` is not closed
    help: write \`}\` here
    opened here 1:12"
  `);
});

test('an opening brace forgotten', () => {
  const program = `train on d {
  step
    loss = 1
  }
  steps = 3
}`;
  expect(onlyError(program, 'E0105', 2, 7)).toMatchInlineSnapshot(`
    "\`step\` has no block
    help: write \`{\` here: it stands on the line of its statement"
  `);
});

test('a closing brace too many', () => {
  const program = `fn f(x) {
  return x
}
}
let a = 3`;
  expect(onlyError(program, 'E0102', 4, 1)).toMatchInlineSnapshot(`
    "\`}\` closes nothing
    help: take it out"
  `);
});

test('a brace on its own line', () => {
  const program = `model m: x[B] -> y[B]
{
  return x
}`;
  expect(onlyError(program, 'E0102', 2, 1)).toMatchInlineSnapshot(`
    "\`{\` on a line of its own
    help: \`{\` stands on the line of its statement"
  `);
});

test('a block where none belongs', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x {
    z = 3
  }
  return y
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`
    "unexpected \`{\`
    help: a block follows \`fn\`, \`layer\`, \`model\`, \`data\`, \`train\`, \`repeat\`, \`scan\`, \`if\`, \`step\`, \`else\`"
  `);
});

test('a statement right after a block', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  if a { y = 1 } return y
}`;
  expect(onlyError(program, 'E0102', 2, 18)).toMatchInlineSnapshot(`
    "unexpected \`return\` after \`}\`
    help: the next statement begins on a new line"
  `);
});
