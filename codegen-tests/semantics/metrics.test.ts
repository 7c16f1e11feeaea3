/** Metrics that are no plain expression: `top_k` counts labels among the largest scores, over all records. */
import { describe, expect, it } from 'vitest';
import { calculate, array } from './calculating.ts';
import { base, onlyError } from './elaborating.ts';
import { interpret, environment } from '../../compiler/graph/interpret.ts';

const scores = array([
  [0.1, 0.5, 0.3, 0.2],
  [4, 3, 2, 1],
  [1, 1, 1, 1],
]);

function share(k: number, labels: readonly number[]): number[] {
  const label = array([...labels], 'u32');
  const { program } = calculate({
    columns: { scores, label },
    body: `    metric hits = top_k(scores, label, ${k})\n    loss = mean(scores)`,
  });
  const [step] = program.steps;
  const given = environment({ batch: 3, inputs: new Map(Object.entries({ scores, label })) });
  return (['train', 'evaluate'] as const).map((mode) => {
    const graph = step?.[mode];
    return (graph && interpret(graph, given).get('hits')?.data[0]) ?? NaN;
  });
}

describe('the metric top_k', () => {
  it('is the share of labels among the k largest, of equals the lower class first', () => {
    expect(share(1, [1, 0, 0])).toEqual([1, 1]);
    expect(share(1, [2, 1, 1])).toEqual([0, 0]);
    for (const value of share(2, [2, 3, 1])) expect(value).toBeCloseTo(2 / 3, 12);
    expect(share(4, [0, 3, 2])).toEqual([1, 1]);
  });

  it('leaves the function of that name alone outside of metrics', () => {
    const { list } = calculate({
      columns: { scores },
      body: '    (values, places) = top_k(scores, 1)\n    y = values * 1',
    });
    expect(list('y')).toEqual([[0.5], [4], [1]]);
  });

  it('leaves it alone inside of an expression, and takes it behind a pipe', () => {
    const label = array([1, 0, 0], 'u32');
    const { program } = calculate({
      columns: { scores, label },
      body: `    fn_of = top_k
    metric piped = scores -> top_k(label, 1)
    metric best = mean(best_of(top_k(scores, 2)))
    loss = mean(scores)`,
      declarations: 'fn best_of(pair) {\n  (values, places) = pair\n  return values[:, 0]\n}',
    });
    const graph = program.steps[0]?.train;
    const given = environment({ batch: 3, inputs: new Map(Object.entries({ scores, label })) });
    const found = graph && interpret(graph, given);
    expect(found?.get('piped')?.data[0]).toBe(1);
    expect(found?.get('best')?.data[0]).toBeCloseTo((0.5 + 4 + 1) / 3, 12);
  });

  it('is called by its own name in messages', () => {
    const step = (metric: string): string =>
      base({ step: `logits = net(x)\n    loss = cross_entropy(logits, y)\n    metric top = ${metric}` });
    expect(onlyError(step('top_k(logits, 2)'), 'E0212', 14, 18)).toMatchInlineSnapshot(`
      "\`top_k\` needs the argument \`k\`
      help: \`top_k\` takes \`logits\`, \`label\`, \`k\`"
    `);
    expect(onlyError(step('mean(top_k(logits, y, 2))'), 'E0217', 14, 37)).toMatchInlineSnapshot(
      `"\`k\` must be known at compile time"`,
    );
  });

  it('refuses labels of another shape', () => {
    const program = base({
      step: 'logits = net(x)\n    loss = cross_entropy(logits, y)\n    metric top = top_k(logits, x, 2)',
    });
    expect(onlyError(program, 'E0209', 14, 32)).toContain('a label is u32');
  });
});
