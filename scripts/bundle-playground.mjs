/**
 * Bundles the playground into a folder that any static server can serve: the page, the compiler's worker, the worker
 * that trains, the examples and their data. In: the folder. Out: the same bytes for the same sources.
 */
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { root, scriptOptions, styleOptions, withPanel } from './bundling.mjs';

const source = `${root}compiler/playground`;
const examples = `${root}dsl-examples`;

/** Writes the playground into `folder`, which is emptied first. */
export async function bundlePlayground(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const { SCRIPT } = await load('compiler/inspect-page/script.ts');
  const { PALETTE, SECTIONS_STYLE, TIP_STYLE } = await load('compiler/inspect-page/style.ts');
  const { version } = JSON.parse(fs.readFileSync(`${root}package.json`, 'utf8'));
  await build({
    ...scriptOptions,
    entryPoints: {
      page: `${source}/page/page.ts`,
      'compile-worker': `${source}/compile-worker.ts`,
      'training-worker': `${source}/training-worker.ts`,
    },
    outdir: folder,
    format: 'esm',
    splitting: true,
    // What browsers take of the packages; `neutral` knows no fields.
    mainFields: ['module', 'main'],
    define: {
      NETC_VERSION: JSON.stringify(version),
      NETC_EXAMPLES: JSON.stringify(programs()),
    },
  });
  const style = [
    PALETTE,
    TIP_STYLE,
    `.inspect {${SECTIONS_STYLE}}`,
    ...['runtime/browser/page/panel.css', 'compiler/playground/page/style.css'].map((name) =>
      fs.readFileSync(root + name, 'utf8'),
    ),
  ].join('\n');
  const { outputFiles } = await build({
    ...styleOptions,
    stdin: { contents: style, loader: 'css' },
    write: false,
  });
  write('style.css', outputFiles[0].text);
  write('inspect.js', SCRIPT);
  write('index.html', withPanel(fs.readFileSync(`${source}/page/index.html`, 'utf8')));
  fs.cpSync(`${examples}/data`, path.join(folder, 'data'), { recursive: true });

  function write(name, text) {
    fs.writeFileSync(path.join(folder, name), text);
  }
}

/** The programs of dsl-examples, by the name of their file. */
const programs = () =>
  fs
    .readdirSync(examples)
    .filter((name) => name.endsWith('.net'))
    .sort()
    .map((file) => ({ file, text: fs.readFileSync(`${examples}/${file}`, 'utf8') }));

/** What a module of the compiler exports; it may be TypeScript. */
async function load(name) {
  const { outputFiles } = await build({
    ...scriptOptions,
    minify: false,
    format: 'esm',
    entryPoints: [root + name],
    write: false,
  });
  return await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}
