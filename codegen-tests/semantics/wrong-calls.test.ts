/** Wrong programs, one mistake each: calls. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('calls', () => {
  it('a wrong argument name', () => {
    const program = base({ model: 'return x -> dense(3, bais = false)' });
    expect(onlyError(program, 'E0210', 7, 24)).toMatchInlineSnapshot(`
      "\`dense\` has no argument \`bais\`
      help: did you mean \`bias\`?
      note 12:26: \`net\` is called here"
    `);
  });

  it('an argument name like none', () => {
    const program = base({ model: 'return x -> dense(3, qqqqqq = false)' });
    expect(onlyError(program, 'E0210', 7, 24)).toMatchInlineSnapshot(`
      "\`dense\` has no argument \`qqqqqq\`
      help: \`dense\` takes \`units\`, \`bias\`, \`init\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('too many arguments of a layer', () => {
    const program = base({ model: 'return x -> dense(3, true, glorot(), 4)' });
    expect(onlyError(program, 'E0211', 7, 40)).toMatchInlineSnapshot(`
      "too many arguments: \`dense\` takes \`units\`, \`bias\`, \`init\`
      help: it takes 3 at most
      note 12:26: \`net\` is called here"
    `);
  });

  it('too many arguments of a function', () => {
    const program = base({ step: 'loss = mean(relu(net(x), 1))' });
    expect(onlyError(program, 'E0211', 12, 30)).toMatchInlineSnapshot(`
      "too many arguments: \`relu\` takes \`x\`
      help: it takes 1 at most"
    `);
  });

  it('an argument given twice', () => {
    const program = base({ model: 'return x -> dense(3, units = 4)' });
    expect(onlyError(program, 'E0218', 7, 24)).toMatchInlineSnapshot(`
      "the argument \`units\` is given twice
      note 12:26: \`net\` is called here"
    `);
  });

  it('a missing argument in a pipe', () => {
    const program = base({ model: 'return x -> dense' });
    expect(onlyError(program, 'E0212', 7, 15)).toMatchInlineSnapshot(`
      "\`dense\` needs the argument \`units\`
      help: \`dense\` takes \`units\`, \`bias\`, \`init\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a missing argument in parentheses', () => {
    const program = base({ model: 'return x -> dense()' });
    expect(onlyError(program, 'E0212', 7, 15)).toMatchInlineSnapshot(`
      "\`dense\` needs the argument \`units\`
      help: \`dense\` takes \`units\`, \`bias\`, \`init\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a missing argument of a library function', () => {
    const program = base({ step: 'loss = cross_entropy(net(x))' });
    expect(onlyError(program, 'E0212', 12, 12)).toMatchInlineSnapshot(`
      "\`cross_entropy\` needs the argument \`label\`
      help: \`cross_entropy\` takes \`logits\`, \`label\`, \`smoothing\`, \`ignore\`, \`weight\`, \`reduce\`"
    `);
  });

  it('an argument that only one use needs', () => {
    const program = base({ step: 'loss = mean(normalize(net(x)))' });
    expect(onlyError(program, 'E0212', 12, 17)).toMatchInlineSnapshot(
      `"\`normalize\`: it needs \`axis\`, or \`mean\` and \`std\`"`,
    );
  });

  it('a layer called like a function', () => {
    const program = base({ model: 'return dense(x, 3)' });
    expect(onlyError(program, 'E0222', 7, 16)).toMatchInlineSnapshot(`
      "\`dense\` is a layer: its arguments are not tensors
      help: feed it with a pipe: \`x -> dense(…)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a tensor that is called', () => {
    const program = base({ model: 'return x(3) -> dense(3)' });
    expect(onlyError(program, 'E0222', 7, 10)).toMatchInlineSnapshot(`
      "a tensor cannot be called
      note 12:26: \`net\` is called here"
    `);
  });

  it('too many inputs of a model', () => {
    const program = base({ step: 'loss = cross_entropy(net(x, 3), y)' });
    expect(onlyError(program, 'E0211', 12, 33)).toMatchInlineSnapshot(`
      "too many arguments: \`net\` takes \`x\`
      help: it takes 1 at most"
    `);
  });

  it('a model whose parameter has no value', () => {
    const program = base({
      signature: 'x[B, 8] -> logits[B, 3]',
      after: `model other(k: int): x[B, 8] -> [B, 3] {
  return x -> dense(k)
}`,
    });
    expect(onlyError(program, 'E0212', 9, 7)).toMatchInlineSnapshot(`
      "\`other\` needs the argument \`k\`
      help: \`other\` takes \`k\`"
    `);
  });

  it('weights made in a step', () => {
    const program = base({ step: 'loss = cross_entropy(x -> dense(3), y)' });
    expect(onlyError(program, 'E0222', 12, 31)).toMatchInlineSnapshot(`
      "\`dense\`: weights live in a model: this layer is used outside of one
      help: a \`fn\` and a step have no weights; make the layer in a \`layer\` or \`model\`"
    `);
  });

  it('weights made in a function', () => {
    const program = base({ before: 'fn f(a) = a -> dense(3)', model: 'return f(x)' });
    expect(onlyError(program, 'E0222', 1, 16)).toMatchInlineSnapshot(`
      "\`dense\`: weights live in a model: this layer is used outside of one
      help: a \`fn\` and a step have no weights; make the layer in a \`layer\` or \`model\`
      note 8:10: \`f\` is called here
      note 13:26: \`net\` is called here"
    `);
  });

  it('a second label', () => {
    const program = base({
      model: `a = dense(3)
  return x -> b: a`,
    });
    expect(onlyError(program, 'E0222', 8, 15)).toMatchInlineSnapshot(`
      "this instance is named already: \`net.a\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('a mistake deep inside calls of the user', () => {
    const program = base({
      before: `layer inner: x[B, N] -> [B, N] {
  return x + zeros(B, 2)
}
layer outer: x[B, N] -> [B, N] {
  return x -> inner
}`,
      model: 'return x -> outer -> dense(3)',
    });
    expect(onlyError(program, 'E0204', 2, 10)).toMatchInlineSnapshot(`
      "shapes do not agree: [B, 8] + [B, 2]: 8 and 2
      note 8:3: 8: axis 1 of the column \`x\`
      note 2:23: 2: written here
      note 5:15: \`net.outer_1.inner_1\` is called here
      note 13:15: \`net.outer_1\` is called here
      note 18:26: \`net\` is called here"
    `);
  });
});
