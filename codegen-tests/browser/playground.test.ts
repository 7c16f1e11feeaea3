/** The playground in Chromium: it compiles what is typed, says what is wrong and where, trains, and is shared. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';
import { EXAMPLES, exampleFile, withoutSaves } from '../support/examples.ts';
import { emptyFolder, filesOf } from '../trainer/compiled.ts';
import { chromiumOrSkip, problemsOf, serveFolder } from './chromium.ts';
import { lossesIn, WATCHING, type Seen } from './watching.ts';

const temporary = emptyFolder();
const folder = path.join(temporary, 'playground');
const opened: { close(): Promise<void> }[] = [];

async function bundle(target: string): Promise<void> {
  const script = new URL('../../scripts/bundle-playground.mjs', import.meta.url).href;
  const { bundlePlayground } = (await import(/* @vite-ignore */ script)) as {
    bundlePlayground: (folder: string) => Promise<void>;
  };
  await bundlePlayground(target);
}

beforeAll(() => bundle(folder));
afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

const WAIT = { timeout: 100_000 };

interface Opened {
  page: Page;
  /** Errors and warnings of the console, what nobody caught, and addresses of others that were asked. */
  problems: string[];
  address: string;
}

interface Wishes {
  webgpu?: boolean;
  phone?: boolean;
  hash?: string;
  isolated?: boolean;
}

async function open(context: TestContext, wishes: Wishes = {}): Promise<Opened> {
  const browser = await chromiumOrSkip(context, wishes.webgpu ?? false);
  const server = await serveFolder(folder, wishes.isolated);
  opened.push(browser, server);
  const viewport = wishes.phone ? { width: 375, height: 740 } : { width: 1300, height: 900 };
  const page = await browser.newPage({ viewport, colorScheme: wishes.phone ? 'dark' : 'light' });
  const problems = problemsOf(page);
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(server.address) && !/^(data|blob):/.test(url)) problems.push(`asked for ${url}`);
  });
  await page.addInitScript({ content: WATCHING });
  await page.goto(`${server.address}${wishes.hash ?? ''}`);
  await compiled(page);
  return { page, problems, address: server.address };
}

const compiled = (page: Page): Promise<unknown> => page.locator('body[data-compiler="done"]').waitFor(WAIT);

/** Types over all that is there. */
async function write(page: Page, text: string): Promise<void> {
  await page.click('.cm-content');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
  await compiled(page);
}

const view = (page: Page, name: string): Promise<void> => page.click(`[role=tab][data-view=${name}]`);
const textOf = async (page: Page): Promise<string> =>
  (await page.locator('.cm-line').allTextContents()).join('\n');
const figure = (page: Page, name: string): Promise<string | null> =>
  page.locator(`[data-name="${name}"] dd`).textContent();
const stateOf = (page: Page, state: string): Promise<unknown> =>
  page.locator(`body[data-state="${state}"]`).waitFor(WAIT);
const done = (page: Page): Promise<unknown> =>
  page
    .locator('#state')
    .filter({ hasText: /^Done$/ })
    .waitFor(WAIT);

/** Points at a name until its meaning shows: an update of the editor, as when a compilation ends, takes it away again. */
async function explained(page: Page, name: Locator, meaning: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.mouse.move(0, 0);
        await name.hover();
        await page.waitForTimeout(1_000);
        return page.locator('.meaning').allTextContents();
      },
      { timeout: WAIT.timeout },
    )
    .toContainEqual(expect.stringContaining(meaning));
}

const MODEL = 'model m: x[B, 4] -> y[B, 2] {\n  return x -> dense(3) -> relu -> dense(2)\n}\n';

describe('the folder', () => {
  test('is the same for the same sources, and its scripts stay below 500 kB as they are sent', async () => {
    const again = path.join(temporary, 'again');
    await bundle(again);
    expect(filesOf(again)).toEqual(filesOf(folder));
    const scripts = [...filesOf(folder)].filter(([name]) => name.endsWith('.js'));
    const packed = scripts.reduce((sum, [, bytes]) => sum + gzipSync(bytes).length, 0);
    expect(packed).toBeLessThan(500_000);
  });
});

