import { expect, test } from 'vitest';
import { onlyError } from './support.ts';

test('an index on the left', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x[0] = 3
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('a range on the left', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x[:, 0] = 3
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('a member on the left', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x.y = 3
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('a member of an element on the left', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x[0].y = 3
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('a change in place', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x += 1
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts: \`+=\` does not exist
    help: write \`x = x + …\`"
  `);
});

test('a change of a part in place', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  x[0] *= 2
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts: \`*=\` does not exist
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('a part assigned in a step', () => {
  const program = `train on d {
  step {
    image[0] = 3
  }
}`;
  expect(onlyError(program, 'E0107', 3, 5)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('a range in a column', () => {
  const program = `data d {
  image[B, 2:] = 3
}`;
  expect(onlyError(program, 'E0107', 2, 3)).toMatchInlineSnapshot(`
    "tensors cannot be assigned by parts
    help: a tensor is a value: bind a new one, made by \`where\`, \`concat\`, \`pad\` or \`scatter_add\` from the old"
  `);
});

test('cut off after an operator', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x +
}`;
  expect(onlyError(program, 'E0105', 2, 10)).toMatchInlineSnapshot(
    `"the statement is cut off: an expression is missing after \`+\`"`,
  );
});

test('cut off after an equals sign, the next line goes on', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y =
  z = 3
  return z
}`;
  expect(onlyError(program, 'E0105', 2, 5)).toMatchInlineSnapshot(`
    "the statement is cut off after \`=\`
    help: after \`=\` a statement goes on in the next line: complete it, or take the \`=\` out"
  `);
});

test('cut off after an operator, a statement follows', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  y = x *
  return y
}`;
  expect(onlyError(program, 'E0105', 2, 9)).toMatchInlineSnapshot(`
    "the statement is cut off after \`*\`
    help: after \`*\` a statement goes on in the next line: complete it, or take the \`*\` out"
  `);
});

test('cut off after the keyword', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  return
}`;
  expect(onlyError(program, 'E0105', 2, 9)).toMatchInlineSnapshot(
    `"the statement is cut off: an expression is missing after \`return\`"`,
  );
});

test('a metric without a value', () => {
  const program = `train on d {
  step {
    metric accuracy
  }
}`;
  expect(onlyError(program, 'E0105', 3, 20)).toMatchInlineSnapshot(
    `"the statement is cut off: \`=\` is missing after \`accuracy\`"`,
  );
});

test('minimize without an optimizer', () => {
  const program = `train on d {
  step {
    minimize loss
  }
}`;
  expect(onlyError(program, 'E0105', 3, 18)).toMatchInlineSnapshot(
    `"the statement is cut off: \`with\` and an optimizer is missing after \`loss\`"`,
  );
});

test('a repeat without a block', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  repeat 3
  return x
}`;
  expect(onlyError(program, 'E0105', 2, 11)).toMatchInlineSnapshot(`
    "\`repeat\` has no block
    help: write \`{\` here: it stands on the line of its statement"
  `);
});

test('a function without a body', () => {
  const program = `fn f(x)`;
  expect(onlyError(program, 'E0105', 1, 8)).toMatchInlineSnapshot(
    `"the statement is cut off: \`=\` or a block is missing after \`)\`"`,
  );
});

test('the file cut off', () => {
  const program = `let a = 3
let b =`;
  expect(onlyError(program, 'E0105', 2, 8)).toMatchInlineSnapshot(
    `"the statement is cut off: an expression is missing after \`=\`"`,
  );
});

test('a comma at the end', () => {
  const program = `data d {
  batch = 3,
}`;
  expect(onlyError(program, 'E0105', 2, 13)).toMatchInlineSnapshot(`
    "the statement is cut off: a name is missing after \`,\`
    help: after a comma the list goes on; take the comma out if it ends here"
  `);
});

test('a comma at the end of the line before a block', () => {
  const program = `train on d {
  steps = 3,
  step {
    loss = 1
  }
}`;
  expect(onlyError(program, 'E0105', 2, 12)).toMatchInlineSnapshot(`
    "the statement is cut off after \`,\`
    help: after \`,\` a statement goes on in the next line: complete it, or take the \`,\` out"
  `);
});
