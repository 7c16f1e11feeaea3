/**
 * How long the main thread of a trainer's page is kept from anything else while it trains: `node bench/page-turns.mjs`.
 * In: the examples mlp, cnn and gpt, compiled; headless Chromium with SwiftShader as its WebGPU adapter. Out: for 100 steps
 * of each the longest time between two turns of the page's event loop, from the click on, and the longest time that a task
 * of the page had a processor: where other programs use the machine, the first says more of them. `--repeat N`: runs of each; `--only mlp`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { serveFolder } from '../scripts/serve-folder.mjs';

const { values } = parseArgs({
  options: { repeat: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const PROGRAMS = { mlp: 'glyphs.net', cnn: 'glyphs-cnn.net', gpt: 'sums.net' };
const STEPS = 100;
const PLACES = [process.env.NETC_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const WAIT = { timeout: 200_000 };

/** A turn every few milliseconds; what comes later than that was kept waiting. */
const WATCHING = `
  globalThis.turns = [];
  globalThis.tasks = [];
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    turns.push(now - last);
    last = now;
  }, 4);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: 'longtask' });
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-turns-'));
const executablePath = PLACES.find((place) => place !== undefined && fs.existsSync(place));
const flags = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...flags] });
try {
  console.log(
    `${STEPS} steps on ${os.cpus().length} processors, Chromium ${browser.version()}, milliseconds`,
  );
  console.log('program  longest wait  99 % below  tasks over 50 ms  longest task  of it working  seconds');
  for (const [name, file] of Object.entries(PROGRAMS))
    if (values.only === undefined || values.only === name) await measureProgram(name, file);
} finally {
  await browser.close();
  fs.rmSync(temporary, { recursive: true, force: true });
}

async function measureProgram(name, file) {
  const folder = path.join(temporary, name);
  const main = path.join(root, 'dist/compiler/cli/main.js');
  execFileSync(process.execPath, [
    main,
    'compile',
    path.join(root, 'dsl-examples', file),
    '-o',
    folder,
    '--quiet',
  ]);
  const server = await serveFolder(folder);
  try {
    for (let run = 0; run < Number(values.repeat); run++) report(name, await measureRun(server.address));
  } finally {
    await server.close();
  }
}

async function measureRun(address) {
  const page = await browser.newPage();
  await page.addInitScript({ content: WATCHING });
  await page.goto(address);
  await page.locator('body[data-state="idle"]').waitFor(WAIT);
  await page.fill('#steps', String(STEPS));
  await page.evaluate('turns.splice(0); tasks.splice(0)');
  await browser.startTracing(page, {
    categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'],
  });
  const begin = performance.now();
  await page.click('#start');
  await page
    .locator('#state')
    .filter({ hasText: /^Done$/ })
    .waitFor(WAIT);
  const seconds = (performance.now() - begin) / 1000;
  const problem = await page.locator('#problem').textContent();
  if (problem) throw new Error(problem);
  const own = longestWork(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
  const [turns, tasks] = [await page.evaluate('turns'), await page.evaluate('tasks')];
  await page.close();
  return { turns: turns.sort((a, b) => a - b), tasks, seconds, own };
}

/** Milliseconds that the longest task of a page's main thread has had a processor. */
function longestWork(events) {
  const main = new Set(
    events.flatMap(({ name, args, pid, tid }) =>
      name === 'thread_name' && args.name === 'CrRendererMain' ? [`${pid} ${tid}`] : [],
    ),
  );
  const tasks = events.filter(({ name, pid, tid }) => /RunTask$/.test(name) && main.has(`${pid} ${tid}`));
  return tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1000), 0);
}

function report(name, { turns, tasks, seconds, own }) {
  const columns = [
    turns.at(-1).toFixed(0).padStart(12),
    turns[Math.floor(0.99 * turns.length)].toFixed(0).padStart(10),
    String(tasks.length).padStart(16),
    Math.max(0, ...tasks)
      .toFixed(0)
      .padStart(12),
    own.toFixed(0).padStart(13),
    seconds.toFixed(1).padStart(7),
  ];
  console.log(`${name.padEnd(7)}  ${columns.join('  ')}`);
}
