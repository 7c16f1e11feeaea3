/**
 * Bundles what `netc compile` puts into every trainer, into dist/trainer/: the runtime as one module without any
 * import, minified, the same as a script whose parts a single file can name, and the page with its style and script
 * in it. The runtime of predictors, which is a part of that, goes into dist/predictor/. Run by `npm run build`.
 */
import fs from 'node:fs';
import { build } from 'esbuild';
import { putOnce, root, scriptOptions, styleOptions, trainingPage, withPanel } from './bundling.mjs';

/** Each as a module and as a script that binds `runtime`. */
await Promise.all(
  ['trainer', 'predictor'].flatMap((kind) => {
    const entryPoints = [`runtime/${kind}/entry.ts`];
    const script = { format: 'iife', globalName: 'runtime' };
    return [
      build({ ...scriptOptions, entryPoints, outfile: `dist/${kind}/runtime.mjs`, format: 'esm' }),
      build({ ...scriptOptions, entryPoints, outfile: `dist/${kind}/runtime.js`, ...script }),
    ];
  }),
);

/** The page's parts, minified, in the places its markup has for them. */
async function part(name, options) {
  const { outputFiles } = await build({ ...options, entryPoints: [`${trainingPage}/${name}`], write: false });
  return outputFiles[0].text.trim();
}
const [script, style] = await Promise.all([
  part('page.ts', { ...scriptOptions, format: 'iife' }),
  part('style.css', styleOptions),
]);
const markup = withPanel(fs.readFileSync(`${trainingPage}/index.html`, 'utf8'));
// A text of the script must not end its element.
const scripted = putOnce(markup, '/* script */', script.replaceAll('</', '<\\/'));
fs.writeFileSync(`${root}dist/trainer/index.html`, putOnce(scripted, '/* style */', style));
