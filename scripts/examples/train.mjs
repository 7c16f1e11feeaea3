/**
 * One example, trained to its end or for its speed. In: a row of table.mjs, a device. Out: what became of it, undefined
 * where a command failed.
 */
import path from 'node:path';
import { hostOf, netc, node, programOf, ROOT, runOf, weightsOf } from './netc.mjs';

/** Points of a curve. */
const POINTS = 120;

function events({ name, data, init }, device, ...more) {
  const flags = ['--json', '--log-every', '5', '--device', device, ...more];
  if (data !== undefined) flags.push('--data', path.join(ROOT, data));
  if (init !== undefined) flags.push('--init', weightsOf(init.weights), '--init-only', init.only);
  const lines = netc('train', programOf(name), ...flags);
  const all = lines
    ?.trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return all && ((kind) => all.filter(({ event }) => event === kind));
}

const speedOf = ({ device, dispatches }, { steps, steps_per_second: stepsPerSecond }) => ({
  device,
  dispatches,
  steps,
  stepsPerSecond,
});

/** At most POINTS means of neighbouring values of [step, value]. */
function thinned(points) {
  const size = Math.ceil(points.length / POINTS);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    return [part.at(-1)[0], part.reduce((sum, [, value]) => sum + value, 0) / part.length];
  });
}

/** Trains to the end. The values that judge it are those of the last evaluation of its split, else of its last step. */
export function train(row, device) {
  const of = events(row, device, '--out', runOf(row.name));
  if (of === undefined) return undefined;
  const [start] = of('start');
  const [end] = of('end');
  const steps = of('step');
  const judged = row.split === undefined ? steps : of('eval').filter(({ split }) => split === row.split);
  // Of several blocks of steps, the first: of two networks that play against each other, the one that judges.
  const curve = steps.filter(({ name }) => name === steps[0].name).map(({ step, loss }) => [step, loss]);
  return {
    result: {
      parameters: start.parameters,
      value: judged.at(-1)?.[row.metric],
      other: judged.at(-1)?.[row.wanted?.other],
      steps: end.steps,
      curve: thinned(curve),
    },
    speed: speedOf(start, end),
  };
}

/** The speed alone, of some steps. They are taken twice: the first time, a driver may compile between them. */
export function measure(row, device, steps) {
  const run = () => events(row, device, '--steps', String(steps), '--out', runOf(row.name, 'speed'));
  const of = run() && run();
  return of && speedOf(of('start')[0], of('end')[0]);
}

/** A host program that plays, trains by how it went, and says in its lines how it went; its compiled trainer is for the CPU. */
export function play({ name, curve, figure }) {
  const folder = runOf(name, 'trainer');
  if (netc('compile', programOf(name), '-o', folder, '--emit', 'cpu') === undefined) return undefined;
  const report = JSON.parse(netc('inspect', programOf(name), '--json'));
  const told = node(hostOf(name), folder);
  if (told === undefined) return undefined;
  const points = [...told.matchAll(curve)].map(([, round, value]) => [Number(round), Number(value)]);
  return {
    result: {
      parameters: report.parameters,
      value: Number(figure.exec(told)?.[1]),
      steps: points.at(-1)[0],
      curve: points,
    },
  };
}
