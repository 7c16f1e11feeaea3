/** Wrong programs, one mistake each: what the compiler does not do yet. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('what the compiler does not do yet', () => {
  it('sliding along the batch', () => {
    const program = base({
      model: `ok = conv(transpose(reshape(x, B, 4, 2), 1, 2, 0), ones(3, 2, 1))
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0901', 7, 13)).toMatchInlineSnapshot(`
      "not supported yet where the batch has any size, as in evaluation: sliding along the batch is not supported yet
      note 4:11: B: the batch of \`d\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('a source of pictures', () => {
    const program = base({
      columns: `from train = images("photos")
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0901', 2, 16)).toMatchInlineSnapshot(
      `"the data source \`images\` is not supported yet"`,
    );
  });

  it('augmentation', () => {
    const program = base({
      batch: `augment x = x + 1
  batch = 4`,
    });
    expect(onlyError(program, 'E0901', 4, 3)).toMatchInlineSnapshot(`"\`augment\` is not supported yet"`);
  });

  it('reflecting the batch', () => {
    const program = base({
      model: `h = pad(x, before = (1, 2), mode = reflect)
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0901', 7, 38)).toMatchInlineSnapshot(`
      "not supported yet where the batch has any size, as in evaluation: reflecting needs an axis whose size is known at compile time
      note 13:26: \`net\` is called here"
    `);
  });

  it('a range over a batch of any size', () => {
    const program = base({ step: 'loss = cross_entropy(net(x[:2]), y[:2])' });
    expect(onlyError(program, 'E0901', 12, 32)).toMatchInlineSnapshot(`
      "not supported yet where the batch has any size, as in evaluation: the range does not lie inside every batch
      help: a batch has one record or more"
    `);
  });

  it('a decision by the batch', () => {
    const program = base({
      step: `if B > 2 { z = 1 }
    loss = cross_entropy(net(x), y)`,
    });
    expect(onlyError(program, 'E0901', 12, 8)).toMatchInlineSnapshot(
      `"not supported yet where the batch has any size, as in evaluation: this depends on the batch, which is not known at compile time"`,
    );
  });

  it('a size with the batch in it twice', () => {
    const program = base({
      step: `d = reshape(x @ x.T, -1)
    loss = cross_entropy(net(x), y) + mean(d)`,
    });
    expect(onlyError(program, 'E0901', 12, 9)).toMatchInlineSnapshot(`
      "not supported yet where the batch has any size, as in evaluation: [B, B] does not fit into [-1]
      note 4:11: B: the batch of \`d\`"
    `);
  });

  it('a second train block', () => {
    const program = base({
      after: `train on d {
  steps = 1
  step {
    metric m = 1
  }
}`,
    });
    expect(onlyError(program, 'E0901', 15, 10)).toMatchInlineSnapshot(`
      "a second \`train\` block is not supported yet
      note 9:10: the first one"
    `);
  });
});
