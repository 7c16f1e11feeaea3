/** The examples as a set: each is short and says what it shows, and `npm run examples` trains it and judges the result. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ALL_EXAMPLES, EXAMPLES, exampleText } from '../support/examples.ts';

interface Row {
  name: string;
  task: string;
  split?: string;
  metric?: string;
  wanted?: {
    holds: (value: number | undefined, other?: number) => boolean;
    sign: string;
    bound?: number;
    other?: string;
    share?: number;
  };
  sheet?: { model: string; outputs: string[]; sure: number };
  figure?: RegExp;
  curve?: RegExp;
}
interface Judged {
  value?: number;
  other?: number;
  read?: { confidence: number; digits: number };
}
interface Result extends Judged {
  parameters: number;
  steps: number;
  curve: [number, number][];
  text?: string;
  speeds: Record<string, { device: string; dispatches: number; steps: number; stepsPerSecond: number }>;
}
interface Scripts {
  page: (rows: Row[], results: Record<string, Result>, lines: (name: string) => number) => string;
  curve: (points: [number, number][], what?: string) => string;
  figures: (row: Row, result: Judged) => { text: string; holds: boolean }[];
  readings: (logits: number[]) => { confidence: number; digits: number };
  ROWS: Row[];
}

const load = async <Name extends keyof Scripts>(file: string): Promise<Pick<Scripts, Name>> =>
  (await import(new URL(`../../scripts/examples/${file}`, import.meta.url).href)) as Pick<Scripts, Name>;

test.each(ALL_EXAMPLES)('%s begins with what it shows and has fewer than 60 lines', (name) => {
  const text = exampleText(name);
  expect(text).toMatch(/^# [A-Z]/);
  expect(text.trimEnd().split('\n').length).toBeLessThan(60);
});

test('every example has a row that judges it by what it reports, and falls short where that is missing', async () => {
  const { ROWS } = await load<'ROWS'>('table.mjs');
  const { figures } = await load<'figures'>('judge.mjs');
  expect(ROWS.map(({ name }) => `${name}.net`).sort()).toEqual([...ALL_EXAMPLES].sort());
  for (const row of ROWS) {
    const { name, metric, split, wanted, sheet, figure, curve } = row;
    const own = exampleText(`${name}.net`);
    const used = /^use "(.*)"/m.exec(own)?.[1];
    const text = used === undefined ? own : own + exampleText(used);
    if (figure !== undefined) {
      const host = fs.readFileSync(path.join(EXAMPLES, `${name}.mjs`), 'utf8');
      for (const line of [figure, curve]) expect(host).toContain(line?.source.match(/[a-z ]{5,}/)?.[0]);
    } else if (wanted !== undefined) {
      for (const value of [metric, wanted.other ?? metric])
        expect(own, name).toContain(value === 'loss' ? 'loss = ' : `metric ${value} = `);
    }
    if (split !== undefined) expect(text, name).toMatch(new RegExp(`(from|split) ${split} = `));
    for (const output of sheet?.outputs ?? [])
      expect(own, name).toMatch(new RegExp(`-> .*${output}\\[B, 784\\]`));
    // A run that went wrong falls short.
    for (const gone of [{}, { value: NaN, other: 1, read: { confidence: NaN, digits: 0 } }]) {
      const judged = figures(row, gone);
      expect(judged.length, name).toBeGreaterThan(0);
      expect(judged.filter(({ holds }) => holds)).toEqual([]);
    }
  }
});

test('a figure names what it is held against', async () => {
  const { figures } = await load<'figures'>('judge.mjs');
  const row = { name: 'films', task: '', split: 'valid', metric: 'error' };
  const holds = (value = NaN, other = NaN): boolean => value <= 0.5 * other;
  const wanted = { holds, sign: '≤', other: 'baseline_error', share: 0.5 };
  const figure = (value: number): unknown[] => figures({ ...row, wanted }, { value, other: 0.86789 });
  expect(figure(0.13)).toEqual([{ text: 'valid.error 0.13 (≤ 0.5 × baseline_error 0.8679)', holds: true }]);
  expect(figure(0.5)).toMatchObject([{ holds: false }]);
});

test('a sheet is judged by the mean confidence of what is read, and by how many digits are there', async () => {
  const { readings } = await load<'readings'>('produce.mjs');
  const logits = (digit: number, height: number): number[] =>
    Array.from({ length: 10 }, (_, i) => (i === digit ? height : 0));
  const half = Math.log(9); // e^h / (e^h + 9) is a half
  const read = readings([...logits(3, half), ...logits(7, 100), ...logits(3, half), ...logits(1, 100)]);
  expect(read.digits).toBe(3);
  expect(read.confidence).toBeCloseTo(0.75, 9);
  const { figures } = await load<'figures'>('judge.mjs');
  const row = { name: 'vae', task: '', sheet: { model: 'decoder', outputs: ['image'], sure: 0.8 } };
  const held = (judged: Judged): boolean[] => figures(row, judged).map(({ holds }) => holds);
  expect(held({ read })).toEqual([false, false]);
  expect(held({ read: { confidence: 0.81, digits: 10 } })).toEqual([true, true]);
});

test('the page has a row an example, with devices side by side, and what was made', async () => {
  const { page } = await load<'page'>('page.mjs');
  const rows = [
    { name: 'glyphs', task: 'Digits' },
    { name: 'sums', task: 'Sums' },
    { name: 'heat', task: 'Heat' },
  ];
  const speed = { device: 'Some device', dispatches: 12, steps: 10, stepsPerSecond: 1234.5 };
  const result = { parameters: 1000, steps: 10, curve: [] };
  const text = page(
    rows,
    {
      glyphs: { ...result, speeds: { cpu: speed, gpu: { ...speed, device: 'Another', steps: 5 } } },
      sums: { ...result, text: '1+1=2\n', speeds: { cpu: speed } },
    },
    () => 30,
  );
  expect(text).toContain('- `cpu`: Some device\n- `gpu`: Another');
  expect(text).toContain('| Digits | 30 | 1,000 | 12 | 1,230 | 12 | 1,230 (5 steps) | 10 |');
  expect(text).toContain('| Sums | 30 | 1,000 | 12 | 1,230 |  |  | 10 |');
  expect(text).toContain('Not trained yet: heat.');
  expect(text).toContain('### sums\n\n```\n1+1=2\n```');
});

test('a curve runs from its highest value to its lowest, by logarithms where it spans much', async () => {
  const { curve } = await load<'curve'>('curve.mjs');
  const straight = curve([
    [5, 2],
    [10, 1],
  ]);
  expect(straight).toContain('points="140.0,6.0 236.0,74.0"');
  expect(straight).toContain('>loss</text>');
  const wide = curve([
    [1, 1],
    [2, 0.01],
    [4, 1e-4],
  ]);
  expect(wide).toContain('points="92.0,6.0 140.0,40.0 236.0,74.0"');
  expect(wide).toContain('>loss, logarithmic</text>');
});