describe('a program', () => {
  test('is compiled as it is typed; graph, kernels, memory and shaders show it', async (context) => {
    const { page, problems } = await open(context);
    expect(await page.textContent('#status')).toContain('101,770 parameters');
    await page.locator('#view-graph svg.graph').first().waitFor(WAIT);
    await write(page, MODEL);
    expect(await page.textContent('#status')).toContain('23 parameters');
    await page.locator('#view-graph', { hasText: '23' }).waitFor(WAIT);
    await view(page, 'kernels');
    const first = page.locator('#kernel-rows .row').first();
    await first.locator('summary').click();
    await first.locator('pre', { hasText: '@compute' }).waitFor(WAIT);
    // A source line of a kernel leads into the program.
    await first.locator('summary a').first().click();
    expect(await page.locator('.cm-activeLine').innerText()).toBe(
      '  return x -> dense(3) -> relu -> dense(2)',
    );
    expect(await first.getAttribute('class')).toBe('row here');
    await view(page, 'memory');
    await page.locator('#view-memory svg.memory rect.evaluate').first().waitFor(WAIT);
    await view(page, 'wgsl');
    await page.locator('#shader-0', { hasText: '@compute' }).waitFor(WAIT);
    await view(page, 'stages');
    await page.click('#stage-backward summary');
    expect(await page.locator('#stage-backward pre').innerText()).toContain('result y');
    expect(await page.locator('#train').isDisabled()).toBe(true);
    expect(problems).toEqual([]);
  });

  test('with errors has them in a list and in its text; a click leads to the place', async (context) => {
    const { page, problems } = await open(context);
    await write(page, MODEL.replace('relu', 'rleu'));
    expect(await page.textContent('#status')).toBe('1 error');
    expect(await page.textContent('#problem-count')).toBe('1');
    expect(await page.locator('.cm-lintRange-error').innerText()).toBe('rleu');
    await page.click('#status');
    const problem = page.locator('#view-problems li');
    expect(await problem.innerText()).toMatch(
      /^E0205 unknown layer or function `rleu`\s+line 2, column 27\s+.*did you mean `relu`\?/,
    );
    await problem.locator('button').first().click();
    expect(await page.locator('.cm-activeLine').innerText()).toContain('rleu');
    await page.keyboard.insertText('x -> ');
    await compiled(page);
    await write(page, MODEL);
    expect(await page.textContent('#view-problems')).toBe('No errors, no warnings.');
    expect(problems).toEqual([]);
  });

  test('is laid out, completed and explained', async (context) => {
    const { page } = await open(context);
    await write(page, 'fn  f( x )=x*2');
    await page.click('#format');
    await page.locator('.cm-line', { hasText: /^fn f\(x\) = x \* 2$/ }).waitFor(WAIT);
    await page.click('.cm-content');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('fn g(x) = layern');
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'layernorm' }).waitFor(WAIT);
    // The editor ignores Enter just after its list has opened, or opened anew; a click it takes at any time.
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'layernorm' }).click();
    await page.locator('.cm-line', { hasText: 'fn g(x) = layernorm' }).waitFor(WAIT);
    await write(page, MODEL);
    await explained(page, page.locator('.tok-function', { hasText: 'relu' }), 'relu(x)');
  });

  test('may use an example', async (context) => {
    const { page, problems } = await open(context, { hash: '#example=flowers.net' });
    await write(
      page,
      'use "glyphs.net"\nmodel twice: image[B, 784] -> logits[B, 10] {\n  return 2 * net(image)\n}\n',
    );
    expect(await page.textContent('#status')).toContain('101,770 parameters');
    expect(problems).toEqual([]);
  });

  test('that takes long is given up for a newer one', async (context) => {
    const { page } = await open(context);
    const long =
      'model m: x[B, 8] -> y[B, 8] {\n  repeat 100_000 { x = x -> dense(8) -> relu }\n  return x\n}\n';
    await page.click('.cm-content');
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(long);
    await page.waitForTimeout(500);
    await write(page, MODEL);
    expect(await page.textContent('#status')).toContain('23 parameters');
  });
});

describe('the room', () => {
  test('between the program and its views is divided by keys', async (context) => {
    const { page } = await open(context);
    const width = async (): Promise<number> => (await page.locator('#program').boundingBox())!.width;
    const before = await width();
    await page.focus('#divider');
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
    expect(await width()).toBeGreaterThan(before + 100);
    for (let i = 0; i < 50; i++) await page.keyboard.press('ArrowLeft');
    expect(await page.getAttribute('#divider', 'aria-valuenow')).toBe('20');
  });
});

