/** Wrong programs, one mistake each: shapes. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('shapes', () => {
  it('inner dimensions of a product', () => {
    const program = base({
      model: `param W[7, 3] = glorot()
  return x @ W`,
    });
    expect(onlyError(program, 'E0204', 8, 10)).toMatchInlineSnapshot(`
      "inner dimensions differ: [B, 8] @ [7, 3]: 8 and 7
      note 2:3: 8: axis 1 of the column \`x\`
      note 7:11: 7: written here
      note 13:26: \`net\` is called here"
    `);
  });

  it('a product with the right side turned', () => {
    const program = base({
      model: `param W[3, 8] = glorot()
  return x @ W`,
    });
    expect(onlyError(program, 'E0204', 8, 10)).toMatchInlineSnapshot(`
      "inner dimensions differ: [B, 8] @ [3, 8]: 8 and 3
      help: transpose the right side: \`… @ y.T\`
      note 2:3: 8: axis 1 of the column \`x\`
      note 7:11: 3: written here
      note 13:26: \`net\` is called here"
    `);
  });

  it('a product with a scalar', () => {
    const program = base({ step: 'loss = mean(2 @ net(x))' });
    expect(onlyError(program, 'E0204', 12, 17)).toMatchInlineSnapshot(
      `"\`@\` takes vectors and matrices, this is a scalar"`,
    );
  });

  it('a declared output shape that does not come out', () => {
    const program = base({ model: 'return x -> dense(4)' });
    expect(onlyError(program, 'E0208', 7, 10)).toMatchInlineSnapshot(`
      "\`logits\` of \`net\` is declared [B, 3], this is [B, 4]: 4 in place of 3
      note 7:21: 4: written here
      note 6:23: declared [B, 3]
      note 12:26: \`net\` is called here"
    `);
  });

  it('an output of another rank', () => {
    const program = base({ model: 'return sum(x -> dense(3), axis = 1)' });
    expect(onlyError(program, 'E0208', 7, 10)).toMatchInlineSnapshot(`
      "\`logits\` of \`net\` is declared [B, 3], this is [B]: 1 axis in place of 2 axes
      note 6:23: declared [B, 3]
      note 12:26: \`net\` is called here"
    `);
  });

  it('an output of another dtype', () => {
    const program = base({ model: 'return u32(x -> dense(3))' });
    expect(onlyError(program, 'E0208', 7, 10)).toMatchInlineSnapshot(`
      "\`logits\` of \`net\` is declared f32, this is u32
      help: cast it: \`f32(…)\`, or declare \`[B, 3] u32\`
      note 6:23: declared f32
      note 12:26: \`net\` is called here"
    `);
  });

  it('two outputs in place of one', () => {
    const program = base({ model: 'return (x, x)' });
    expect(onlyError(program, 'E0208', 7, 10)).toMatchInlineSnapshot(`
      "\`net\` declares 1 tensor, this is 2 tensors
      note 6:23: declared here
      note 12:26: \`net\` is called here"
    `);
  });

  it('a body without a result', () => {
    const program = base({ model: 'h = x -> dense(3)' });
    expect(onlyError(program, 'E0227', 6, 7)).toMatchInlineSnapshot(`
      "\`net\` returns nothing
      help: end its block with \`return …\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a dimension bound to two sizes', () => {
    const program = base({
      before: `layer two: a[B, N], b[B, N] -> [B, N] {
  return a + b
}`,
      model: `t = two()
  h = t(x, x[:, :5])
  return h -> dense(3)`,
    });
    expect(onlyError(program, 'E0207', 11, 12)).toMatchInlineSnapshot(`
      "the dimension \`N\` of \`b\` of \`two\` is bound to two sizes: 8 and 5
      note 5:3: 8: axis 1 of the column \`x\`
      note 11:17: 5: cut here
      note 17:26: \`net\` is called here"
    `);
  });

  it('a dimension that cannot be solved', () => {
    const program = base({
      before: `layer half: a[B, 3 * N] -> [B, N] {
  return a[:, :N]
}`,
      model: 'return x -> half -> dense(3)',
    });
    expect(onlyError(program, 'E0204', 10, 10)).toMatchInlineSnapshot(`
      "\`a\` of \`half\` is declared [B, 3 * N], this is [B, 8]: 8 cannot be \`3 * N\`
      note 5:3: 8: axis 1 of the column \`x\`
      note 1:13: declared [B, 3 * N]
      note 15:26: \`net\` is called here"
    `);
  });

  it('an argument of another size', () => {
    const program = base({ step: 'loss = cross_entropy(net(x[:, :7]), y)' });
    expect(onlyError(program, 'E0204', 12, 30)).toMatchInlineSnapshot(`
      "\`x\` of \`net\` is declared [B, 8], this is [B, 7]: 7 in place of 8
      note 12:35: 7: cut here
      note 6:12: declared [B, 8]"
    `);
  });

  it('an argument of another rank', () => {
    const program = base({ step: 'loss = cross_entropy(net(x[:, 0]), y)' });
    expect(onlyError(program, 'E0204', 12, 30)).toMatchInlineSnapshot(`
      "\`x\` of \`net\` is declared [B, 8], this is [B]: 1 axis in place of 2 axes
      note 6:12: declared [B, 8]"
    `);
  });

  it('one instance for two sizes', () => {
    const program = base({
      model: `f = dense(8)
  h = x -> f
  g = x[:, :4] -> f
  return h -> dense(3)`,
    });
    expect(onlyError(program, 'E0207', 9, 19)).toMatchInlineSnapshot(`
      "\`dense\`: the weight \`net.f.weight\` is [8, 8], this call needs [4, 8]
      note 2:3: 8: axis 1 of the column \`x\`
      note 9:12: 4: cut here
      note 15:26: \`net\` is called here"
    `);
  });

  it('shapes that do not broadcast', () => {
    const program = base({ model: 'return (x -> dense(3)) + (x -> dense(2))' });
    expect(onlyError(program, 'E0204', 7, 10)).toMatchInlineSnapshot(`
      "shapes do not agree: [B, 3] + [B, 2]: 3 and 2
      note 7:22: 3: written here
      note 7:40: 2: written here
      note 12:26: \`net\` is called here"
    `);
  });

  it('a reshape of the wrong size', () => {
    const program = base({ model: 'return reshape(x, B, 3, 3) -> dense(3)' });
    expect(onlyError(program, 'E0214', 7, 10)).toMatchInlineSnapshot(`
      "[B, 8] does not fit into [B, 3, 3]
      help: 32 elements on one side, 36 on the other
      note 4:11: B: the batch of \`d\`
      note 2:3: 8: axis 1 of the column \`x\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a reshape of the wrong size in a pipe', () => {
    const program = base({ model: 'return x -> reshape(B, 9) -> dense(3)' });
    expect(onlyError(program, 'E0214', 7, 15)).toMatchInlineSnapshot(`
      "[B, 8] does not fit into [B, 9]
      help: 32 elements on one side, 36 on the other
      note 4:11: B: the batch of \`d\`
      note 2:3: 8: axis 1 of the column \`x\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a reshape with an open size that is not whole', () => {
    const program = base({ model: 'return x -> reshape(B, 3, -1) -> dense(3)' });
    expect(onlyError(program, 'E0214', 7, 15)).toMatchInlineSnapshot(`
      "[B, 8] does not fit into [B, 3, -1]
      note 4:11: B: the batch of \`d\`
      note 2:3: 8: axis 1 of the column \`x\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a size that is not whole', () => {
    const program = base({ model: 'return x -> reshape(B, 2, 9 / 2) -> dense(3)' });
    expect(onlyError(program, 'E0223', 7, 29)).toMatchInlineSnapshot(`
      "a size must be whole, this is 4.5
      help: round it: \`floor(…)\` or \`ceil(…)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a size below 1', () => {
    const program = base({ step: 'loss = mean(net(x)) + mean(iota(0))' });
    expect(onlyError(program, 'E0220', 12, 37)).toMatchInlineSnapshot(
      `"a size must be 1 or more, this is 0"`,
    );
  });

  it('heads that do not divide the width', () => {
    const program = base({
      signature: 'x[B, 8] -> logits[B, 3]',
      model: `h = reshape(x, B, 1, 8) -> attention(3)
  return h[:, 0] -> dense(3)`,
    });
    expect(onlyError(program, 'E0220', 7, 30)).toMatchInlineSnapshot(`
      "\`attention\`: the last axis does not divide into \`heads\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('more positions than there are', () => {
    const program = base({
      model: `h = reshape(x, B, 4, 2) -> positions(3, 2)
  return h -> flatten -> dense(3)`,
    });
    expect(onlyError(program, 'E0204', 7, 30)).toMatchInlineSnapshot(`
      "\`positions\`: shapes do not agree: [B, B, 2] + [3, 2]: B and 3
      note 4:11: B: the batch of \`d\`
      note 7:40: 3: written here
      note 13:26: \`net\` is called here"
    `);
  });

  it('labels of another shape', () => {
    const program = base({ step: 'loss = cross_entropy(net(x)[:, 0], y)' });
    expect(onlyError(program, 'E0204', 12, 40)).toMatchInlineSnapshot(
      `"\`cross_entropy\`: labels [B] for scores [B]: [] is due"`,
    );
  });
});
