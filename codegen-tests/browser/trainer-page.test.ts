/** The page of a compiled trainer in Chromium: it trains, stays responsive, and its weights are Node's. */
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, test, type TestContext } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { compileInto, emptyFolder, runTrainer } from '../trainer/compiled.ts';
import { chromiumOrSkip, problemsOf, serveFolder } from './chromium.ts';
import { lossesIn, WATCHING, type Seen } from './watching.ts';
import { EXAMPLES, exampleFile, withoutSaves } from '../support/examples.ts';

const temporary = emptyFolder();
const opened: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

/** Every file of the examples' data. */
const DATA = fs
  .readdirSync(path.join(EXAMPLES, 'data'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));

interface Opened {
  page: Page;
  /** Errors on the console, and those that nobody caught. */
  problems: string[];
}

const WAIT = { timeout: 100_000 };

async function openPage(
  context: TestContext,
  folder: string,
  options: { webgpu: boolean; phone?: boolean },
): Promise<Opened> {
  const browser = await chromiumOrSkip(context, options.webgpu);
  const server = await serveFolder(folder);
  opened.push(browser, server);
  const viewport = options.phone ? { width: 375, height: 740 } : { width: 1100, height: 900 };
  const page = await browser.newPage({ viewport, colorScheme: options.phone ? 'dark' : 'light' });
  const problems = problemsOf(page);
  await page.addInitScript({ content: WATCHING });
  await page.goto(server.address);
  await stateOf(page, 'idle');
  return { page, problems };
}

const stateOf = (page: Page, state: string): Promise<unknown> =>
  page.locator(`body[data-state="${state}"]`).waitFor(WAIT);

/** A few steps are over before anybody could see them run. */
const done = (page: Page): Promise<unknown> =>
  page
    .locator('#state')
    .filter({ hasText: /^Done$/ })
    .waitFor(WAIT);

const figure = (page: Page, name: string): Promise<string | null> =>
  page.locator(`[data-name="${name}"] dd`).textContent();

describe.each(['glyphs.net', 'glyphs-cnn.net', 'sums.net'])('%s', (name) => {
  test('trains 100 steps on WebGPU in a worker: the losses of Node, no error, the page answers', async (context) => {
    const folder = await compileInto(path.join(temporary, 'gpu'), exampleFile(name));
    const { page, problems } = await openPage(context, folder, { webgpu: true });
    await page.fill('#steps', '100');
    await page.click('#start');
    await done(page);
    expect(page.workers()).toHaveLength(1);
    expect(await page.locator('#problem').isVisible()).toBe(false);
    expect(await figure(page, 'Step')).toBe('100 of 100');
    expect(await figure(page, 'Device')).toMatch(/swiftshader/i);
    expect(await page.getAttribute('#chart', 'aria-label')).toMatch(/^Loss [\d.]+ at step 100$/);
    expect(problems).toEqual([]);

    const seen = await page.evaluate<Seen[]>('seen');
    const losses = new Map(lossesIn(seen));
    expect([...losses.keys()]).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    const first = losses.get(1)!;
    const flags = ['--data', EXAMPLES, '--device', 'cpu', '--steps', '1', '--json', '--log-every', '1'];
    const [inNode] = stepsOf(eventsOf(await netc('train', withoutSaves(temporary, name), ...flags)));
    expect(Math.abs(first / (inNode!['loss'] as number) - 1)).toBeLessThan(1e-5);
    expect(losses.get(100)).toBeLessThan(0.9 * first);
    // Between two messages of one run the page came to something else.
    const during = seen.slice(
      seen.findIndex((each) => each !== 'turn'),
      seen.findLastIndex((each) => each !== 'turn'),
    );
    expect(during).toContain('turn');
  });
});

