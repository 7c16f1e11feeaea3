import { describe, expect, test } from 'vitest';
import {
  matchWeights,
  type MatchOptions,
  type WeightTarget,
} from '../../runtime/checkpoint/match-weights.ts';
import { matchesPattern, nearestName } from '../../runtime/checkpoint/names.ts';
import { decodeSafetensors, encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { spanOn } from '../data/memory-reader.ts';
import { failureText } from '../support/failure.ts';

const saved = (tensors: Record<string, number[]>): ReturnType<typeof decodeSafetensors> =>
  decodeSafetensors(
    encodeSafetensors(
      Object.entries(tensors).map(([name, shape], i) => ({
        name,
        shape,
        data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(i + 1),
      })),
    ),
    'w.safetensors',
  );

const PROGRAM: WeightTarget[] = [
  { name: 'net.fc1.weight', shape: [2, 3], span: spanOn(7) },
  { name: 'net.fc1.bias', shape: [3], span: spanOn(8) },
  { name: 'net.bn.mean', shape: [3], optional: true },
];

const match = (tensors: Record<string, number[]>, options?: MatchOptions) => (): Map<string, Float32Array> =>
  matchWeights(saved(tensors), PROGRAM, options);

describe('matchWeights', () => {
  test('values by name; layer state may be missing', () => {
    const values = match({ 'net.fc1.bias': [3], 'net.fc1.weight': [2, 3] })();
    expect([...values.keys()].sort()).toEqual(['net.fc1.bias', 'net.fc1.weight']);
    expect([...(values.get('net.fc1.weight') ?? [])]).toEqual([2, 2, 2, 2, 2, 2]);
    const all = match({ 'net.fc1.bias': [3], 'net.fc1.weight': [2, 3], 'net.bn.mean': [3] })();
    expect([...(all.get('net.bn.mean') ?? [])]).toEqual([3, 3, 3]);
  });

  test.each([
    [{ 'net.fc1.weight': [2, 3] }, 'E0503 8: w.safetensors has no net.fc1.bias'],
    [{}, 'E0503 7: w.safetensors has no net.fc1.weight, net.fc1.bias'],
    [
      { 'net.fc1.weight': [3, 2], 'net.fc1.bias': [3] },
      'E0504 7: net.fc1.weight is [3, 2] in w.safetensors and [2, 3] in the program',
    ],
    [
      { 'net.fc1.weight': [2, 3], 'net.fc1.bias': [3, 1] },
      'E0504 8: net.fc1.bias is [3, 1] in w.safetensors and [3] in the program',
    ],
    [
      { 'net.fc1.weight': [2, 3], 'net.fc1.bias': [3], 'net.bn.mean': [4] },
      'E0504 -: net.bn.mean is [4] in w.safetensors and [3] in the program',
    ],
    [
      { 'net.fc1.weight': [2, 3], 'net.fc1.bias': [3], 'net.bn.maen': [3] },
      'E0505 -: w.safetensors has net.bn.maen, which the program has not',
    ],
  ] as [Record<string, number[]>, string][])('%j', async (tensors, expected) => {
    expect(await failureText(match(tensors))).toBe(expected);
  });

  test('the nearest name is in the help', () => {
    const good = { 'net.fc1.weight': [2, 3], 'net.fc1.bias': [3] };
    expect(helpOf(match({ ...good, 'net.bn.maen': [3] }))).toBe("The program's nearest name is net.bn.mean.");
    expect(helpOf(match({ 'net.fc.weight': [2, 3], 'net.fc1.bias': [3] }))).toMatch(
      /^The file has net\.fc\.weight;/,
    );
    expect(helpOf(match({ ...good, something: [1] }))).toMatch(/--init-only/);
  });

  test('a pattern takes only what matches it', async () => {
    const other = { 'net.fc1.weight': [2, 3], 'old.head.weight': [9] };
    expect([...match(other, { only: 'net.*.weight' })().keys()]).toEqual(['net.fc1.weight']);
    expect(await failureText(match(other, { only: 'net.fc1.*' }))).toBe(
      'E0503 8: w.safetensors has no net.fc1.bias',
    );
    expect(await failureText(match(other, { only: '*.weight' }))).toMatch(/^E0505 -: .*old\.head\.weight/);
    expect(await failureText(match(other, { only: 'nte.*' }))).toBe(
      'E0505 -: no weight of the program matches "nte.*"',
    );
  });
});

function helpOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return (error as { diagnostic: { help?: string } }).diagnostic.help;
  }
  return undefined;
}

describe('names', () => {
  test.each([
    ['*', 'a.b', true],
    ['*.weight', 'net.fc.weight', true],
    ['*.weight', 'weight', false],
    ['net.*', 'net.fc.weight', true],
    ['net.*.weight', 'net.weight', false],
    ['a*b*c', 'a.b.c', true],
    ['a*b*b', 'ab', false],
    ['*a*a', 'a', false],
    ['a.b', 'axb', false],
    ['a.b', 'a.b', true],
    ['*(x)*', 'f(x).w', true],
  ])('%s against %s', (pattern, name, expected) => {
    expect(matchesPattern(pattern, name)).toBe(expected);
  });

  test('the nearest name, if one is near', () => {
    expect(nearestName('net.fc1.wieght', ['net.fc2.bias', 'net.fc1.weight'])).toBe('net.fc1.weight');
    expect(nearestName('gpt.tok', ['net.fc1.weight'])).toBeUndefined();
  });
});
