/**
 * Whatever stands in a program, elaboration ends in a program or in errors with places in the user's text:
 * tokens of correct programs are taken out, exchanged and replaced, from a fixed seed.
 */
import { expect, it } from 'vitest';
import { CompileError } from '../../compiler/diagnostics.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { elaborate } from '../../compiler/semantics/elaborate.ts';
import { standardLibrary } from '../../compiler/semantics/library.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { base } from './elaborating.ts';

const PROGRAMS = [
  base({
    before: 'let D = 8\nfn twice(a, k: float = 2) = a * k',
    columns:
      'from train = npy(x = "x.npy", y = "y.npy")\n  split valid = 10%\n  x[B, D] = x / 255\n  y[B] u32',
    model:
      'tok = dense(D)\n  blocks: repeat 2 as i { x = (x -> tok -> relu) + x[:, ::1] }\n  return x -> out: dense(3)',
    train: 'epochs = 2, eval = every(1 epoch)',
    step: 'logits = net(x) -> twice(k = 1)\n    loss = cross_entropy(logits, y, smoothing = 0.1)\n    metric accuracy = mean(argmax(logits) == y)',
    minimize: 'minimize loss over net with clip_norm(1.0) -> adamw(lr = cosine(1e-3, warmup = 5))',
  }),
  base({
    before:
      'layer block(heads: int, p = 0.1): x[B, T, C] -> [B, T, C] {\n  return x + (x -> layernorm -> attention(heads) -> dropout(p))\n}',
    model:
      'h = reshape(x, B, 4, 2) -> block(2)\n  if training { h = h + random.normal(B, 4, 2) }\n  return h -> flatten -> dense(3)',
    step: '(a, b) = split(x, 2)\n    loss = mse(net(x), one_hot(y, 3)) + l2(net) * 1e-3 + mean(grad(sum(net(x)), x)[0]) + norm(a @ b.T)',
  }),
];

const TOKEN = /\s+|[A-Za-z_]\w*|\d+\.?\d*(?:e-?\d+)?|"[^"]*"|->|[<>=!]=|./g;

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One to three tokens changed; braces stay, so that most results still parse. */
function mutate(text: string, random: (below: number) => number): string {
  const tokens: string[] = text.match(TOKEN) ?? [];
  const pool = tokens.filter((token) => !/^[\s{}]/.test(token));
  for (let changes = 1 + random(3); changes > 0; changes -= 1) {
    const at = random(tokens.length);
    if (/^[{}]$/.test(tokens[at] ?? '')) continue;
    const other = pool[random(pool.length)] ?? '';
    const kind = random(3);
    if (kind === 0) tokens.splice(at, 1);
    else if (kind === 1) tokens[at] = other;
    else tokens.splice(at, 0, other);
  }
  return tokens.join('');
}

it('ends in a program or in errors of the user', () => {
  const random = generator(20);
  const outcomes = { programs: 0, errors: 0 };
  for (let i = 0; i < 1000; i += 1) {
    const text = mutate(PROGRAMS[i % PROGRAMS.length] ?? '', random);
    const { tree, diagnostics } = parse(text, 'test.net');
    if (diagnostics.length > 0) continue;
    try {
      const program = elaborate(tree, { standardLibrary: standardLibrary() });
      for (const step of program.steps) [step.train, step.evaluate].forEach(verifyGraph);
      for (const model of program.models) verifyGraph(model.predict);
      outcomes.programs += 1;
    } catch (error) {
      if (!(error instanceof CompileError)) throw new Error(`elaborating\n${text}`, { cause: error });
      outcomes.errors += 1;
      const spans = error.diagnostics.flatMap(({ span, related = [] }) => [
        span,
        ...related.map((note) => note.span),
      ]);
      expect(spans.map((span) => span?.file)).toEqual(spans.map(() => 'test.net'));
      expect(spans.length).toBeGreaterThan(0);
    }
  }
  expect(outcomes.programs).toBeGreaterThan(5);
  expect(outcomes.errors).toBeGreaterThan(60);
});
