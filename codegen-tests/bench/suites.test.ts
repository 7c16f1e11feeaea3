/** Every suite of benchmarks runs, each of its cases once and small: what it imports is there, and what it draws is numbers. */
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Plot {
  readonly title: string;
  readonly kind: string;
  readonly unit: string;
  readonly rows: readonly { name: string; group: string; value: number }[];
}
interface Suite {
  readonly default: (options: { quick: boolean }) => Promise<Plot[]>;
}
interface Page {
  readonly reportPage: (report: { machine: string; date: string; suites: object[] }) => string;
}

const folder = new URL('../../bench/', import.meta.url);
const suites = fs.readdirSync(new URL('suites/', folder)).filter((name) => name.endsWith('.mjs'));

describe('suites of benchmarks', () => {
  test('are there', () => expect(suites.length).toBeGreaterThanOrEqual(4));

  test.each(suites)('%s runs and is drawn', async (name) => {
    const suite = (await import(new URL(`suites/${name}`, folder).href)) as Suite;
    const plots = await suite.default({ quick: true });
    expect(plots.length).toBeGreaterThan(0);
    for (const { title, rows } of plots) {
      expect(rows.length, title).toBeGreaterThan(0);
      expect(rows.filter(({ value }) => !(value > 0)), title).toEqual([]); // prettier-ignore
    }
    const { reportPage } = (await import(new URL('page.mjs', folder).href)) as Page;
    const page = reportPage({ machine: 'a machine', date: 'today', suites: [{ name, plots }] });
    for (const { title } of plots) expect(page).toContain(title);
    expect(page).not.toContain('NaN');
  });
});
