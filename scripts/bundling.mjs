/** What bundles for browsers share: their options, the page's panel of a run, styles that older browsers read. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

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

export const scriptOptions = {
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

/** Nested rules are written out for browsers that have WebGPU or WebAssembly SIMD and cannot nest. */
export const styleOptions = {
  ...scriptOptions,
  target: ['chrome107', 'firefox110', 'safari16.4'],
};

export const trainingPage = `${root}runtime/browser/page`;

/** A page's text with a part in the place of its marker, which stands there once. */
export function putOnce(text, marker, part) {
  const pieces = text.split(marker);
  if (pieces.length !== 2) throw new Error(`a page has ${marker} ${pieces.length - 1} times, not once`);
  return pieces.join(part);
}

/** A page's markup with the panel of a run where it says so. */
export const withPanel = (markup) =>
  putOnce(markup, '<!-- panel -->', fs.readFileSync(`${trainingPage}/panel.html`, 'utf8').trim());
