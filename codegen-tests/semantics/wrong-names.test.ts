/** Wrong programs, one mistake each: names. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('names', () => {
  it('an unknown layer', () => {
    const program = base({ model: 'return x -> dens(3)' });
    expect(onlyError(program, 'E0205', 7, 15)).toMatchInlineSnapshot(`
      "unknown layer or function \`dens\`
      help: did you mean \`dense\`?
      note 12:26: \`net\` is called here"
    `);
  });

  it('an unknown function at the end of a pipe', () => {
    const program = base({ model: 'return x -> dense(3) -> rleu' });
    expect(onlyError(program, 'E0205', 7, 27)).toMatchInlineSnapshot(`
      "unknown layer or function \`rleu\`
      help: did you mean \`relu\`?
      note 12:26: \`net\` is called here"
    `);
  });

  it('an unknown name, with nothing near it', () => {
    const program = base({ model: 'return (x + zz) -> dense(3)' });
    expect(onlyError(program, 'E0201', 7, 15)).toMatchInlineSnapshot(`
      "unknown name \`zz\`
      note 12:26: \`net\` is called here"
    `);
  });

  it('a name used before it is bound', () => {
    const program = base({
      model: `h = g + x
  g = x
  return h -> dense(3)`,
    });
    expect(onlyError(program, 'E0203', 7, 7)).toMatchInlineSnapshot(`
      "\`g\` is used before it is bound
      note 8:3: \`g\` is bound here
      note 14:26: \`net\` is called here"
    `);
  });

  it('an unknown column', () => {
    const program = base({ step: 'loss = cross_entropy(net(xx), y)' });
    expect(onlyError(program, 'E0201', 12, 30)).toMatchInlineSnapshot(`
      "unknown name \`xx\`
      help: did you mean \`x\`?"
    `);
  });

  it('an unknown model in a pipe', () => {
    const program = base({ step: 'loss = cross_entropy(x -> nett, y)' });
    expect(onlyError(program, 'E0205', 12, 31)).toMatchInlineSnapshot(`
      "unknown layer or function \`nett\`
      help: did you mean \`net\`?"
    `);
  });

  it('an unknown data block', () => {
    const program = base({ trained: 'dd' });
    expect(onlyError(program, 'E0201', 9, 10)).toMatchInlineSnapshot(`
      "no \`data\` is called \`dd\`
      help: did you mean \`d\`?"
    `);
  });

  it('an unknown dtype', () => {
    const program = base({
      columns: `x[B, 8]
  y[B] u33`,
    });
    expect(onlyError(program, 'E0201', 3, 8)).toMatchInlineSnapshot(`
      "unknown dtype \`u33\`
      help: did you mean \`u32\`?"
    `);
  });

  it('an unknown optimizer', () => {
    const program = base({ minimize: 'minimize loss with adm(lr = 1e-3)' });
    expect(onlyError(program, 'E0205', 13, 24)).toMatchInlineSnapshot(`
      "unknown layer or function \`adm\`
      help: did you mean \`adam\`?"
    `);
  });

  it('two labels of one name', () => {
    const program = base({ model: 'return x -> a: dense(8) -> a: dense(3)' });
    expect(onlyError(program, 'E0202', 7, 30)).toMatchInlineSnapshot(`
      "two parts of \`net\` are named \`a\`
      help: names and labels are the keys of the checkpoint: choose another one
      note 7:15: \`a\` is first named here
      note 12:26: \`net\` is called here"
    `);
  });

  it('a label like a counted name', () => {
    const program = base({ model: 'return x -> dense_1: dense(8) -> dense(3)' });
    expect(onlyError(program, 'E0202', 7, 36)).toMatchInlineSnapshot(`
      "two parts of \`net\` are named \`dense_1\`
      help: names and labels are the keys of the checkpoint: choose another one
      note 7:15: \`dense_1\` is first named here
      note 12:26: \`net\` is called here"
    `);
  });

  it('two instances bound to one name', () => {
    const program = base({
      model: `a = dense(8)
  h = x -> a
  a = dense(3)
  return h -> a`,
    });
    expect(onlyError(program, 'E0202', 9, 3)).toMatchInlineSnapshot(`
      "two parts of \`net\` are named \`a\`
      help: names and labels are the keys of the checkpoint: choose another one
      note 7:3: \`a\` is first named here
      note 15:26: \`net\` is called here"
    `);
  });

  it('a model declared twice', () => {
    const program = base({
      after: `model net: x[B, 8] -> [B, 8] {
  return x
}`,
    });
    expect(onlyError(program, 'E0202', 9, 7)).toMatchInlineSnapshot(`
      "\`net\` is declared twice
      note 6:7: \`net\` is first declared here"
    `);
  });

  it('a constant declared twice', () => {
    const program = base({
      before: `let A = 1
let A = 2`,
    });
    expect(onlyError(program, 'E0202', 2, 5)).toMatchInlineSnapshot(`
      "\`A\` is declared twice
      note 1:5: \`A\` is first declared here"
    `);
  });

  it('a constant named like the batch', () => {
    const program = base({ before: 'let B = 3' });
    expect(onlyError(program, 'E0202', 1, 5)).toMatchInlineSnapshot(`
      "\`B\` is the batch
      help: choose another name"
    `);
  });

  it('a constant that needs itself', () => {
    const program = base({
      before: `let P = Q + 1
let Q = P`,
    });
    expect(onlyError(program, 'E0224', 1, 9)).toMatchInlineSnapshot(`"this constant needs itself"`);
  });

  it('a column declared twice', () => {
    const program = base({
      columns: `x[B, 8]
  x[B, 8]
  y[B] u32`,
    });
    expect(onlyError(program, 'E0202', 3, 3)).toMatchInlineSnapshot(`
      "the column \`x\` is declared twice
      note 2:3: first declared here"
    `);
  });

  it('two parameters of one name', () => {
    const program = base({ before: 'fn f(a, a) = a' });
    expect(onlyError(program, 'E0202', 1, 9)).toMatchInlineSnapshot(`
      "\`a\` is declared twice in \`f\`
      note 1:6: first declared here"
    `);
  });

  it('two inputs of one name', () => {
    const program = base({
      before: `layer u: x[B, N], x[B, N] -> [B, N] {
  return x
}`,
    });
    expect(onlyError(program, 'E0202', 1, 19)).toMatchInlineSnapshot(`
      "\`x\` is declared twice in \`u\`
      note 1:10: first declared here"
    `);
  });

  it('a metric declared twice', () => {
    const program = base({
      step: `loss = cross_entropy(net(x), y)
    metric a = loss
    metric a = loss`,
    });
    expect(onlyError(program, 'E0202', 14, 12)).toMatchInlineSnapshot(`
      "the metric \`a\` is declared twice
      note 13:12: first declared here"
    `);
  });

  it('a function that calls itself', () => {
    const program = base({ before: 'fn f(a) = f(a) + 1', step: 'loss = mean(f(net(x)))' });
    expect(onlyError(program, 'E0224', 1, 11)).toMatchInlineSnapshot(`
      "\`f\` calls itself
      help: use \`repeat\` for a known number of turns
      note 13:17: \`f\` is called here"
    `);
  });

  it('functions that call each other', () => {
    const program = base({
      before: `fn f(a) = g(a)
fn g(a) = f(a)`,
      step: 'loss = mean(f(net(x)))',
    });
    expect(onlyError(program, 'E0224', 2, 11)).toMatchInlineSnapshot(`
      "\`f\` calls itself
      help: use \`repeat\` for a known number of turns
      note 1:11: \`g\` is called here
      note 14:17: \`f\` is called here"
    `);
  });

  it('a layer that feeds itself', () => {
    const program = base({
      before: `layer f: x[...] -> [...] {
  return x -> f
}`,
      model: 'return x -> f -> dense(3)',
    });
    expect(onlyError(program, 'E0224', 2, 15)).toMatchInlineSnapshot(`
      "\`f\` calls itself
      help: use \`repeat\` for a known number of turns
      note 10:15: \`net.f_1\` is called here
      note 15:26: \`net\` is called here"
    `);
  });

  it('a weight read before the first call', () => {
    const program = base({
      model: `t = embedding(3, 8)
  return x @ t.weight.T`,
    });
    expect(onlyError(program, 'E0203', 8, 14)).toMatchInlineSnapshot(`
      "\`weight\` of an instance of \`embedding\` does not exist before its first call
      help: its weights are made when it is first called: \`x -> …\`
      note 13:26: \`net\` is called here"
    `);
  });

  it('an unknown member of a tensor', () => {
    const program = base({ model: 'return x.TT -> dense(3)' });
    expect(onlyError(program, 'E0226', 7, 12)).toMatchInlineSnapshot(`
      "a tensor has no member \`TT\`
      help: did you mean \`T\`?
      note 12:26: \`net\` is called here"
    `);
  });

  it('an unknown part of a model', () => {
    const program = base({
      step: `h = net(x)
    loss = mean(h) + l2(net.dense_2)`,
    });
    expect(onlyError(program, 'E0226', 13, 29)).toMatchInlineSnapshot(`
      "the model \`net\` has no member \`dense_2\`
      help: did you mean \`dense_1\`?"
    `);
  });

  it('an unknown weight of a layer', () => {
    const program = base({
      step: `h = net(x)
    loss = mean(h) + l2(net.dense_1.wieght)`,
    });
    expect(onlyError(program, 'E0226', 13, 37)).toMatchInlineSnapshot(`
      "an instance of \`dense\` has no member \`wieght\`
      help: did you mean \`weight\`?"
    `);
  });

  it('an unknown function of a namespace', () => {
    const program = base({ step: 'loss = mean(net(x)) + mean(random.norml(3))' });
    expect(onlyError(program, 'E0226', 12, 39)).toMatchInlineSnapshot(`
      "\`random\` has no member \`norml\`
      help: did you mean \`normal\`?"
    `);
  });

  it('an unknown file', () => {
    const program = base({ before: 'use "foo.net"' });
    expect(onlyError(program, 'E0225', 1, 5)).toMatchInlineSnapshot(`
      "there is no file "foo.net"
      help: the path is relative to the file it stands in"
    `);
  });
});
