/** Groups of equal structure are told apart from others, and judged alike whatever was judged before them. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../compiler/graph/builder.ts';
import { binary, unary } from '../../compiler/graph/convenience.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { buildSchedule } from '../../compiler/schedule/build.ts';
import { Judgements } from '../../compiler/schedule/judgements.ts';
import { readsOf } from '../../compiler/schedule/reads.ts';
import { withFacts } from '../../compiler/schedule/scheduled-graph.ts';
import { Structures, Vocabulary } from '../../compiler/schedule/structure.ts';

interface Part {
  nodes: number[];
  stored: number[];
}

const state = (b: GraphBuilder, name: string, shape = [4, 6]): number =>
  b.add('state', [], { name }, { shape });

/** exp(x) + y, both stored or only the sum. */
function sumOfExp(b: GraphBuilder, x: number, y: number): Part {
  const e = unary(b, 'exp', x);
  const s = binary(b, 'add', e, y);
  return { nodes: [e, s], stored: [s] };
}

function textsOf(build: (b: GraphBuilder) => Part[]): (string | undefined)[] {
  const b = new GraphBuilder('structures');
  const parts = build(b);
  const graph = withFacts(b.finish(), 'software');
  const structures = new Structures(graph, new Vocabulary());
  return parts.map((part) => {
    const { text, reads } = structures.of(part);
    expect(reads).toEqual(readsOf(graph, { kind: 'elementwise', ...part }));
    return text;
  });
}

describe('the structure of a group', () => {
  it('is that of the same operators on other tensors', () => {
    const [first, second] = textsOf((b) => [
      sumOfExp(b, state(b, 'a'), state(b, 'b')),
      sumOfExp(b, state(b, 'c'), state(b, 'd')),
    ]);
    expect(first).toBe(second);
  });

  type BuildPart = (b: GraphBuilder) => Part;
  const plain: BuildPart = (b) => sumOfExp(b, state(b, 'p'), state(b, 'q'));
  const sumAlong =
    (axis: number): BuildPart =>
    (b) => {
      const s = b.add('reduce_sum', [state(b, 'a', [6, 6])], { axes: [axis] });
      return { nodes: [s], stored: [s] };
    };

  /** Two parts each. */
  const OTHERS: Readonly<Record<string, readonly [BuildPart, BuildPart]>> = {
    'another operator': [
      plain,
      (b) => {
        const e = unary(b, 'log', state(b, 'a'));
        const s = binary(b, 'add', e, state(b, 'b'));
        return { nodes: [e, s], stored: [s] };
      },
    ],
    'other sizes': [plain, (b) => sumOfExp(b, state(b, 'a', [4, 5]), state(b, 'b', [4, 5]))],
    'one tensor for two': [
      plain,
      (b) => {
        const a = state(b, 'a');
        return sumOfExp(b, a, a);
      },
    ],
    'a value that another kernel stores': [
      plain,
      (b) => sumOfExp(b, unary(b, 'neg', state(b, 'a')), state(b, 'b')),
    ],
    'more results': [
      plain,
      (b) => {
        const { nodes } = sumOfExp(b, state(b, 'a'), state(b, 'b'));
        return { nodes, stored: nodes };
      },
    ],
    'another axis': [sumAlong(1), sumAlong(0)],
  };
  it.each(Object.entries(OTHERS))('tells %s apart', (_, [one, other]) => {
    const [first, second] = textsOf((b) => [one(b), other(b)]);
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(first).not.toBe(second);
  });

  it('is none where a node is not needed by the results', () => {
    const [text] = textsOf((b) => {
      const { nodes, stored } = sumOfExp(b, state(b, 'a'), state(b, 'b'));
      return [{ nodes: [...nodes, unary(b, 'neg', state(b, 'c'))], stored }];
    });
    expect(text).toBeUndefined();
  });
});

it('cuts a graph in the same way whatever was judged before', () => {
  const layers = (count: number, width: number): GraphBuilder => {
    const b = new GraphBuilder('layers');
    let x = state(b, 'x', [8, width]);
    for (let i = 0; i < count; i++) {
      const y = b.add('matmul', [x, state(b, `w${i}`, [width, width])], {});
      const shifted = unary(b, 'tanh', y);
      x = binary(b, 'add', shifted, x);
    }
    b.output('result', b.add('reduce_sum', [x], { axes: [1] }), 'result');
    return b;
  };
  const judgements = new Judgements();
  for (const [count, width, batch] of [
    [3, 16, 1],
    [5, 16, 1],
    [5, 12, 1],
    [5, 16, 7],
  ] as const) {
    const graph = layers(count, width).finish();
    const options = { fuse: true, profile: DEFAULT_PROFILE, batch };
    const { groups, decisions } = buildSchedule(graph, options);
    const shared = buildSchedule(graph, { ...options, judgements });
    expect(shared.groups).toEqual(groups);
    expect(shared.decisions).toEqual(decisions);
  }
});
