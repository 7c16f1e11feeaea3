/** Random graphs: the passes change nothing about values, and gradients agree with differences. */
import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../compiler/autodiff/check.ts';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { interpret } from '../../compiler/graph/interpret.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { expectSameValues } from './same-values.ts';
import { randomGraph } from './random-graph.ts';

const SEEDS = [...Array(150).keys()];

describe('random graphs', () => {
  it.each(SEEDS)('%i: every pass keeps the values', (seed) => {
    const { graph, environment } = randomGraph(seed);
    const expanded = expandGradients(graph);
    verifyGraph(expanded);
    const before = interpret(expanded, environment);
    const optimized = optimizeGraph(expanded, {
      observe: (_pass, current) => {
        verifyGraph(current);
        expect(current.outputs.map(({ name, role }) => [name, role])).toEqual(
          expanded.outputs.map(({ name, role }) => [name, role]),
        );
        expectSameValues(interpret(current, environment), before);
      },
    });
    expect(optimized.nodes.length).toBeLessThanOrEqual(expanded.nodes.length);
    expect(optimized.nodes.some(({ op }) => op === 'detach')).toBe(false);
  });

  it('gives the same bytes twice', () => {
    const text = (): string => printGraph(optimizeGraph(expandGradients(randomGraph(7).graph)));
    expect(text()).toBe(text());
  });

  it.each(SEEDS.slice(0, 40))('%i: gradients agree with differences', (seed) => {
    const { graph, environment } = randomGraph(seed);
    const variables = ['x0', 'x1', 'x2', 'x3', 'x4'];
    const reports = checkGradients({ graph, output: 'loss', variables, environment, entries: 4 });
    for (const report of reports) expect(report, JSON.stringify(report)).toMatchObject({ passed: true });
  });
});
