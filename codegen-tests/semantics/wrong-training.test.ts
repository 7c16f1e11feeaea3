/** Wrong programs, one mistake each: training. Code, line and column are stated; the words are a snapshot. */
import { describe, expect, it } from 'vitest';
import { base, errorsOf, onlyError } from './elaborating.ts';

describe('training', () => {
  it('minimize over something without weights', () => {
    const program = base({ step: 'loss = mean(x)' });
    expect(onlyError(program, 'E0301', 13, 14)).toMatchInlineSnapshot(`
      "what is minimized does not depend on any weight: there is nothing to move
      help: is a model called to compute it, and not inside \`detach\` or \`frozen\`?"
    `);
  });

  it('minimize through detach', () => {
    const program = base({ step: 'loss = cross_entropy(detach(net(x)), y)' });
    expect(onlyError(program, 'E0301', 13, 14)).toMatchInlineSnapshot(`
      "what is minimized does not depend on any weight: there is nothing to move
      help: is a model called to compute it, and not inside \`detach\` or \`frozen\`?"
    `);
  });

  it('minimize through frozen', () => {
    const program = base({ step: 'loss = cross_entropy(frozen(net)(x), y)' });
    expect(onlyError(program, 'E0301', 13, 14)).toMatchInlineSnapshot(`
      "what is minimized does not depend on any weight: there is nothing to move
      help: is a model called to compute it, and not inside \`detach\` or \`frozen\`?"
    `);
  });

  it('over what the loss does not depend on', () => {
    const program = base({
      after: `model m2: x[B, 8] -> [B, 3] {
  return x -> dense(3)
}`,
      minimize: 'minimize loss over m2 with adam()',
      step: `h = m2(x)
    loss = cross_entropy(net(x), y)`,
    });
    expect(onlyError(program, 'E0301', 17, 24)).toMatchInlineSnapshot(
      `"what is minimized does not depend on the model \`m2\`"`,
    );
  });

  it('over a tensor', () => {
    const program = base({ minimize: 'minimize loss over x with adam()' });
    expect(onlyError(program, 'E0213', 13, 24)).toMatchInlineSnapshot(
      `"\`over\` names a model or a part of one, not a tensor"`,
    );
  });

  it('a loss that is not a scalar', () => {
    const program = base({ step: 'loss = cross_entropy(net(x), y, reduce = none)' });
    expect(onlyError(program, 'E0303', 13, 14)).toMatchInlineSnapshot(`
      "what is minimized must be a scalar, this is [B]
      help: take its mean: \`mean(…)\`"
    `);
  });

  it('a gradient of what is not a scalar', () => {
    const program = base({
      step: `l = net(x)
    g = grad(l, x)
    loss = mean(g)`,
    });
    expect(onlyError(program, 'E0303', 13, 14)).toMatchInlineSnapshot(`
      "a gradient is of a scalar
      help: sum it: \`grad(sum(y), x)\`"
    `);
  });

  it('a metric that is not a scalar', () => {
    const program = base({
      step: `loss = cross_entropy(net(x), y)
    metric a = net(x)`,
    });
    expect(onlyError(program, 'E0303', 13, 16)).toMatchInlineSnapshot(`
      "the metric \`a\` must be a scalar, this is [B, 3]
      help: take its mean: \`mean(…)\`"
    `);
  });

  it('something that is no optimizer', () => {
    const program = base({ minimize: 'minimize loss with relu' });
    expect(onlyError(program, 'E0304', 13, 24)).toMatchInlineSnapshot(`
      "the function \`relu\` is not an optimizer
      help: for example \`minimize loss with adam(lr = 1e-3)\`"
    `);
  });

  it('a pipe without an optimizer', () => {
    const program = base({ minimize: 'minimize loss with clip_norm(1.0)' });
    expect(onlyError(program, 'E0304', 13, 24)).toMatchInlineSnapshot(`
      "the gradient is transformed, but nothing moves the weights
      help: end the pipe with an optimizer: \`… -> adam(lr = 1e-3)\`"
    `);
  });

  it('a transform behind the optimizer', () => {
    const program = base({ minimize: 'minimize loss with adam(lr = 1e-3) -> clip_norm(1.0)' });
    expect(onlyError(program, 'E0304', 13, 43)).toMatchInlineSnapshot(`"nothing may follow the optimizer"`);
  });

  it('a missing learning rate', () => {
    const program = base({ minimize: 'minimize loss with sgd(momentum = 0.9)' });
    expect(onlyError(program, 'E0212', 13, 24)).toMatchInlineSnapshot(`
      "\`sgd\` needs the argument \`lr\`
      help: \`sgd\` takes \`lr\`, \`momentum\`, \`nesterov\`"
    `);
  });

  it('a learning rate that is a string', () => {
    const program = base({ minimize: 'minimize loss with adam(lr = "fast")' });
    expect(onlyError(program, 'E0213', 13, 34)).toMatchInlineSnapshot(`
      "\`lr\` is a number or a schedule, not the string "fast"
      help: for example \`1e-3\` or \`cosine(1e-3)\`"
    `);
  });

  it('a wrong argument of a schedule', () => {
    const program = base({ minimize: 'minimize loss with adam(lr = cosine(1e-3, warmp = 3))' });
    expect(onlyError(program, 'E0210', 13, 47)).toMatchInlineSnapshot(`
      "\`cosine\` has no argument \`warmp\`
      help: did you mean \`warmup\`?"
    `);
  });

  it('a missing argument of a schedule', () => {
    const program = base({ minimize: 'minimize loss with adam(lr = steps(1e-3))' });
    expect(onlyError(program, 'E0212', 13, 34)).toMatchInlineSnapshot(`
      "\`steps\` needs the argument \`every\`
      help: \`steps\` takes \`base\`, \`every\`, \`factor\`"
    `);
  });

  it('a warm-up longer than the schedule', () => {
    const program = base({ minimize: 'minimize loss with adam(lr = cosine(1e-3, warmup = 10, over = 5))' });
    expect(onlyError(program, 'E0220', 13, 56)).toMatchInlineSnapshot(
      `"\`warmup\` must be shorter than \`over\`"`,
    );
  });

  it('betas that are no pair', () => {
    const program = base({ minimize: 'minimize loss with adam(betas = 0.9)' });
    expect(onlyError(program, 'E0213', 13, 37)).toMatchInlineSnapshot(`
      "\`betas\` is a pair of numbers
      help: for example \`betas = (0.9, 0.999)\`"
    `);
  });

  it('nesterov without momentum', () => {
    const program = base({ minimize: 'minimize loss with sgd(0.1, nesterov = true)' });
    expect(onlyError(program, 'E0220', 13, 44)).toMatchInlineSnapshot(
      `"\`nesterov\` needs a momentum above 0"`,
    );
  });

  it('a pattern that matches nothing', () => {
    const program = base({ minimize: 'minimize loss with adamw(decay_on = "*.wieght")' });
    expect(onlyError(program, 'E0201', 13, 41)).toMatchInlineSnapshot(`
      "no weight that moves here matches "*.wieght"
      help: they are net.dense_1.weight, net.dense_1.bias"
    `);
  });

  it('an unknown setting', () => {
    const program = base({ train: 'steps = 2, sed = 3' });
    expect(onlyError(program, 'E0206', 10, 14)).toMatchInlineSnapshot(`
      "\`train\` has no setting \`sed\`
      help: did you mean \`seed\`?"
    `);
  });

  it('a misspelt setting that was needed', () => {
    const program = base({ train: 'stpes = 2' });
    expect(onlyError(program, 'E0206', 10, 3)).toMatchInlineSnapshot(`
      "\`train\` has no setting \`stpes\`
      help: did you mean \`steps\`?"
    `);
  });

  it('a missing length', () => {
    const program = base({ train: 'seed = 3' });
    expect(onlyError(program, 'E0219', 9, 10)).toMatchInlineSnapshot(`
      "\`train\` needs the setting \`epochs\` or \`steps\`
      help: for example \`epochs = 10\`"
    `);
  });

  it('two lengths', () => {
    const program = base({ train: 'steps = 2, epochs = 3' });
    expect(onlyError(program, 'E0218', 10, 14)).toMatchInlineSnapshot(`
      "\`epochs\` beside \`steps\`: the length of the run is set twice
      note 10:3: \`steps\` is set here"
    `);
  });

  it('a setting given twice', () => {
    const program = base({ train: 'steps = 2, steps = 3' });
    expect(onlyError(program, 'E0218', 10, 14)).toMatchInlineSnapshot(`
      "\`steps\` is set twice
      note 10:3: first set here"
    `);
  });

  it('a rhythm that is none', () => {
    const program = base({ train: 'steps = 2, eval = 3' });
    expect(onlyError(program, 'E0213', 10, 21)).toMatchInlineSnapshot(`
      "the integer 3 where \`every\` is due
      help: for example \`eval = every(1 epoch)\`"
    `);
  });

  it('a stop that is none', () => {
    const program = base({ train: 'steps = 2, stop = every(3)' });
    expect(onlyError(program, 'E0213', 10, 21)).toMatchInlineSnapshot(`
      "the rule \`every\` where \`plateau\` is due
      help: for example \`stop = plateau(valid.loss, patience = 5)\`"
    `);
  });

  it('a watched split that is not there', () => {
    const program = base({ train: 'steps = 2, save = best(valid.loss, to = "a")' });
    expect(onlyError(program, 'E0201', 10, 26)).toMatchInlineSnapshot(`
      "nothing reports \`valid.loss\`
      help: the data has no split besides train: add \`split valid = 10%\`"
    `);
  });

  it('a watched metric that is not there', () => {
    const program = base({
      columns: `from train = npy(x = "x.npy", y = "y.npy")
  split valid = 10%
  x[B, 8]
  y[B] u32`,
      train: 'steps = 2, save = best(valid.los, to = "a")',
    });
    expect(onlyError(program, 'E0201', 12, 26)).toMatchInlineSnapshot(`
      "nothing reports \`valid.los\`
      help: did you mean \`valid.loss\`?"
    `);
  });

  it('a plateau that watches nothing', () => {
    const program = base({ minimize: 'minimize loss with sgd(plateau(0.1))' });
    expect(onlyError(program, 'E0201', 13, 28)).toMatchInlineSnapshot(`
      "nothing reports \`valid.loss\`
      help: the data has no split besides train: add \`split valid = 10%\`"
    `);
  });

  it('a wrong argument of a step', () => {
    const program = base({ head: 'step a(tims = 3)' });
    expect(onlyError(program, 'E0210', 11, 10)).toMatchInlineSnapshot(`
      "a step has no argument \`tims\`
      help: did you mean \`times\`?"
    `);
  });

  it('a step that never runs', () => {
    const program = base({ head: 'step a(times = 0)' });
    expect(onlyError(program, 'E0220', 11, 18)).toMatchInlineSnapshot(`"\`times\` is 1 or more, this is 0"`);
  });
});

