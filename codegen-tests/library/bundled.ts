/**
 * netc as others take it: by the names of package.json, bundled by esbuild. In: a module's text. Out: the bundle, and
 * which files are in it. `exports` name what a build makes; here each stands for the source that it is made from.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Export {
  types: string;
  default: string;
}

const { exports } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, Export>;
};

/** The built file that a name of the package leads to; undefined where `exports` has none. */
export function exported(name: string): Export | undefined {
  const wanted = `.${name.slice('netc'.length)}`;
  for (const [pattern, target] of Object.entries(exports)) {
    const [before = '', after] = pattern.split('*');
    if (after === undefined ? wanted !== pattern : !wanted.startsWith(before)) continue;
    const star = wanted.slice(before.length);
    const fill = (text: string): string => text.replace('*', star);
    return { types: fill(target.types), default: fill(target.default) };
  }
  return undefined;
}

/** The bundled runtime is its own source: the tests' setup has made it. */
export const sourceOf = (built: string): string =>
  path.join(
    ROOT,
    built.endsWith('.mjs') ? built : built.replace('./dist/', '').replace(/(\.d)?\.[jt]s$/, '.ts'),
  );

const fromSources: Plugin = {
  name: 'netc-from-sources',
  setup(plugin) {
    plugin.onResolve({ filter: /^netc(\/|$)/ }, ({ path: name }) => {
      const target = exported(name);
      return target ? { path: sourceOf(target.default) } : { errors: [{ text: `no export ${name}` }] };
    });
  },
};

export interface Bundle {
  text: string;
  /** Paths from the project's root. */
  inputs: string[];
}

/** Bundles a module for browsers; whatever needs Node or a package that is not bundled is an error of esbuild. */
export async function bundleForBrowser(module: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: module, resolveDir: ROOT, loader: 'ts' },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    plugins: [fromSources],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
}
