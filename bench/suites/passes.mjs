// What each stage and each pass takes of a compilation, for the largest program at hand.
import fs from 'node:fs';
import path from 'node:path';
import { expandGradients } from '../../dist/compiler/autodiff/gradient.js';
import { withChosenAttention } from '../../dist/compiler/choose-attention.js';
import { profileOfClass } from '../../dist/compiler/index.js';
import { KnownBodies } from '../../dist/compiler/kernel/known-bodies.js';
import { lowerGroup } from '../../dist/compiler/kernel/lower.js';
import { layOutScans } from '../../dist/compiler/passes/lay-out-scans.js';
import { optimizeGraph, passesOf } from '../../dist/compiler/passes/pipeline.js';
import { buildSchedule } from '../../dist/compiler/schedule/build.js';
import { elaborate } from '../../dist/compiler/semantics/elaborate.js';
import { standardLibrary } from '../../dist/compiler/semantics/library.js';
import { parse } from '../../dist/compiler/syntax/parse.js';
import { asRow, measure } from '../measure.mjs';
import { EXAMPLES, SHARED_PEERS } from '../programs.mjs';

/** Schedules of a GPU: those of the other classes are made by fewer rules. */
const PROFILE = profileOfClass('large');

function program(quick) {
  const gpt = path.join(SHARED_PEERS, 'gpt.net');
  const file = fs.existsSync(gpt) && !quick ? gpt : path.join(EXAMPLES, 'glyphs-cnn.net');
  return { file: path.basename(file), text: fs.readFileSync(file, 'utf8') };
}

export default async function run({ quick = false } = {}) {
  const { file, text } = program(quick);
  const { tree } = parse(text, file);
  const options = { standardLibrary: standardLibrary() };
  const choice = { profile: PROFILE, fuse: true };
  const elaborated = elaborate(tree, options);
  const { steps, data } = withChosenAttention(elaborated, choice);
  const { train } = steps[0];
  const { batch } = data;
  const expanded = expandGradients(train);
  const laidOut = layOutScans(optimizeGraph(expanded, PROFILE));
  const scheduling = { fuse: true, profile: PROFILE, batch };
  const { graph, groups } = buildSchedule(laidOut, scheduling);
  const lower = () => {
    const bodies = new KnownBodies();
    groups.forEach((group) => lowerGroup(graph, group, { profile: PROFILE, batch }, bodies));
  };
  const before = [];
  const passes = passesOf(PROFILE.deviceClass);
  passes.reduce((current, pass) => {
    before.push(current);
    return pass.run(current);
  }, expanded);
  const stages = [
    ['parse', () => parse(text, file)],
    ['elaborate', () => elaborate(tree, options)],
    ['choose attention', () => withChosenAttention(elaborated, choice)],
    ['differentiate', () => expandGradients(train)],
    ['all passes', () => optimizeGraph(expanded, PROFILE)],
    ['schedule, fused', () => buildSchedule(laidOut, scheduling)],
    ['schedule, unfused', () => buildSchedule(laidOut, { ...scheduling, fuse: false })],
    ['lower', lower],
  ];
  const each = passes.map((pass, i) => [`${i + 1} ${pass.name}`, () => pass.run(before[i])]);
  const rowsOf = async (title, list) =>
    (
      await measure(
        title,
        list.map(([name, work]) => ({ name, group: file, run: () => void work() })),
        { quick },
      )
    ).map(asRow);
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
