/**
 * Bundles what `netc compile` puts into every trainer, into dist/trainer/: the runtime as one module without any
 * import, minified, the same as a script whose parts a single file can name, and the page with its style and script
 * in it. The runtime of predictors, which is a part of that, goes into dist/predictor/. Run by `npm run build`.
 */
import fs from 'node:fs';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Modules of Node are asked for where they are used. Imports would stand at the top of the bundle, where a browser
 * could not load them. `process.getBuiltinModule` is part of Node 20.16 and later.
 */
const nodeModules = {
  name: 'node-modules',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node-module' }));
    plugin.onLoad({ filter: /.*/, namespace: 'node-module' }, ({ path }) => ({
      contents: `module.exports = globalThis.process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  target: 'es2022',
  platform: 'neutral',
  charset: 'utf8',
  legalComments: 'none',
  plugins: [nodeModules],
  logLevel: 'warning',
};

/** Each as a module and as a script that binds `runtime`. */
await Promise.all(
  ['trainer', 'predictor'].flatMap((kind) => {
    const entryPoints = [`runtime/${kind}/entry.ts`];
    const script = { format: 'iife', globalName: 'runtime' };
    return [
      build({ ...common, entryPoints, outfile: `dist/${kind}/runtime.mjs`, format: 'esm' }),
      build({ ...common, entryPoints, outfile: `dist/${kind}/runtime.js`, ...script }),
    ];
  }),
);

/** The page's parts, minified, in the places its markup has for them. */
const pageFolder = `${root}runtime/browser/page`;
const [script, style] = await Promise.all(
  ['page.ts', 'style.css'].map(async (name) => {
    const entryPoints = [`${pageFolder}/${name}`];
    const { outputFiles } = await build({ ...common, entryPoints, write: false, format: 'iife' });
    // A text of the script must not end its element.
    return outputFiles[0].text.trim().replaceAll('</', '<\\/');
  }),
);
const page = Object.entries({ '/* script */': script, '/* style */': style }).reduce(
  (text, [marker, part]) => {
    const pieces = text.split(marker);
    if (pieces.length !== 2)
      throw new Error(`${pageFolder}/index.html has ${marker} ${pieces.length - 1} times, not once`);
    return pieces.join(part);
  },
  fs.readFileSync(`${pageFolder}/index.html`, 'utf8'),
);
fs.writeFileSync(`${root}dist/trainer/index.html`, page);
