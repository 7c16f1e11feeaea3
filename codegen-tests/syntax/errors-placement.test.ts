import { expect, test } from 'vitest';
import { onlyError } from './support.ts';

test('a binding at the top', () => {
  const program = `a = 3`;
  expect(onlyError(program, 'E0108', 1, 1)).toMatchInlineSnapshot(`
    "a binding belongs in a block
    help: a constant of the file is \`let name = …\`"
  `);
});

test('a metric at the top', () => {
  const program = `metric a = 3`;
  expect(onlyError(program, 'E0108', 1, 1)).toMatchInlineSnapshot(`"\`metric\` belongs in \`step\`"`);
});

test('a constant in a block', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  let a = 3
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`
    "\`let\` belongs at the top level of a file
    help: inside a block write \`name = …\`"
  `);
});

test('a model in a block', () => {
  const program = `data d {
  model m: x[B] -> y[B] {
    return x
  }
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`
    "\`model\` belongs at the top level of a file
    help: move it out of the block"
  `);
});

test('a column in a model', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  image[B, 3]
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`
    "a column belongs in \`data\`
    help: weights are declared by \`param\` or \`state\`, inputs by the signature"
  `);
});

test('from in training', () => {
  const program = `train on d {
  from train = npy(x = "x.npy")
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`"\`from\` belongs in \`data\`"`);
});

test('split in training', () => {
  const program = `train on d {
  split valid = 10%
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`"\`split\` belongs in \`data\`"`);
});

test('augment in a step', () => {
  const program = `train on d {
  step {
    augment x = x
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(`"\`augment\` belongs in \`data\`"`);
});

test('a step in data', () => {
  const program = `data d {
  step {
    a = 1
  }
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`"\`step\` belongs in \`train\`"`);
});

test('a step in a step', () => {
  const program = `train on d {
  step {
    step {
      a = 1
    }
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(`"\`step\` belongs in \`train\`"`);
});

test('a metric in a model', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  metric a = 3
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`"\`metric\` belongs in \`step\`"`);
});

test('minimize in training', () => {
  const program = `train on d {
  minimize a with sgd(1)
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`"\`minimize\` belongs in \`step\`"`);
});

test('a parameter in a function', () => {
  const program = `fn f(x) {
  param W[3] = zeros()
  return W
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`
    "\`param\` belongs in \`layer\` or \`model\`
    help: a \`fn\` has no weights: make it a \`layer\`"
  `);
});

test('a state in a step', () => {
  const program = `train on d {
  step {
    state n[]
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(
    `"\`state\` belongs in \`layer\` or \`model\`"`,
  );
});

test('an update in a step', () => {
  const program = `train on d {
  step {
    update n = 3
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(`
    "\`update\` belongs in \`layer\` or \`model\`
    help: state belongs to the layer that declares it"
  `);
});

test('emit in a model', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  emit x
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(`
    "\`emit\` belongs in a \`scan\`
    help: \`emit\` gives a value for each turn; a body gives its value back by \`return\`"
  `);
});

test('emit in a repeat', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  repeat 3 {
    emit x
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(`
    "\`emit\` belongs in a \`scan\`
    help: \`emit\` gives a value for each turn; a body gives its value back by \`return\`"
  `);
});

test('return in a step', () => {
  const program = `train on d {
  step {
    return x
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(`
    "\`return\` belongs in \`fn\`, \`layer\` or \`model\`
    help: a step gives nothing back; report a value by \`metric\`"
  `);
});

test('return in a scan', () => {
  const program = `model m: x[B, 4] -> y[B, 2] {
  scan t in x along T {
    return t
  }
}`;
  expect(onlyError(program, 'E0108', 3, 5)).toMatchInlineSnapshot(`
    "\`return\` ends a whole body and cannot stand in a \`scan\`
    help: write \`emit\`"
  `);
});

test('repeat in data', () => {
  const program = `data d {
  blocks: repeat 3 {
    a = 1
  }
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(
    `"\`repeat\` belongs in \`fn\`, \`layer\`, \`model\` or \`step\`"`,
  );
});

test('scan in training', () => {
  const program = `train on d {
  scan t in x along T {
    emit t
  }
}`;
  expect(onlyError(program, 'E0108', 2, 3)).toMatchInlineSnapshot(
    `"\`scan\` belongs in \`fn\`, \`layer\`, \`model\` or \`step\`"`,
  );
});
