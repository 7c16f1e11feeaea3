/** Wrong programs, one mistake each: declarations that nothing reaches. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, onlyError } from './elaborating.ts';

describe('declarations that nothing reaches', () => {
  it('an unknown name', () => {
    const program = base({ before: 'fn u(a) = a + bb' });
    expect(onlyError(program, 'E0201', 1, 15)).toMatchInlineSnapshot(`"unknown name \`bb\`"`);
  });

  it('an unknown layer', () => {
    const program = base({
      before: `layer u: x[B, N] -> [B, N] {
  return x -> dens(N)
}`,
    });
    expect(onlyError(program, 'E0205', 2, 15)).toMatchInlineSnapshot(`
      "unknown layer or function \`dens\`
      help: did you mean \`dense\`?"
    `);
  });

  it('a name used before it is bound', () => {
    const program = base({
      before: `layer u: x[B, N] -> [B, N] {
  h = g
  g = x
  return h
}`,
    });
    expect(onlyError(program, 'E0203', 2, 7)).toMatchInlineSnapshot(`
      "\`g\` is used before it is bound
      note 3:3: \`g\` is bound here"
    `);
  });

  it('a wrong argument name', () => {
    const program = base({
      before: `layer u: x[B, N] -> [B, N] {
  return x -> dense(N, bais = false)
}`,
    });
    expect(onlyError(program, 'E0210', 2, 24)).toMatchInlineSnapshot(`
      "\`dense\` has no argument \`bais\`
      help: did you mean \`bias\`?"
    `);
  });

  it('too many arguments', () => {
    const program = base({ before: 'fn u(x) = relu(x, 1)' });
    expect(onlyError(program, 'E0211', 1, 19)).toMatchInlineSnapshot(`
      "too many arguments: \`relu\` takes \`x\`
      help: it takes 1 at most"
    `);
  });

  it('a missing argument', () => {
    const program = base({ before: 'fn u(x) = x -> reshape(1) -> unsqueeze' });
    expect(onlyError(program, 'E0212', 1, 30)).toMatchInlineSnapshot(`
      "\`unsqueeze\` needs the argument \`axis\`
      help: \`unsqueeze\` takes \`x\`, \`axis\`"
    `);
  });

  it('an unknown type of a parameter', () => {
    const program = base({
      before: `layer u(p: flaot): x[B, N] -> [B, N] {
  return x * p
}`,
    });
    expect(onlyError(program, 'E0201', 1, 12)).toMatchInlineSnapshot(`
      "unknown type \`flaot\` of a parameter
      help: did you mean \`float\`?"
    `);
  });

  it('an unknown dtype', () => {
    const program = base({
      before: `layer u: x[B, N] u33 -> [B, N] {
  return x
}`,
    });
    expect(onlyError(program, 'E0201', 1, 18)).toMatchInlineSnapshot(`
      "unknown dtype \`u33\`
      help: did you mean \`u32\`?"
    `);
  });

  it('two labels of one name', () => {
    const program = base({
      before: `layer u: x[B, N] -> [B, N] {
  return x -> a: dense(N) -> a: dense(N)
}`,
    });
    expect(onlyError(program, 'E0202', 2, 30)).toMatchInlineSnapshot(`
      "two parts of \`u\` are named \`a\`
      help: names and labels are the keys of the checkpoint: choose another one
      note 2:15: \`a\` is first named here"
    `);
  });

  it('a column that no step uses', () => {
    const program = base({
      columns: `x[B, 8]
  y[B] u32
  z[B] = qq + 1`,
    });
    expect(onlyError(program, 'E0201', 4, 10)).toMatchInlineSnapshot(`"unknown name \`qq\`"`);
  });
});
