/** The examples as a set: each is short and says what it shows, and `npm run examples` trains it and judges the result. */
import { expect, test } from 'vitest';
import { ALL_EXAMPLES, exampleText } from '../support/examples.ts';

interface Row {
  name: string;
  task: string;
  split?: string;
  metric?: string;
  wanted?: { holds: (value: number | undefined, other?: number) => boolean; other?: string };
}
interface Result {
  parameters: number;
  steps: number;
  value?: number;
  curve: [number, number][];
  text?: string;
  speeds: Record<string, { device: string; dispatches: number; stepsPerSecond: number }>;
}
interface Page {
  page: (rows: Row[], results: Record<string, Result>, lines: (name: string) => number) => string;
  curve: (points: [number, number][]) => string;
}

const load = async <T>(name: string): Promise<T> =>
  (await import(new URL(`../../scripts/examples/${name}`, import.meta.url).href)) as T;

test.each(ALL_EXAMPLES)('%s begins with what it shows and has fewer than 60 lines', (name) => {
  const text = exampleText(name);
  expect(text).toMatch(/^# [A-Z]/);
  expect(text.trimEnd().split('\n').length).toBeLessThan(60);
});

test('every example has a row that judges it, or a program that plays with it', async () => {
  const { ROWS } = await load<{ ROWS: Row[] }>('table.mjs');
  const played = ['cart-pole', 'mnist'];
  expect([...ROWS.map(({ name }) => `${name}.net`), ...played.map((name) => `${name}.net`)].sort()).toEqual(
    [...ALL_EXAMPLES].sort(),
  );
  for (const { name, metric, split, wanted } of ROWS) {
    if (metric === undefined || wanted === undefined) {
      expect(['glyphs-gan', 'glyphs-wgan']).toContain(name);
      continue;
    }
    const own = exampleText(`${name}.net`);
    const used = /^use "(.*)"/m.exec(own)?.[1];
    const text = used === undefined ? own : own + exampleText(used);
    for (const value of [metric, wanted.other ?? metric])
      expect(own, name).toContain(value === 'loss' ? 'loss = ' : `metric ${value} = `);
    if (split !== undefined) expect(text, name).toMatch(new RegExp(`(from|split) ${split} = `));
    // A run that went wrong falls short.
    expect(wanted.holds(NaN, 1), name).toBe(false);
    expect(wanted.holds(undefined, 1), name).toBe(false);
  }
});

test('the page has a row an example, with devices side by side, and what was made', async () => {
  const { page, curve } = await load<Page>('page.mjs');
  const rows = [
    { name: 'glyphs', task: 'Digits' },
    { name: 'sums', task: 'Sums' },
    { name: 'heat', task: 'Heat' },
  ];
  const speed = { device: 'Some device', dispatches: 12, stepsPerSecond: 1234.5 };
  const points: [number, number][] = [
    [5, 2],
    [10, 1],
  ];
  const result = { parameters: 1000, steps: 10, curve: points };
  const text = page(
    rows,
    {
      glyphs: { ...result, speeds: { cpu: speed, gpu: { ...speed, device: 'Another' } } },
      sums: { ...result, text: '1+1=2\n', speeds: { cpu: speed } },
    },
    () => 30,
  );
  expect(text).toContain('- `cpu`: Some device\n- `gpu`: Another');
  expect(text).toMatch(/\| \[glyphs\].* \| Digits \| 30 \| 1,000 \| 12 \| 1,230 \| 12 \| 1,230 \| 10 \|/);
  expect(text).toMatch(/\| \[sums\].* \| Sums \| 30 \| 1,000 \| 12 \| 1,230 \| {2}\| {2}\| 10 \|/);
  expect(text).not.toContain('Heat');
  expect(text).toContain('### sums\n\n```\n1+1=2\n```');
  expect(curve(points)).toContain('points="110.0,3.0 220.0,57.0"');
});
