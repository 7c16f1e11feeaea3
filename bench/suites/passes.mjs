// What each stage and each pass takes of a compilation, for the largest program at hand.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expandGradients } from '../../dist/compiler/autodiff/gradient.js';
import { DEFAULT_PROFILE } from '../../dist/compiler/index.js';
import { KnownBodies } from '../../dist/compiler/kernel/known-bodies.js';
import { lowerGroup } from '../../dist/compiler/kernel/lower.js';
import { layOutScans } from '../../dist/compiler/passes/lay-out-scans.js';
import { optimizeGraph, PASSES } from '../../dist/compiler/passes/pipeline.js';
import { buildSchedule } from '../../dist/compiler/schedule/build.js';
import { elaborate } from '../../dist/compiler/semantics/elaborate.js';
import { standardLibrary } from '../../dist/compiler/semantics/library.js';
import { parse } from '../../dist/compiler/syntax/parse.js';
import { measure } from '../measure.mjs';
import { SHARED_PEERS } from '../peers.mjs';

function program() {
  const gpt = path.join(SHARED_PEERS, 'netc/gpt.net');
  const own = fileURLToPath(new URL('../../dsl-examples/glyphs-cnn.net', import.meta.url));
  const file = fs.existsSync(gpt) ? gpt : own;
  return { file: path.basename(file), text: fs.readFileSync(file, 'utf8') };
}

export default async function run() {
  const { file, text } = program();
  const { tree } = parse(text, file);
  const options = { standardLibrary: standardLibrary() };
  const { steps, data } = elaborate(tree, options);
  const { train } = steps[0];
  const { batch } = data;
  const expanded = expandGradients(train);
  const laidOut = layOutScans(optimizeGraph(expanded));
  const scheduling = { fuse: true, profile: DEFAULT_PROFILE, batch };
  const { graph, groups } = buildSchedule(laidOut, scheduling);
  const lower = () => {
    const bodies = new KnownBodies();
    groups.forEach((group) => lowerGroup(graph, group, { profile: DEFAULT_PROFILE, batch }, bodies));
  };
  const before = [];
  PASSES.reduce((current, pass) => {
    before.push(current);
    return pass.run(current);
  }, expanded);
  const stages = [
    ['parse', () => parse(text, file)],
    ['elaborate', () => elaborate(tree, options)],
    ['differentiate', () => expandGradients(train)],
    ['all passes', () => optimizeGraph(expanded)],
    ['schedule, fused', () => buildSchedule(laidOut, scheduling)],
    ['schedule, unfused', () => buildSchedule(laidOut, { ...scheduling, fuse: false })],
    ['lower', lower],
  ];
  const each = PASSES.map((pass, i) => [`${i + 1} ${pass.name}`, () => pass.run(before[i])]);
  const rowsOf = async (title, list) =>
    (
      await measure(
        title,
        list.map(([name, work]) => ({ name, group: file, run: () => void work() })),
      )
    ).map(({ median, min, max, ...row }) => ({ ...row, value: median, low: min, high: max }));
  const plot = { kind: 'bars', unit: 'ms', better: 'less' };
  return [
    {
      ...plot,
      title: `Stages of a compilation of ${file}`,
      note: 'one routine, warm',
      rows: await rowsOf('stages', stages),
    },
    { ...plot, title: 'Passes over its graph', note: 'in their order', rows: await rowsOf('passes', each) },
  ];
}
