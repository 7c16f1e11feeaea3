/** The page of the examples. In: rows of table.mjs, results. Out: Markdown. */
import { figures } from './judge.mjs';

const count = (value) => value.toLocaleString('en');

/** Dispatches of a round of the steps, and steps a second, with their number where they are not those of the training. */
function speedCells(result, device) {
  const speed = result.speeds[device];
  if (speed === undefined) return ['', ''];
  const { dispatches, steps, stepsPerSecond } = speed;
  const pace = count(Number(stepsPerSecond.toPrecision(3)));
  return [String(dispatches), steps === result.steps ? pace : `${pace} (${steps} steps)`];
}

function cells(row, result, devices, lines) {
  return [
    `[${row.name}](../../dsl-examples/${row.name}.net)`,
    row.task,
    String(lines),
    count(result.parameters),
    ...devices.flatMap((device) => speedCells(result, device)),
    count(result.steps),
    figures(row, result)
      .map(({ text }) => text)
      .join('; '),
    `![curve](${row.name}.svg)`,
  ];
}

function produced({ name, sheet }, { text }) {
  const parts = [];
  if (sheet !== undefined) parts.push(`![drawn by ${name}](${name}.png)`);
  if (text !== undefined) parts.push(['```', text.trimEnd(), '```'].join('\n'));
  return parts.length === 0 ? [] : [`### ${name}`, ...parts];
}

/** `lines`: of a program, by name. */
export function page(rows, results, lines) {
  const known = rows.filter(({ name }) => results[name] !== undefined);
  const devices = [...new Set(known.flatMap(({ name }) => Object.keys(results[name].speeds)))].sort();
  const names = devices.map((device) => {
    const told = new Set(known.flatMap(({ name }) => results[name].speeds[device]?.device ?? []));
    return `- \`${device}\`: ${[...told].join('; ')}`;
  });
  const head = ['Example', 'Task', 'Lines', 'Weights'];
  head.push(...devices.flatMap((device) => [`Dispatches, ${device}`, `Steps/s, ${device}`]));
  head.push('Steps', 'Result (wanted)', 'Curve');
  const table = known.map((row) => cells(row, results[row.name], devices, lines(row.name)));
  const left = rows.filter(({ name }) => results[name] === undefined).map(({ name }) => name);
  const outside = known.filter(({ data }) => data !== undefined).map(({ name }) => name);
  return `${[
    '# Examples',
    [
      'Written by `npm run examples`, which trains every program of dsl-examples to its end on one device, and judges it.',
      'Results are the same on every run of a device; steps per second are those of the machine at hand, which may have done',
      'other work. Where a number of steps stands behind them, so many were taken for the speed alone, twice, and the second',
      'time counts; where there are none, they were not taken yet.',
    ].join('\n'),
    names.join('\n'),
    [head, head.map(() => '---'), ...table].map((row) => `| ${row.join(' | ')} |`).join('\n'),
    ...(outside.length === 0
      ? []
      : [
          `${outside.join(', ')}: the data is not part of this project; without it their rows stay as they are.`,
        ]),
    ...(left.length === 0 ? [] : [`Not trained yet: ${left.join(', ')}.`]),
    '## What they make',
    ...known.flatMap((row) => produced(row, results[row.name])),
  ].join('\n\n')}\n`;
}
