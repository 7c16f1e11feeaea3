/**
 * Chromium for tests, where the machine has one (`apt install chromium`, or NETC_TEST_CHROMIUM names it), with
 * SwiftShader as its WebGPU adapter; and a server of files, as any static one.
 */
import fs from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TestContext } from 'vitest';

const PLACES = [
  process.env['NETC_TEST_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const SOFTWARE_WEBGPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/** The browser, or a skip that says what is missing. */
export async function chromiumOrSkip(context: TestContext, webgpu: boolean): Promise<Browser> {
  const executablePath = PLACES.find((place) => place !== undefined && fs.existsSync(place));
  if (executablePath === undefined) {
    context.skip('needs Chromium: apt install chromium, or NETC_TEST_CHROMIUM=/path/to/chromium');
  }
  const args = ['--no-sandbox', ...(webgpu ? SOFTWARE_WEBGPU : ['--disable-gpu'])];
  return await chromium.launch({ executablePath, args });
}

/** Errors and warnings of the console, and errors that nobody caught, as they come. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return problems;
}

export interface FileServer {
  address: string;
  close(): Promise<void>;
}

/** Serves a folder. `isolated`: with the headers that let a page share memory among threads. */
export async function serveFolder(folder: string, isolated = false): Promise<FileServer> {
  const script = new URL('../../scripts/serve-folder.mjs', import.meta.url).href;
  const { serveFolder: serve } = (await import(/* @vite-ignore */ script)) as {
    serveFolder: (folder: string, options: { isolated: boolean }) => Promise<FileServer>;
  };
  return await serve(folder, { isolated });
}
