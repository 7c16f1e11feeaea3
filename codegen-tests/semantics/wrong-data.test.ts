/** Wrong programs, one mistake each: data. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('data', () => {
  it('a missing batch', () => {
    const program = base({ batch: 'shuffle = true' });
    expect(onlyError(program, 'E0219', 1, 6)).toMatchInlineSnapshot(`
      "the data \`d\` needs the setting \`batch\`
      help: for example \`batch = 64\`"
    `);
  });

  it('a batch that is no integer', () => {
    const program = base({ batch: 'batch = 4.5' });
    expect(onlyError(program, 'E0213', 4, 11)).toMatchInlineSnapshot(
      `
      "\`batch\` must be an integer, this is 4.5
      help: it must come out whole; round it: \`floor(…)\` or \`ceil(…)\`"
    `,
    );
  });

  it('a batch of 0', () => {
    const program = base({ batch: 'batch = 0' });
    expect(onlyError(program, 'E0220', 4, 11)).toMatchInlineSnapshot(`"\`batch\` is 1 or more, this is 0"`);
  });

  it('an unknown setting', () => {
    const program = base({ batch: 'batch = 4, shufle = true' });
    expect(onlyError(program, 'E0206', 4, 14)).toMatchInlineSnapshot(`
      "\`data\` has no setting \`shufle\`
      help: did you mean \`shuffle\`?"
    `);
  });

  it('a column without the batch', () => {
    const program = base({
      columns: `x[8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0213', 2, 5)).toMatchInlineSnapshot(`
      "the first dimension of a column is the batch, \`B\`
      help: \`x[B]\`"
    `);
  });

  it('a size that nothing declares', () => {
    const program = base({
      columns: `x[B, K]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0201', 2, 8)).toMatchInlineSnapshot(`"unknown name \`K\`"`);
  });

  it('an expression of another shape', () => {
    const program = base({
      columns: `x[B, 8] = x[:, :4]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0208', 2, 13)).toMatchInlineSnapshot(`
      "the column \`x\` is declared [B, 8], this is [B, 4]: 4 in place of 8
      note 2:18: 4: cut here
      note 2:3: declared [B, 8]"
    `);
  });

  it('an expression of another dtype', () => {
    const program = base({
      columns: `x[B, 8]
  y[B] u32 = f32(y)`,
    });
    expect(onlyError(program, 'E0208', 3, 14)).toMatchInlineSnapshot(`
      "the column \`y\` is declared u32, this is f32
      help: cast it: \`u32(…)\`
      note 3:3: declared u32"
    `);
  });

  it('a field that no column is made of', () => {
    const program = base({
      columns: `from train = npy(x = "x.npy", yy = "y.npy")
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0201', 2, 38)).toMatchInlineSnapshot(`
      "no column is made of the field \`yy\`
      help: did you mean \`y\`?"
    `);
  });

  it('a split without a file', () => {
    const program = base({
      columns: `from train = npy(x = "x.npy", y = "y.npy")
  from test = npy(x = "x.npy")
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0219', 3, 8)).toMatchInlineSnapshot(
      `"the source of \`test\` has no file for \`y\`"`,
    );
  });

  it('a share above 1', () => {
    const program = base({
      columns: `from train = npy(x = "x.npy", y = "y.npy")
  split valid = 1.5
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0220', 3, 17)).toMatchInlineSnapshot(`
      "a share lies between 0 and 1, this is 1.5
      help: for example \`split valid = 10%\`"
    `);
  });

  it('a split of two meanings', () => {
    const program = base({
      columns: `from train = npy(x = "x.npy", y = "y.npy")
  from valid = npy(x = "x.npy", y = "y.npy")
  split valid = 10%
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0202', 4, 9)).toMatchInlineSnapshot(`
      "the split \`valid\` has two meanings
      note 3:8: it has a source here"
    `);
  });

  it('a source that is none', () => {
    const program = base({
      columns: `from train = 3
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0213', 2, 16)).toMatchInlineSnapshot(`
      "the integer 3 where a data source is due
      help: for example \`idx(image = "…")\`, \`npy(x = "…")\` or \`csv("…")\`"
    `);
  });

  it('a column that is made of itself', () => {
    const program = base({
      columns: 'from train = npy(z = "z.npy", y = "y.npy")\n  x[B, 8] = x + z\n  y[B] u32',
    });
    expect(onlyError(program, 'E0201', 3, 3)).toMatchInlineSnapshot(`
      "no source has a field \`x\`
      help: name a file for it, for example \`npy(x = "…")\`, or give it an expression"
    `);
  });
});