describe('without WebGPU', () => {
  test('it trains on the CPU and says so, with the losses of Node, also on a phone', async (context) => {
    const folder = await compileInto(
      path.join(temporary, 'cpu'),
      exampleFile('glyphs.net'),
      '--emit',
      'both',
    );
    const { page, problems } = await openPage(context, folder, { webgpu: false, phone: true });
    await page.setInputFiles('#choose', DATA);
    await page.fill('#steps', '30');
    // By keyboard alone.
    await page.focus('#start');
    await page.keyboard.press('Enter');
    await done(page);
    expect(await page.textContent('#note')).toMatch(/^no GPU found: running on the CPU/);
    const flags = ['--data', EXAMPLES, '--device', 'cpu', '--steps', '30', '--json', '--log-every', '1'];
    const inNode = stepsOf(eventsOf(await runTrainer(folder, ...flags))).map(({ loss }) => loss);
    const seen = await page.evaluate<Seen[]>('seen');
    expect(lossesIn(seen).map(([, loss]) => loss)).toEqual(inNode);
    expect(Number(await figure(page, 'loss'))).toBeCloseTo(inNode.at(-1) as number, 3);
    expect(problems).toEqual([]);
    const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(wide).toBe(false);
  });

  test('and without kernels for the CPU it says what to do', async (context) => {
    const folder = await compileInto(path.join(temporary, 'wgsl'), exampleFile('glyphs.net'));
    const { page } = await openPage(context, folder, { webgpu: false });
    await page.setInputFiles('#choose', DATA);
    await page.click('#start');
    await page.locator('#problem').waitFor(WAIT);
    expect(await page.textContent('#problem')).toMatch(/no kernels for the CPU[^]*--emit both/);
  });
});

describe('a run', () => {
  test('pauses, goes on, stops; its weights go on in Node, and Node’s in the page', async (context) => {
    const folder = await compileInto(
      path.join(temporary, 'runs'),
      exampleFile('glyphs.net'),
      '--emit',
      'both',
    );
    const { page } = await openPage(context, folder, { webgpu: false });
    await page.setInputFiles('#choose', DATA);
    // More than there is time for.
    await page.fill('#steps', '1000000');
    await page.click('#start');
    await stateOf(page, 'running');
    await page.click('#pause');
    await stateOf(page, 'paused');
    const step = await figure(page, 'Step');
    const downloading = page.waitForEvent('download');
    await page.click('#save');
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('glyphs.safetensors');
    const saved = path.join(temporary, 'from-page.safetensors');
    await download.saveAs(saved);
    expect(await figure(page, 'Step')).toBe(step);
    expect(await page.textContent('#pause')).toBe('Resume');
    await page.click('#pause');
    await stateOf(page, 'running');
    await page.click('#stop');
    await stateOf(page, 'idle');

    const eval1 = ['eval', exampleFile('glyphs.net'), '--weights', saved, '--data', EXAMPLES];
    const [event] = eventsOf(await netc(...eval1, '--split', 'test', '--device', 'cpu', '--json'));
    const run = path.join(temporary, 'run');
    const more = [
      '--data',
      EXAMPLES,
      '--device',
      'cpu',
      '--init',
      saved,
      '--steps',
      '300',
      '--json',
      '--out',
      run,
    ];
    const events = eventsOf(await runTrainer(folder, ...more));
    expect(events.at(-1)!['loss']).toBeLessThan(event!['loss'] as number);

    await page.setInputFiles('#weights', path.join(run, 'weights.safetensors'));
    await page.fill('#steps', '1');
    await page.click('#start');
    await done(page);
    await page.locator('#evaluations').waitFor(WAIT);
    const trained = events.filter(({ event: kind }) => kind === 'eval').at(-1)!['loss'] as number;
    const shown = await page.locator('#table tbody tr').first().locator('td').nth(2).textContent();
    expect(Math.abs(Number(shown) - trained)).toBeLessThan(0.05);
  });

  test('that lacks its data says which file, and is ready again', async (context) => {
    const folder = await compileInto(
      path.join(temporary, 'nodata'),
      exampleFile('sums.net'),
      ...['--emit', 'cpu', '--without-data'],
    );
    const { page } = await openPage(context, folder, { webgpu: false });
    await page.click('#start');
    await page.locator('#problem').waitFor(WAIT);
    expect(await page.textContent('#problem')).toBe(
      'there is no file data/sums.txt (E0401)\nChoose the file under Data, or put it beside this page.',
    );
    fs.mkdirSync(path.join(folder, 'data'));
    fs.copyFileSync(path.join(EXAMPLES, 'data/sums.txt'), path.join(folder, 'data/sums.txt'));
    await page.fill('#steps', '5');
    await page.click('#start');
    await done(page);
  });

  test('in a page that is one file needs no other', async (context) => {
    const flags = ['--emit', 'both', '--single', '--for', 'browser'];
    const folder = await compileInto(path.join(temporary, 'single'), exampleFile('glyphs.net'), ...flags);
    expect(fs.readdirSync(folder)).toEqual(['index.html']);
    const { page, problems } = await openPage(context, folder, { webgpu: false });
    await page.setInputFiles('#choose', DATA);
    await page.fill('#steps', '5');
    await page.click('#start');
    await done(page);
    expect(problems).toEqual([]);
  });
});
