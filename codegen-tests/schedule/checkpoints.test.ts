/** Working values out again: the same values, and what is kept is little. */
import { describe, expect, it } from 'vitest';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { copyNode } from '../../compiler/graph/copy.ts';
import { constantLike, sumAll } from '../../compiler/graph/convenience.ts';
import { environment, interpret } from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { optimizeGraph } from '../../compiler/passes/pipeline.ts';
import { splitScans } from '../../compiler/passes/split-scans.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import { withCheckpoints } from '../../compiler/schedule/checkpoints.ts';
import { SCAN_SAMPLES } from '../ops/samples-scans.ts';
import { expectSameValues } from '../passes/same-values.ts';
import { randomGraph } from '../passes/random-graph.ts';
import { random } from '../semantics/calculating.ts';

const FOR = { batch: 4, deviceClass: 'software' } as const;

const DEPTH = 12;

/** y = x, DEPTH times y + tanh(tanh(y) @ w), and the gradient of its sum by every w. */
function deep(): Graph {
  const b = new GraphBuilder('deep');
  const weights = Array.from({ length: DEPTH }, (_, i) =>
    b.add('parameter', [], { name: `w${i}` }, { shape: [8, 8], dtype: 'f32' }),
  );
  let y = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [4, 8], dtype: 'f32' });
  for (const weight of weights) {
    const inner = b.add('matmul', [b.add('tanh', [y], {}), weight], {});
    y = b.add('add', [y, b.add('tanh', [inner], {})], {});
  }
  const loss = sumAll(b, b.add('mul', [y, y], {}));
  b.output('loss', loss, 'result');
  weights.forEach((weight, i) => b.output(`w${i}`, b.add('gradient', [loss, weight], {}), 'gradient'));
  return optimizeGraph(expandGradients(b.finish()));
}

const given = environment({
  batch: 4,
  parameters: new Map(Array.from({ length: DEPTH }, (_, i) => [`w${i}`, random([8, 8], i)])),
  inputs: new Map([['x', random([4, 8], 99)]]),
});

/** Values that the nodes before the first derivative leave to those behind it. */
function keptValues({ nodes }: Graph): number {
  const first = nodes.findIndex(({ phase }) => phase === 'backward');
  const kept = new Set(nodes.slice(first).flatMap(({ inputs }) => inputs.filter((input) => input < first)));
  return [...kept].filter((id) => !['parameter', 'input', 'constant'].includes(nodes[id]!.op)).length;
}

describe('checkpoints', () => {
  it.each([2, 3, 4, 6, 12, 50])('%i segments keep the values', (segments) => {
    const graph = deep();
    const cut = withCheckpoints(graph, segments, FOR)!;
    expect(cut.nodes.some(({ again }) => again !== undefined)).toBe(true);
    verifyGraph(cut);
    expectSameValues(interpret(cut, given), interpret(graph, given));
  });

  it('keeps a value a cut and the last segment', () => {
    const graph = deep();
    // The input of every tanh and the result of the second one, at least.
    expect(keptValues(graph)).toBeGreaterThanOrEqual(2 * DEPTH);
    const cut = withCheckpoints(graph, 4, FOR)!;
    expect(keptValues(cut)).toBeLessThanOrEqual(3 + 2 * Math.ceil(DEPTH / 4) + 2);
    expect(cut.nodes.filter(({ op }) => op === 'tanh').length).toBeGreaterThan(
      graph.nodes.filter(({ op }) => op === 'tanh').length,
    );
  });

  it('has nothing to cut where nothing is kept', () => {
    const b = new GraphBuilder('plain');
    const x = b.add('input', [], { name: 'x', storage: 'f32' }, { shape: [4], dtype: 'f32' });
    b.output('y', b.add('mul', [x, constantLike(b, x, 2)], {}), 'result');
    const graph = b.finish();
    const cut = withCheckpoints(graph, 4, FOR);
    expect(cut?.nodes.length ?? graph.nodes.length).toBe(graph.nodes.length);
  });

  it('never shares a kernel between the first time and the second', () => {
    const graph = withCheckpoints(deep(), 4, FOR)!;
    const { groups } = buildSchedule(graph, { fuse: true, profile: DEFAULT_PROFILE, batch: 4 });
    let repeating = 0;
    for (const { nodes } of groups) {
      const again = new Set(nodes.map((id) => graph.nodes[id]!.again).filter((one) => one !== undefined));
      expect(again.size).toBeLessThanOrEqual(1);
      if (again.size === 0) continue;
      repeating += 1;
      expect(nodes.some((id) => graph.nodes[id]!.phase === 'forward')).toBe(false);
    }
    expect(repeating).toBeGreaterThan(0);
  });

  it('keep the values of random graphs, half of which have something to work out again', () => {
    let repeating = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { graph, environment: given } = randomGraph(seed, { recent: 1 });
      const optimized = optimizeGraph(expandGradients(graph));
      const expected = interpret(optimized, given);
      for (const segments of [2, 5]) {
        const cut = withCheckpoints(optimized, segments, FOR) ?? optimized;
        verifyGraph(cut);
        expectSameValues(interpret(cut, given), expected);
        if (cut.nodes.some(({ again }) => again !== undefined)) repeating += 1;
      }
    }
    expect(repeating).toBeGreaterThanOrEqual(60);
  });
});

describe('loops over time in parts', () => {
  const scansIn = ({ nodes }: Graph): number => nodes.filter(({ op }) => op === 'scan').length;
  const turnsOf = ({ nodes }: Graph): number =>
    Math.max(...nodes.map((node) => (node.op === 'scan' ? node.attributes.turns : 0)));
  const onlyOnce: string[] = [];
  it.each(SCAN_SAMPLES.scan)(
    '$name keeps its values and gradients',
    ({ name, graph, variables, environment: given }) => {
      const b = new GraphBuilder(graph.name);
      for (const node of graph.nodes) copyNode(b, node, node.inputs);
      const result = graph.outputs[0]!.value;
      b.output('result', result, 'result');
      const loss = sumAll(b, b.add('mul', [result, result], {}));
      for (const leaf of graph.nodes)
        if (leaf.op === 'input' && variables.includes(leaf.attributes.name))
          b.output(`d ${leaf.attributes.name}`, b.add('gradient', [loss, leaf.id], {}), 'result');
      const whole = b.finish();
      const parts = splitScans(whole, 3);
      expect(scansIn(parts)).toBe(Math.min(3, turnsOf(whole)));
      verifyGraph(parts);
      const wanted = interpret(expandGradients(whole), given);
      expectSameValues(interpret(expandGradients(parts), given), wanted);
      const cut = withCheckpoints(optimizeGraph(expandGradients(parts)), 3, FOR);
      if (!cut?.nodes.some(({ again }) => again !== undefined)) onlyOnce.push(name);
      if (!cut) return;
      verifyGraph(cut);
      expectSameValues(interpret(cut, given), wanted);
    },
  );

  it('work something out again, but for sums, which keep nothing', () =>
    expect(onlyOnce).toEqual(['running sum', 'running sum from the end']));
});
