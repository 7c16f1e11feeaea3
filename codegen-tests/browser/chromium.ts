/**
 * Chromium for tests, where the machine has one (`apt install chromium`, or NETC_TEST_CHROMIUM names it), with
 * SwiftShader as its WebGPU adapter; and a server of files, as any static one.
 */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser } from 'playwright-core';
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

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

export interface FileServer {
  address: string;
  close(): Promise<void>;
}

/** Serves a folder; nothing is shared across origins, and no header asks for isolation. */
export async function serveFolder(folder: string): Promise<FileServer> {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(folder, pathname === '/' ? 'index.html' : decodeURIComponent(pathname));
    if (!file.startsWith(folder) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' });
    fs.createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://localhost:${port}/`, close: () => Promise.resolve(void server.close()) };
}
