/** Wrong programs, one mistake each: kinds and dtypes of values. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('kinds and dtypes of values', () => {
  it('a label column that is not u32', () => {
    const program = base({
      columns: `x[B, 8]
  y[B]`,
    });
    expect(onlyError(program, 'E0209', 12, 34)).toMatchInlineSnapshot(`
      "\`cross_entropy\`: a label is u32, not f32
      help: declare the column as u32 (\`label[B] u32\`), or cast it: \`u32(…)\`"
    `);
  });

  it('labels that are one-hot', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), one_hot(y, 3))' });
    expect(onlyError(program, 'E0209', 12, 34)).toMatchInlineSnapshot(`
      "\`cross_entropy\`: a label is u32, not f32
      help: declare the column as u32 (\`label[B] u32\`), or cast it: \`u32(…)\`"
    `);
  });

  it('a float where an integer tensor stands', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), y + 1.5)' });
    expect(onlyError(program, 'E0209', 12, 38)).toMatchInlineSnapshot(`
      "the number 1.5 where an integer (u32) is due
      help: write a whole number, or cast the other side: \`f32(…)\`"
    `);
  });

  it('a negative number where u32 stands', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), y + -1)' });
    expect(onlyError(program, 'E0220', 12, 38)).toMatchInlineSnapshot(`"-1 does not fit into u32"`);
  });

  it('the negative of u32', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), -y)' });
    expect(onlyError(program, 'E0209', 12, 35)).toMatchInlineSnapshot(`
      "\`-\` does not take u32
      help: cast it: \`f32(…)\` or \`i32(…)\`"
    `);
  });

  it('two dtypes in one operation', () => {
    const program = base({ step: 'loss = mean(net(x)[:, 0] * y)' });
    expect(onlyError(program, 'E0209', 12, 17)).toMatchInlineSnapshot(`
      "\`*\` of f32 and u32
      help: tensors of two dtypes need a cast: \`f32(…)\`"
    `);
  });

  it('an integer tensor where a float is due', () => {
    const program = base({ step: 'loss = cross_entropy(net(u32(x)), y)' });
    expect(onlyError(program, 'E0209', 12, 30)).toMatchInlineSnapshot(`
      "\`x\` of \`net\` is declared f32, this is u32
      help: cast it: \`f32(…)\`, or declare \`[B, 8] u32\`
      note 6:12: declared f32"
    `);
  });

  it('an integer tensor in a function of floats', () => {
    const program = base({ step: 'loss = mean(exp(y)) + mean(net(x))' });
    expect(onlyError(program, 'E0209', 12, 21)).toMatchInlineSnapshot(`
      "\`exp\` takes f32, not u32
      help: cast it: \`f32(…)\`"
    `);
  });

  it('an integer tensor in a product', () => {
    const program = base({ step: 'loss = mean(y @ net(x))' });
    expect(onlyError(program, 'E0209', 12, 17)).toMatchInlineSnapshot(`
      "\`@\` takes f32, not u32
      help: cast it: \`f32(…)\`"
    `);
  });

  it('arithmetic on bool', () => {
    const program = base({ step: 'loss = mean((x > 0) * 2.0 + net(x))' });
    expect(onlyError(program, 'E0209', 12, 18)).toMatchInlineSnapshot(`
      "\`*\` does not take bool
      help: cast it: \`f32(…)\`"
    `);
  });

  it('logic on floats', () => {
    const program = base({ step: 'loss = mean(net(x) and y)' });
    expect(onlyError(program, 'E0209', 12, 17)).toMatchInlineSnapshot(`
      "\`and\` of f32 and u32
      help: tensors of two dtypes need a cast: \`f32(…)\`"
    `);
  });

  it('a condition that is not bool', () => {
    const program = base({ step: 'loss = mean(where(net(x), 1.0, 0.0))' });
    expect(onlyError(program, 'E0209', 12, 23)).toMatchInlineSnapshot(`
      "the condition of \`where\` is bool, not f32
      help: compare: \`x != 0\`"
    `);
  });

  it('an index that is not u32', () => {
    const program = base({ step: 'loss = mean(take(net(x), x))' });
    expect(onlyError(program, 'E0209', 12, 30)).toMatchInlineSnapshot(`
      "an index is u32, not f32
      help: declare the column as u32 (\`label[B] u32\`), or cast it: \`u32(…)\`"
    `);
  });

  it('one_hot of floats', () => {
    const program = base({ step: 'loss = mean(net(x) * one_hot(x, 3))' });
    expect(onlyError(program, 'E0209', 12, 34)).toMatchInlineSnapshot(`
      "the index of \`one_hot\` is u32, not f32
      help: declare the column as u32 (\`label[B] u32\`), or cast it: \`u32(…)\`"
    `);
  });

  it('an embedding of floats', () => {
    const program = base({ model: 'return (x -> embedding(3, 4))[:, 0, :3]' });
    expect(onlyError(program, 'E0209', 7, 11)).toMatchInlineSnapshot(`
      "\`index\` of \`embedding\` is declared u32, this is f32
      help: cast it: \`u32(…)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a float where an integer is due', () => {
    const program = base({ model: 'return x -> dense(3.5)' });
    expect(onlyError(program, 'E0213', 7, 21)).toMatchInlineSnapshot(`
      "\`units\` must be an integer, this is 3.5
      help: it must come out whole; round it: \`floor(…)\` or \`ceil(…)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a whole float where an integer is due', () => {
    const program = base({ model: 'return x -> dense(3.0)' });
    expect(onlyError(program, 'E0213', 7, 21)).toMatchInlineSnapshot(`
      "\`units\` must be an integer, this is 3.0
      help: write it as \`3\`, or round it: \`floor(…)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a string where an integer is due', () => {
    const program = base({ model: 'return x -> dense("3")' });
    expect(onlyError(program, 'E0213', 7, 21)).toMatchInlineSnapshot(`
      "the string "3" where \`units\` (an integer) is due
      note 12:26: \`net\` is called here"
    `);
  });

  it('a boolean where an initializer is due', () => {
    const program = base({ model: 'return x -> dense(3, init = 3 > 2)' });
    expect(onlyError(program, 'E0213', 7, 31)).toMatchInlineSnapshot(`
      "\`dense\`: true where an initializer is due
      help: for example \`zeros()\`, \`normal(0.02)\` or \`glorot()\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a string where a number is due', () => {
    const program = base({ model: 'return x -> dropout("a") -> dense(3)' });
    expect(onlyError(program, 'E0213', 7, 23)).toMatchInlineSnapshot(`
      "the string "a" where \`p\` (a number) is due
      note 12:26: \`net\` is called here"
    `);
  });

  it('a probability above 1', () => {
    const program = base({ model: 'return x -> dropout(1.5) -> dense(3)' });
    expect(onlyError(program, 'E0220', 7, 15)).toMatchInlineSnapshot(`
      "\`dropout\`: \`p\` lies between 0 and 1
      note 12:26: \`net\` is called here"
    `);
  });

  it('an if decided by a tensor', () => {
    const program = base({
      model: `if x > 0 { x = x + 1 }
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0217', 7, 6)).toMatchInlineSnapshot(`
      "the condition of \`if\` must be known at compile time
      note 13:26: \`net\` is called here"
    `);
  });

  it('turns that are no integer', () => {
    const program = base({
      model: `repeat 1.5 { x = x + 1 }
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0213', 7, 10)).toMatchInlineSnapshot(`
      "the number of turns must be an integer, this is 1.5
      help: it must come out whole; round it: \`floor(…)\` or \`ceil(…)\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('turns counted by a tensor', () => {
    const program = base({
      model: `repeat x { x = x + 1 }
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0217', 7, 10)).toMatchInlineSnapshot(`
      "the number of turns must be known at compile time
      note 13:26: \`net\` is called here"
    `);
  });

  it('a constant that is a tensor', () => {
    const program = base({ before: 'let P = zeros(3)' });
    expect(onlyError(program, 'E0217', 1, 9)).toMatchInlineSnapshot(`
      "a tensor is not known at compile time
      help: constants and settings are numbers, strings or booleans"
    `);
  });

  it('a weight that is not f32', () => {
    const program = base({
      model: `param W[8, 3] u32 = zeros()
  return x @ W`,
    });
    expect(onlyError(program, 'E0209', 7, 17)).toMatchInlineSnapshot(`
      "weights are f32, not u32
      note 13:26: \`net\` is called here"
    `);
  });

  it('a weight without an initializer', () => {
    const program = base({
      model: `param W[8, 3]
  return x @ W`,
    });
    expect(onlyError(program, 'E0212', 7, 9)).toMatchInlineSnapshot(`
      "the weight \`W\` needs an initializer
      help: for example \`= zeros()\` or \`= glorot()\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('a bare word that is none', () => {
    const program = base({
      model: `h = pad(x, before = (1, 2), mode = refect)
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0213', 7, 38)).toMatchInlineSnapshot(`
      "\`mode\` is one of constant, reflect, edge
      help: did you mean \`reflect\`?
      note 13:26: \`net\` is called here"
    `);
  });

  it('a reduction that is none', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), y, reduce = "none")' });
    expect(onlyError(program, 'E0222', 12, 46)).toMatchInlineSnapshot(
      `"\`cross_entropy\`: the string "none" cannot be called"`,
    );
  });

  it('a metric of the whole split inside an expression', () => {
    const program = base({ step: 'loss = perplexity(cross_entropy(net(x), y))' });
    expect(onlyError(program, 'E0213', 13, 14)).toMatchInlineSnapshot(`
      "a metric over the whole split where a tensor is due
      help: it is reported by a metric: \`metric perplexity = perplexity(loss)\`"
    `);
  });
});