describe('several mistakes of a step', () => {
  const placesOf = (text: string): string[] =>
    errorsOf(text).map(({ code, span }) => `${code} ${span?.line}:${span?.column}`);

  it('are reported together, without what follows from them', () => {
    const program = base({
      before: 'model other: x[B, 8] -> [B, 3] {\n  return x -> dense(3)\n}',
      step: `a = unknown(x)
    b = a + 1 -> dense
    c = x @ ones(3, 3)
    if c { d = 1 }
    logits = net(x) + b
    loss = cross_entropy(net(x), y)
    metric first = meen(a)
    metric second = typo + mean(c)`,
      minimize:
        'minimize loss over other with sgd(lr = 0.1)\n    minimize loss over net with addam(lr = 0.1)',
    });
    expect(placesOf(program)).toEqual([
      'E0205 15:9',
      'E0204 17:9',
      'E0205 21:20',
      'E0201 22:21',
      'E0301 23:24',
      'E0205 24:33',
    ]);
  });

  it('are reported of each part of a `minimize`', () => {
    const program = base({ minimize: 'minimize los over nett with clip(1.0)' });
    expect(placesOf(program)).toEqual(['E0201 13:14', 'E0201 13:23', 'E0205 13:33']);
  });

  it('are reported of each `minimize`', () => {
    const program = base({
      after: 'model other: x[B, 8] -> [B, 3] {\n  return x -> dense(3)\n}',
      minimize: 'minimize loss over other with sgd(lr = 1)\n    minimize mean(x) with sgd(lr = 1)',
    });
    expect(placesOf(program)).toEqual(['E0301 16:24', 'E0301 17:14']);
  });

  it('are reported of the body of a model as well', () => {
    const program = base({
      model: `a = unknown(x)
  (b, c) = split(x, 3, axis = 1)
  return (a + b) -> dense(2)`,
    });
    expect(placesOf(program)).toEqual(['E0205 7:7', 'E0214 8:21']);
  });
});
