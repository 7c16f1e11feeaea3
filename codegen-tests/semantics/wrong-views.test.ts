/** Wrong programs, one mistake each: axes, indices and views. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('axes, indices and views', () => {
  it('an axis out of range', () => {
    const program = base({ step: 'loss = mean(sum(net(x), axis = 2))' });
    expect(onlyError(program, 'E0215', 12, 36)).toMatchInlineSnapshot(
      `"axis 2 is out of range: the axes are -2 to 1"`,
    );
  });

  it('an axis named twice', () => {
    const program = base({ step: 'loss = mean(sum(net(x), axis = (0, 0)))' });
    expect(onlyError(program, 'E0215', 12, 36)).toMatchInlineSnapshot(`"an axis is named twice"`);
  });

  it('an axis of argmax out of range', () => {
    const program = base({
      step: `h = argmax(net(x), axis = 5)
    loss = mean(net(x))`,
    });
    expect(onlyError(program, 'E0215', 12, 31)).toMatchInlineSnapshot(
      `"axis 5 is out of range: the axes are -2 to 1"`,
    );
  });

  it('an axis out of range inside the library', () => {
    const program = base({ step: 'loss = mean(softmax(net(x), axis = 3))' });
    expect(onlyError(program, 'E0215', 12, 40)).toMatchInlineSnapshot(
      `"\`softmax\`: axis 3 is out of range: the axes are -2 to 1"`,
    );
  });

  it('an index out of range', () => {
    const program = base({ model: 'return x[:, 9] -> dense(3)' });
    expect(onlyError(program, 'E0216', 7, 15)).toMatchInlineSnapshot(`
      "index 9 is out of range: the axis has 8
      note 2:3: 8: axis 1 of the column \`x\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('an index out of range from the end', () => {
    const program = base({
      model: `h = x[:, -9]
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0216', 7, 12)).toMatchInlineSnapshot(`
      "index -9 is out of range: the axis has 8
      note 2:3: 8: axis 1 of the column \`x\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('too many indices', () => {
    const program = base({
      model: `h = x[0, 0, 0]
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0216', 7, 15)).toMatchInlineSnapshot(`
      "too many indices: [B, 8] has 2 axes
      note 13:26: \`net\` is called here"
    `);
  });

  it('an empty range', () => {
    const program = base({ model: 'return x[:, 5:2] -> dense(3)' });
    expect(onlyError(program, 'E0216', 7, 15)).toMatchInlineSnapshot(`
      "the range is empty: the axis has 8
      note 2:3: 8: axis 1 of the column \`x\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a negative step', () => {
    const program = base({ model: 'return x[:, ::-1] -> dense(3)' });
    expect(onlyError(program, 'E0220', 7, 17)).toMatchInlineSnapshot(`
      "a step must be 1 or more, this is -1
      help: turn the axis around with \`reverse(x, axis)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('an index that is no integer', () => {
    const program = base({ model: 'return x[:, 0.5] -> dense(3)' });
    expect(onlyError(program, 'E0213', 7, 15)).toMatchInlineSnapshot(`
      "an index must be an integer, this is 0.5
      help: it must come out whole; round it: \`floor(…)\` or \`ceil(…)\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('an index that is a tensor', () => {
    const program = base({ step: 'loss = mean(net(x)[y])' });
    expect(onlyError(program, 'E0213', 12, 24)).toMatchInlineSnapshot(`
      "an index must be known at compile time
      help: select by a tensor of indices with \`take(x, index)\`"
    `);
  });

  it('an index of take out of range', () => {
    const program = base({ step: 'loss = mean(take(net(x), 7, axis = 1))' });
    expect(onlyError(program, 'E0216', 12, 30)).toMatchInlineSnapshot(
      `"index 7 is out of range: the axis has 3"`,
    );
  });

  it('parts that do not divide the axis', () => {
    const program = base({
      step: `(a, b) = split(net(x), 2)
    loss = mean(a)`,
    });
    expect(onlyError(program, 'E0214', 12, 28)).toMatchInlineSnapshot(`
      "an axis of 3 does not divide into 2 equal parts
      note 7:21: 3: written here"
    `);
  });

  it('sizes of parts that are not the axis', () => {
    const program = base({
      step: `(a, b) = split(net(x), sizes = (1, 1))
    loss = mean(a)`,
    });
    expect(onlyError(program, 'E0214', 12, 36)).toMatchInlineSnapshot(`
      "the sizes 1 + 1 are 2, the axis is 3
      note 7:21: 3: written here"
    `);
  });

  it('more parts than names', () => {
    const program = base({
      step: `(a, b) = split(net(x), 3)
    loss = mean(a)`,
    });
    expect(onlyError(program, 'E0221', 12, 5)).toMatchInlineSnapshot(`"2 names for a tuple of 3"`);
  });

  it('names for a single tensor', () => {
    const program = base({
      step: `(a, b) = net(x)
    loss = mean(a)`,
    });
    expect(onlyError(program, 'E0221', 12, 5)).toMatchInlineSnapshot(`"2 names for a tensor"`);
  });

  it('a permutation that is none', () => {
    const program = base({
      model: `h = transpose(x, 0, 0)
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0215', 7, 7)).toMatchInlineSnapshot(`
      "\`transpose\` names every axis of [B, 8] once
      help: the order of the axes in the result; \`x.T\` swaps the last two
      note 13:26: \`net\` is called here"
    `);
  });

  it('a squeeze of an axis above 1', () => {
    const program = base({
      model: `h = squeeze(x, 1)
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0214', 7, 18)).toMatchInlineSnapshot(`
      "axis 1 of [B, 8] is 8, not 1
      note 2:3: 8: axis 1 of the column \`x\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('a concat of other sizes', () => {
    const program = base({
      model: `h = concat(x, x[:, :3], axis = 0)
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0204', 7, 7)).toMatchInlineSnapshot(`
      "\`concat\` of [B, 8] and [B, 3]
      note 2:3: 8: axis 1 of the column \`x\`
      note 7:22: 3: cut here
      note 13:26: \`net\` is called here"
    `);
  });

  it('a stack of other sizes', () => {
    const program = base({
      model: `h = stack(x, x[:, :3])
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0204', 7, 7)).toMatchInlineSnapshot(`
      "\`stack\` of [B, 8] and [B, 3]
      note 2:3: 8: axis 1 of the column \`x\`
      note 7:21: 3: cut here
      note 13:26: \`net\` is called here"
    `);
  });

  it('an expand of an axis above 1', () => {
    const program = base({
      model: `h = expand(x, B, 9)
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0204', 7, 20)).toMatchInlineSnapshot(`
      "an axis of 8 cannot be expanded to 9
      note 2:3: 8: axis 1 of the column \`x\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('a pad with too many numbers', () => {
    const program = base({
      model: `h = pad(x, before = (1, 2, 3))
  return x -> dense(3)`,
    });
    expect(onlyError(program, 'E0213', 7, 23)).toMatchInlineSnapshot(`
      "\`before\` has one number an axis: 2, not 3
      note 13:26: \`net\` is called here"
    `);
  });

  it('the transpose of a vector', () => {
    const program = base({ step: 'loss = mean(net(x)) + mean(x[0].T)' });
    expect(onlyError(program, 'E0215', 12, 37)).toMatchInlineSnapshot(
      `"\`.T\` swaps the last two axes, [8] has 1"`,
    );
  });

  it('a weight whose shape depends on the batch', () => {
    const program = base({
      model: `param W[B, 3] = zeros()
  return W`,
    });
    expect(onlyError(program, 'E0217', 7, 11)).toMatchInlineSnapshot(`
      "the shape of a weight cannot depend on the batch
      note 4:11: B: the batch of \`d\`
      note 13:26: \`net\` is called here"
    `);
  });
});
