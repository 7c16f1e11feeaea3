/** The page of the examples and their curves. In: rows of table.mjs, results. Out: Markdown, SVG. */

const WIDTH = 220;
const HEIGHT = 60;

/** A curve of [step, loss] as a small picture that goes with light and dark pages. */
export function curve(points) {
  const values = points.map(([, loss]) => loss);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const last = points.at(-1)?.[0] ?? 1;
  const place = ([step, loss]) => {
    const x = (WIDTH * step) / last;
    const y = 3 + (HEIGHT - 6) * (high === low ? 0.5 : (high - loss) / (high - low));
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<title>loss, from ${short(values[0] ?? 0)} to ${short(values.at(-1) ?? 0)}</title>`,
    `<polyline fill="none" stroke="#3b82c4" stroke-width="1.5" points="${points.map(place).join(' ')}"/>`,
    '</svg>\n',
  ].join('\n');
}

/** Four digits that count. */
const short = (value) => String(Number(value.toPrecision(4)));
const count = (value) => value.toLocaleString('en');

function resultText({ metric, split, wanted }, { value, other }) {
  if (value === undefined || wanted === undefined) return '';
  const bound = wanted.other === undefined ? String(wanted.bound) : `${wanted.share} × ${short(other)}`;
  const where = split === undefined ? '' : `${split}.`;
  return `${where}${metric} ${short(value)} (${wanted.sign} ${bound})`;
}

/** `lines`: of a program, by name. */
export function page(rows, results, lines) {
  const known = rows.filter(({ name }) => results[name] !== undefined);
  const devices = [...new Set(known.flatMap(({ name }) => Object.keys(results[name].speeds)))].sort();
  const names = devices.map((device) => {
    const told = new Set(known.flatMap(({ name }) => results[name].speeds[device]?.device ?? []));
    return `- \`${device}\`: ${[...told].join('; ')}`;
  });
  const head = [
    'Example',
    'Task',
    'Lines',
    'Weights',
    ...devices.flatMap((d) => [`Dispatches, ${d}`, `Steps/s, ${d}`]),
  ];
  const table = known.map((row) => {
    const { name, task } = row;
    const result = results[name];
    const speeds = devices.flatMap((device) => {
      const speed = result.speeds[device];
      return speed === undefined
        ? ['', '']
        : [String(speed.dispatches), count(Number(speed.stepsPerSecond.toPrecision(3)))];
    });
    const cells = [
      `[${name}](../../dsl-examples/${name}.net)`,
      task,
      String(lines(name)),
      count(result.parameters),
      ...speeds,
    ];
    return [...cells, count(result.steps), resultText(row, result), `![loss](${name}.svg)`];
  });
  const columns = [...head, 'Steps', 'Result (wanted)', 'Loss'];
  const produced = known.flatMap(({ name, sheet }) => [
    ...(sheet === undefined ? [] : [`### ${name}`, '', `![drawn by ${name}](${name}.png)`, '']),
    ...(results[name].text === undefined
      ? []
      : [`### ${name}`, '', '```', results[name].text.trimEnd(), '```', '']),
  ]);
  return [
    '# Examples',
    '',
    'Written by `npm run examples`, which trains every program of dsl-examples to its end. Steps per second are those of the',
    'machine at hand, which may have done other work; results are the same on every run of a device. A program without a',
    'row was not trained yet.',
    '',
    ...names,
    '',
    ...[columns, columns.map(() => '---'), ...table].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    '[cart-pole](../../dsl-examples/cart-pole.net) is trained by a [host program](../../dsl-examples/cart-pole.mjs).',
    '',
    '## What they make',
    '',
    ...produced,
  ].join('\n');
}
