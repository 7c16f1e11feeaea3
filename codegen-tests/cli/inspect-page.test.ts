/** The page of `inspect -o`: whole, escaped, with links that lead somewhere; and how its pictures are laid out. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layOut } from '../../compiler/inspect-page/layered-layout.ts';
import { html } from '../../compiler/host/markup.ts';
import { inspectPage } from '../../compiler/inspect-page/page.ts';
import { SCRIPT } from '../../compiler/inspect-page/script.ts';
import { STYLE } from '../../compiler/inspect-page/style.ts';
import { twoColumns } from '../../compiler/inspect-page/two-columns.ts';
import { compile, type Compilation } from '../../compiler/index.ts';
import { netc } from './recording-host.ts';
import { PROGRAM } from './sample-program.ts';

const HOSTILE = '# </script><script>alert(1)</script> <img src=x onerror="alert(2)"> & \'quoted\'';
const source = { file: 'a<b>&"c.net', text: `${HOSTILE}\n${PROGRAM}` };

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, found = '']) => found);

/** Elements of HTML that have no end. */
const ENDLESS = new Set(['meta', 'input']);

/** Ends that fit no beginning, and beginnings without an end. */
function unbalanced(page: string): string[] {
  const wrong: string[] = [];
  const open: string[] = [];
  const plain = page.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '');
  for (const [, end, name = '', itself] of plain.matchAll(/<(\/?)([a-z0-9]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (itself || ENDLESS.has(name)) continue;
    if (!end) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the page', () => {
  let compilation: Compilation;
  let page = '';

  beforeAll(() => {
    compilation = compile(source);
    page = inspectPage(source, compilation);
  });

  it('escapes whatever the program says', () => {
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
    expect(page).toContain('a&lt;b&gt;&amp;&quot;c.net');
    expect(all(page, /<(script)/g)).toHaveLength(1);
    expect(unbalanced(page)).toEqual([]);
  });

  it('needs no other file', () => {
    expect(page.includes('default-src &#39;none&#39;')).toBe(true);
    const active = [...all(page, /(<[^>]*>)/g), STYLE, SCRIPT].join('\n');
    expect(active.match(/\b(?:src|srcset|action)=|@import|url\(|https?:|<link|<iframe|fetch\(/g)).toBe(null);
    for (const target of all(page, /href="([^"]*)"/g)) expect(target).toMatch(/^#/);
  });

  it('has links that lead somewhere, to ids that are there once', () => {
    const ids = all(page, / id="([^"]*)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [
      ...all(page, /href="#([^"]*)"/g),
      ...all(page, /data-(?:shader|filter|groups)="([^"]*)"/g),
    ];
    expect(targets.length).toBeGreaterThan(50);
    expect(targets.filter((target) => !ids.includes(target))).toEqual([]);
  });

  it('shows every line, kernel, shader, decision, tensor and stage', () => {
    const report = compilation.report();
    expect(all(page, /class="line" id="(L\d+)"/g)).toHaveLength(source.text.trimEnd().split('\n').length);
    expect(all(page, /class="row" id="(k\d+)"/g)).toEqual(report.kernels.map(({ id }) => id));
    for (const { id, wgsl } of report.kernels) expect(page.includes(html`${wgsl}`.text), id).toBe(true);
    expect(all(page, /<tr data-group="([^"]*)"/g)).toHaveLength(report.fusion.length);
    const memory = page.slice(page.indexOf('<section id="memory"'));
    expect(all(memory, /<rect\s+class="(forward|backward|update|evaluate)"/g)).toHaveLength(
      report.memory.lifetimes.length,
    );
    for (const name of ['ast', 'graph', 'backward', 'passes', 'kernels', 'plan', 'memory', 'host'] as const)
      expect(page.includes(html`${compilation.stage(name)}`.text), name).toBe(true);
  });

  it('is the same for the same program', () => {
    expect(inspectPage(source, compile(source))).toBe(page);
  });
});

describe('netc inspect -o', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-page-'));
  const file = path.join(folder, 'p.net');
  const target = path.join(folder, 'deep', 'page.html');
  beforeAll(() => fs.writeFileSync(file, PROGRAM));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it('writes the page and prints nothing else', async () => {
    const run = await netc('inspect', file, '-o', target);
    expect(run).toMatchObject({ exitCode: 0, stderr: '', stdout: `${file}: ${target}\n` });
    const page = fs.readFileSync(target, 'utf8');
    expect(page.startsWith('<!doctype html>\n') && page.endsWith('</html>\n')).toBe(true);
  });

  it.each([['--json'], ['--stage', 'wgsl']])('takes no %s', async (...flags) => {
    const run = await netc('inspect', file, '-o', path.join(folder, 'other.html'), ...flags);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('E0701');
    expect(fs.existsSync(path.join(folder, 'other.html'))).toBe(false);
  });
});

describe('a layered layout', () => {
  const box = { width: 40, height: 20 };
  const boxes = Array.from({ length: 7 }, () => box);
  const edges = [
    { from: 0, to: 1 },
    { from: 0, to: 2 },
    { from: 1, to: 3 },
    { from: 2, to: 3 },
    { from: 3, to: 4 },
    { from: 0, to: 4 },
    { from: 5, to: 4 },
  ];

  it('leads every edge down, and keeps boxes apart and inside', () => {
    const layout = layOut(boxes, edges);
    for (const points of layout.edges)
      points.slice(1).forEach((point, i) => expect(point.y).toBeGreaterThan(points[i]!.y));
    layout.boxes.forEach((a, i) => {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + box.width).toBeLessThanOrEqual(layout.width);
      expect(a.y + box.height).toBeLessThanOrEqual(layout.height);
      for (const b of layout.boxes.slice(i + 1))
        expect(Math.abs(a.x - b.x) >= box.width || Math.abs(a.y - b.y) >= box.height).toBe(true);
    });
  });

  it('puts a source right above what reads it', () => {
    const { boxes: places } = layOut(boxes, edges);
    expect(places[5]!.y).toBe(places[3]!.y);
  });

  it('has nothing to draw for nothing', () => {
    expect(layOut([], [])).toMatchObject({ width: 0, height: 0, boxes: [], edges: [] });
    expect(twoColumns([], [], () => false)).toMatchObject({ width: 0, height: 0 });
  });

  it('runs backward up beside forward', () => {
    // 0 -> 1 -> 2 forward, 3 -> 4 -> 5 backward; 3 reads the loss, 4 and 5 what 1 and 0 kept.
    const chain = [
      ...[0, 1, 3, 4].map((from) => ({ from, to: from + 1 })),
      { from: 2, to: 3 },
      { from: 1, to: 4 },
      { from: 0, to: 5 },
    ];
    const columns = twoColumns(boxes.slice(0, 6), chain, (i) => i >= 3);
    const y = columns.boxes.map((place) => place.y);
    expect(y.slice(3)).toEqual(y.slice(0, 3).toReversed());
    expect(columns.boxes[3]!.x).toBeGreaterThan(columns.boxes[2]!.x + box.width);
    expect(columns.edges.map(({ across }) => across)).toEqual([false, false, false, false, true, true, true]);
  });
});
