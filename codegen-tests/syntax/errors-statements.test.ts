import { expect, test } from 'vitest';
import { onlyError } from './support.ts';

test('a misspelt statement', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  retrun x
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "unknown statement \`retrun\`
    help: did you mean \`return\`?"
  `);
});

test('a misspelt statement with a block', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  repaet 3 {
    x = f(x)
  }
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "unknown statement \`repaet\`
    help: did you mean \`repeat\`?"
  `);
});

test('a misspelt declaration', () => {
  const program = `modle m: x[B] -> y[B] {
  return x
}`;
  expect(onlyError(program, 'E0102', 1, 1)).toMatchInlineSnapshot(`
    "unknown statement \`modle\`
    help: did you mean \`model\`?"
  `);
});

test('a loop of another language', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  for i in range(3) {
    x = f(x)
  }
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "unknown statement \`for\`
    help: a loop is \`repeat n { … }\`, over time \`scan x in xs along T { … }\`"
  `);
});

test('elif', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  if a {
    x = 1
  } elif b {
    x = 2
  }
}`;
  expect(onlyError(program, 'E0102', 4, 5)).toMatchInlineSnapshot(`
    "unknown statement \`elif\`
    help: write \`else if\`"
  `);
});

test('else without if', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  else {
    x = 1
  }
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "\`else\` without an \`if\`
    help: \`else\` follows the \`}\` of an \`if\`"
  `);
});

test('else with a condition', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  if a {
    x = 1
  } else b {
    x = 2
  }
}`;
  expect(onlyError(program, 'E0102', 4, 10)).toMatchInlineSnapshot(`
    "unexpected \`b\` after \`else\`
    help: after \`else\` stands \`{\` or \`if\`"
  `);
});

test('if inside an expression', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = if a { 1 } else { 2 }
}`;
  expect(onlyError(program, 'E0102', 2, 7)).toMatchInlineSnapshot(`
    "\`if\` is a statement
    help: inside an expression write \`where(condition, a, b)\`"
  `);
});

test('an equals sign in a condition', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  if a = 3 {
    x = 1
  }
}`;
  expect(onlyError(program, 'E0102', 2, 8)).toMatchInlineSnapshot(`
    "unexpected \`=\` after \`a\`
    help: to compare, write \`==\`"
  `);
});

test('an expression alone', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x -> dense(10)
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "an expression alone is not a statement
    help: bind it to a name, \`y = …\`, or give it back, \`return …\`"
  `);
});

test('a sum on the left', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  (a, b + c) = x
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`
    "unexpected \`+\` in a list of names
    help: on the left of \`=\` stands a name, or names in parentheses: \`(a, b) = f(x)\`"
  `);
});

test('a setting without equals sign', () => {
  const program = `train on d {
  batch 128
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(
    `"expected \`=\` after \`batch\`, found \`128\`"`,
  );
});

test('a misspelt keyword inside a statement', () => {
  const program = `train on d {
  step {
    minimize loss wiht adam()
  }
}`;
  expect(onlyError(program, 'E0102', 3, 19)).toMatchInlineSnapshot(`
    "expected \`with\` and an optimizer, found \`wiht\`
    help: did you mean \`with\`?"
  `);
});

test('a scan without a dimension', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  scan t in x {
    emit t
  }
}`;
  expect(onlyError(program, 'E0102', 2, 15)).toMatchInlineSnapshot(
    `"expected \`along\` and a dimension, found \`{\`"`,
  );
});

test('a carry without a start', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  scan t in x along T, h[B] {
    emit t
  }
}`;
  expect(onlyError(program, 'E0102', 2, 24)).toMatchInlineSnapshot(`
    "the carry has no start value
    help: write its value before the first turn: \`h[B, U] = zeros()\`"
  `);
});

test('a label before a binding', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  fc: y = dense(3)
}`;
  expect(onlyError(program, 'E0102', 2, 7)).toMatchInlineSnapshot(`"expected \`repeat\`, found \`y\`"`);
});

test('a label at the start of an expression', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = fc: dense(3)
}`;
  expect(onlyError(program, 'E0102', 2, 9)).toMatchInlineSnapshot(`
    "unexpected \`:\` after \`fc\`
    help: a label stands after \`->\`: \`x -> name: layer(…)\`; a bound instance is \`name = layer(…)\`"
  `);
});

test('a colon in a signature forgotten', () => {
  const program = `model m x[B] -> y[B] {
  return x
}`;
  expect(onlyError(program, 'E0102', 1, 9)).toMatchInlineSnapshot(`"expected \`:\`, found \`x\`"`);
});

test('a file name without quotes', () => {
  const program = `use block`;
  expect(onlyError(program, 'E0102', 1, 5)).toMatchInlineSnapshot(
    `"expected a file name in quotes, found \`block\`"`,
  );
});

test('a tensor without a name in a signature', () => {
  const program = `model m: [B, 3] -> [B] {
  return x
}`;
  expect(onlyError(program, 'E0102', 1, 10)).toMatchInlineSnapshot(`
    "the tensor needs a name
    help: write \`name[…]\`; only a tensor after the \`->\` of a signature may go without"
  `);
});

test('a weight without a name', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  param [3] = zeros()
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "the tensor needs a name
    help: write \`param name[…]\`"
  `);
});

test('a column without a name', () => {
  const program = `data d {
  [B, 3] u32
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "the tensor needs a name
    help: write \`name[…]\`; only a tensor after the \`->\` of a signature may go without"
  `);
});

test('a setting with two names', () => {
  const program = `data d {
  (batch, seed) = 3
}`;
  expect(onlyError(program, 'E0102', 2, 3)).toMatchInlineSnapshot(`
    "a setting has one name
    help: write one \`name = value\` each"
  `);
});

test('an unknown dtype', () => {
  const program = `data d {
  label[B] f64
}`;
  expect(onlyError(program, 'E0201', 2, 12)).toMatchInlineSnapshot(`
    "unknown dtype \`f64\`
    help: dtypes are f32, f16, i32, u32 and bool"
  `);
});

test('a reserved word bound', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  or = 3
}`;
  expect(onlyError(program, 'E0112', 2, 3)).toMatchInlineSnapshot(`
    "\`or\` is a reserved word
    help: choose another name: \`and\`, \`or\` and \`not\` are operators"
  `);
});

test('a reserved word declared', () => {
  const program = `let not = 3`;
  expect(onlyError(program, 'E0112', 1, 5)).toMatchInlineSnapshot(`
    "\`not\` is a reserved word
    help: choose another name: \`and\`, \`or\` and \`not\` are operators"
  `);
});

test('a reserved word as an argument', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = f(and = 3)
}`;
  expect(onlyError(program, 'E0112', 2, 9)).toMatchInlineSnapshot(`
    "\`and\` is a reserved word
    help: choose another name: \`and\`, \`or\` and \`not\` are operators"
  `);
});

test('a reserved word as a parameter', () => {
  const program = `fn f(or: int) = 3`;
  expect(onlyError(program, 'E0112', 1, 6)).toMatchInlineSnapshot(`
    "\`or\` is a reserved word
    help: choose another name: \`and\`, \`or\` and \`not\` are operators"
  `);
});
