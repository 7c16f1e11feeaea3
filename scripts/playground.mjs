/** `npm run playground`: bundles the playground into out/playground/ and serves it. `-- --port N`, `-- --build` only writes it. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundlePlayground } from './bundle-playground.mjs';
import { serveFolder } from './serve-folder.mjs';

const folder = fileURLToPath(new URL('../out/playground/', import.meta.url));
const { values } = parseArgs({
  options: { port: { type: 'string', default: '8080' }, build: { type: 'boolean', default: false } },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port is a whole number up to 65535, not '${values.port}'`);
  process.exit(2);
}

execFileSync(process.execPath, [fileURLToPath(new URL('embed-standard-library.mjs', import.meta.url))]);
await bundlePlayground(folder);
for (const name of fs.readdirSync(folder).filter((each) => /\.(js|css|html)$/.test(each))) {
  console.log(
    `${String(Math.ceil(fs.statSync(path.join(folder, name)).size / 1000)).padStart(5)} kB  ${name}`,
  );
}
if (values.build) console.log(`written to ${path.relative(process.cwd(), folder)}`);
else {
  try {
    const { address } = await serveFolder(folder, { port, isolated: true });
    console.log(`the playground is at ${address} (Ctrl-C ends it)`);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    console.error(`port ${port} is taken: npm run playground -- --port 0 takes a free one`);
    process.exit(1);
  }
}