describe('an address', () => {
  test('holds the program: opened again it is the same', async (context) => {
    const { page, address } = await open(context, { hash: '#example=flowers.net' });
    expect(await textOf(page)).toContain('data flowers');
    await write(page, `# Größer als ½ → "ok"\n${MODEL}`);
    await page.waitForURL(/#file=flowers\.net&code=[\w-]+$/);
    const shared = page.url();
    await page.goto(`${address}#example=sums.net`);
    await page.locator('.cm-line', { hasText: 'data sums' }).waitFor(WAIT);
    const other = await page.context().browser()!.newPage();
    await other.goto(shared);
    await compiled(other);
    expect(await textOf(other)).toBe(`# Größer als ½ → "ok"\n${MODEL}`);
    expect(await other.textContent('#status')).toContain('23 parameters');
  });

  test('that is cut off says so, and an example is there', async (context) => {
    const { page, problems } = await open(context, { hash: '#code=jVPbbtww' });
    expect(await page.textContent('#failure')).toBe(
      'The address holds no whole program: it may have been cut off.',
    );
    expect(await textOf(page)).toContain('data glyphs');
    expect(problems).toEqual([]);
  });
});

describe('training', () => {
  test('an example on WebGPU: the loss falls, without an error', async (context) => {
    const { page, problems } = await open(context, { webgpu: true, hash: '#example=glyphs-cnn.net' });
    await view(page, 'train');
    await page.selectOption('#device', 'gpu');
    await page.fill('#steps', '40');
    await page.click('#train');
    await done(page);
    expect(await figure(page, 'Step')).toBe('40 of 40');
    expect(await figure(page, 'Device')).toMatch(/swiftshader/i);
    const losses = new Map(lossesIn(await page.evaluate<Seen[]>('seen')));
    expect(losses.size).toBe(40);
    expect(losses.get(40)).toBeLessThan(0.9 * losses.get(1)!);
    expect(await page.getAttribute('#chart', 'aria-label')).toMatch(/^Loss [\d.]+ at step 40$/);
    expect(problems).toEqual([]);
  });

  test('on the CPU has the losses of `netc train`; by keyboard, on a phone', async (context) => {
    const { page, problems } = await open(context, { phone: true, isolated: true });
    const wide = (): Promise<unknown> => page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(await wide()).toBe(false);
    await page.focus('[role=tab][data-view=program]');
    await page.keyboard.press('ArrowLeft');
    await page.fill('#steps', '30');
    await page.keyboard.press('Control+Enter');
    await done(page);
    expect(await page.textContent('#note')).toMatch(/^no GPU found: running on the CPU/);
    const flags = ['--data', EXAMPLES, '--device', 'cpu', '--steps', '30', '--json', '--log-every', '1'];
    const run = await netc('train', withoutSaves(temporary, 'glyphs.net'), ...flags);
    const inNode = stepsOf(eventsOf(run)).map(({ loss }) => loss);
    const here = lossesIn(await page.evaluate<Seen[]>('seen')).map(([, loss]) => loss);
    expect(here).toEqual(inNode);
    expect(await wide()).toBe(false);
    expect(problems).toEqual([]);
  });

  test('goes on while the program changes; pauses, stops; the next run has the new program', async (context) => {
    const { page, problems } = await open(context, { hash: '#example=flowers.net' });
    const text = await textOf(page);
    await write(page, text.replace('epochs = 30', 'epochs = 100000'));
    await page.click('#train');
    await stateOf(page, 'running');
    await page.click('#pause');
    await stateOf(page, 'paused');
    await write(page, text.replace('relu', 'rleu'));
    expect(await page.locator('#train').isDisabled()).toBe(true);
    await page.click('#pause');
    await stateOf(page, 'running');
    await page.click('#stop');
    await page.locator('#state', { hasText: 'Stopped' }).waitFor(WAIT);
    expect(await page.locator('#start').isDisabled()).toBe(true);
    await write(page, text.replace('epochs = 30', 'steps = 7'));
    await page.click('#train');
    await done(page);
    expect(await figure(page, 'Step')).toBe('7 of 7');
    expect(problems).toEqual([]);
  });

  test('takes files of the user, and says which are missing', async (context) => {
    const { page } = await open(context, { hash: '#example=flowers.net' });
    await write(page, (await textOf(page)).replace('data/flowers.csv', 'mine/own.csv'));
    await page.click('#train');
    await page.locator('#problem').waitFor(WAIT);
    expect(await page.textContent('#problem')).toContain('there is no file mine/own.csv (E0401)');
    const own = path.join(temporary, 'own.csv');
    fs.copyFileSync(exampleFile('data/flowers.csv'), own);
    await page.setInputFiles('#choose', own);
    await page.fill('#steps', '5');
    await page.click('#train');
    await done(page);
  });
});
