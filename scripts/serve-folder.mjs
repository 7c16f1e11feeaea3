/**
 * A server of files, as any static one. In: a folder. Out: its address. `isolated`: the page may share memory among
 * threads, as the two headers ask that every page of other origins be kept away.
 */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** `port` 0 takes any that is free. Serves this machine alone. */
export async function serveFolder(folder, { port = 0, isolated = false } = {}) {
  const top = path.resolve(folder);
  const server = http.createServer((request, response) => {
    const file = fileOf(top, request.url ?? '/');
    if (file === undefined) return response.writeHead(404).end();
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, ...(isolated ? ISOLATION : {}) });
    fs.createReadStream(file).pipe(response);
  });
  await new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, 'localhost', resolve);
  });
  return {
    address: `http://localhost:${server.address().port}/`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** The file that an address means; undefined where there is none below the folder. */
function fileOf(top, url) {
  try {
    const { pathname } = new URL(url, 'http://localhost');
    const file = path.join(top, pathname === '/' ? 'index.html' : decodeURIComponent(pathname));
    return file.startsWith(`${top}${path.sep}`) && fs.statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
