import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A stage imports only stages to its left; `diagnostics` is anyone's. */
const ORDER = [
  ['graph', 'syntax', 'std'],
  ['semantics'],
  ['autodiff'],
  ['optimizer'],
  ['passes'],
  ['schedule'],
  ['kernel'],
  ['memory'],
  ['plan'],
  ['targets'],
  ['host'],
  ['reference'],
];

/** Files that hold shared words of the language between stages, and no passes: anyone to the right may read them. */
const VOCABULARY = new Set(['compiler/kernel/profile.ts']);

function sources(folder: string): string[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(name);
    return /\.(ts|mts|mjs)$/.test(entry.name) ? [name] : [];
  });
}

/** Relative imports of a file as paths from the root; packages by name. */
function importsOf(file: string): string[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const found = [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]/g)].map(
    (m) => m[1]!,
  );
  const dynamic = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map((m) => m[1]!);
  const bare = [...text.matchAll(/(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g)].map((m) => m[1]!);
  return [...found, ...dynamic, ...bare].map((name) =>
    name.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(file), name)) : name,
  );
}

const stageOf = (file: string): string => file.split('/').slice(1, -1)[0] ?? '';
const rankOf = (stage: string): number => ORDER.findIndex((rank) => rank.includes(stage));

const compilerFiles = sources('compiler');
const runtimeFiles = sources('runtime');

describe('import rule', () => {
  it('knows every folder of the compiler', () => {
    const stages = new Set(compilerFiles.map(stageOf));
    expect([...stages].filter((s) => s !== '' && s !== 'cli' && rankOf(s) < 0)).toEqual([]);
    expect(compilerFiles.length).toBeGreaterThan(20);
  });

  it('lets a stage import only what stands to its left', () => {
    const wrong: string[] = [];
    for (const file of compilerFiles) {
      const stage = stageOf(file);
      if (stage === '' || stage === 'cli') continue;
      for (const target of importsOf(file)) {
        if (!target.startsWith('compiler/') || target === 'compiler/diagnostics.ts' || VOCABULARY.has(target))
          continue;
        const other = stageOf(target);
        if (other !== stage && rankOf(other) >= rankOf(stage)) wrong.push(`${file} imports ${target}`);
        if (other === '' || other === 'cli') wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps runtime and compiler apart but for the contract', () => {
    const wrong: string[] = [];
    for (const file of runtimeFiles)
      for (const target of importsOf(file))
        if (target.startsWith('compiler/')) wrong.push(`${file} imports ${target}`);
    for (const file of compilerFiles) {
      if (file.startsWith('compiler/cli/')) continue;
      for (const target of importsOf(file))
        if (target.startsWith('runtime/') && target !== 'runtime/plan-format.ts')
          wrong.push(`${file} imports ${target}`);
    }
    expect(wrong).toEqual([]);
  });

  it('keeps packages where they belong', () => {
    const allowed: [RegExp, (file: string) => boolean][] = [
      [/^chevrotain$/, (f) => f.startsWith('compiler/syntax/')],
      [/^protobufjs\//, (f) => f.startsWith('compiler/targets/onnx/')],
      [/^ts-morph$/, (f) => f.startsWith('compiler/host/')],
      [/^commander$/, (f) => f.startsWith('compiler/cli/')],
      [/^node:/, (f) => f.startsWith('compiler/cli/') || f.startsWith('runtime/node/')],
      [/^webgpu$/, (f) => f.startsWith('runtime/node/')],
    ];
    const wrong: string[] = [];
    for (const file of [...compilerFiles, ...runtimeFiles])
      for (const target of importsOf(file)) {
        if (target.startsWith('compiler/') || target.startsWith('runtime/') || target === 'package.json')
          continue;
        if (!allowed.some(([name, where]) => name.test(target) && where(file)))
          wrong.push(`${file} imports ${target}`);
      }
    expect(wrong).toEqual([]);
  });

  it('has no cycles', () => {
    const graph = new Map([...compilerFiles, ...runtimeFiles].map((file) => [file, importsOf(file)]));
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (state.get(file) === 'done' || !graph.has(file)) return;
      if (state.get(file) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const target of graph.get(file)!) visit(target, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of graph.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe('file size', () => {
  it('is at most 400 lines', () => {
    const files = ['compiler', 'runtime', 'codegen-tests', 'bench', 'scripts'].flatMap(sources);
    const long = files
      .filter((file) => !file.includes('.generated.'))
      .map((file) => ({ file, lines: fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});
