/** Wrong programs, one mistake each: what the compiler does not do yet. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('what the compiler does not do yet', () => {
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
