/** Plots as SVG text; colours are those of the page. In: a plot and its groups in order. */

const WIDTH = 900;
const LABEL = 190;
const RIGHT = 90;
const BAR = 15;
const GAP = 12;

export const escapeText = (text) =>
  String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** A colour of the page, by the group's place. */
export const colorOf = (group, groups) => `var(--s${groups.indexOf(group) % COLORS})`;
const COLORS = 10;

/** Three digits that matter. */
export const formatFigure = (value) =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

/** Round numbers from 0 to at least `most`. */
function ticks(most) {
  const raw = most / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw) * power;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

const svg = (height, title, parts) =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeText(title)}">${parts.join('')}</svg>`;

/** One bar a row, side by side by name. */
export function barPlot({ title, unit, rows }, groups) {
  const names = [...new Set(rows.map(({ name }) => name))];
  const marks = ticks(Math.max(...rows.map(({ value }) => value)));
  const most = marks.at(-1);
  const x = (value) => LABEL + (Math.min(value, most) / most) * (WIDTH - LABEL - RIGHT);
  const parts = [];
  let y = 8;
  for (const name of names) {
    const mine = rows.filter((row) => row.name === name);
    const middle = y + (mine.length * BAR) / 2 + 4;
    parts.push(`<text x="${LABEL - 10}" y="${middle}" text-anchor="end">${escapeText(name)}</text>`);
    for (const { group, value, low, high } of mine) {
      const color = colorOf(group, groups);
      const tip = `${group}, ${name}: ${formatFigure(value)} ${unit}`;
      parts.push(
        `<rect x="${LABEL}" y="${y + 1}" width="${(x(value) - LABEL).toFixed(1)}" height="${BAR - 3}" rx="2" fill="${color}"><title>${escapeText(tip)}</title></rect>`,
      );
      if (low !== undefined && high !== undefined)
        parts.push(
          `<line class="whisker" x1="${x(low).toFixed(1)}" x2="${x(high).toFixed(1)}" y1="${y + BAR / 2}" y2="${y + BAR / 2}"/>`,
        );
      const end = Math.max(x(value), high === undefined ? 0 : x(high));
      parts.push(`<text x="${(end + 6).toFixed(1)}" y="${y + BAR - 4}">${formatFigure(value)}</text>`);
      y += BAR;
    }
    y += GAP;
  }
  const grid = marks.flatMap((mark) => [
    `<line class="grid" x1="${x(mark)}" x2="${x(mark)}" y1="0" y2="${y}"/>`,
    `<text class="dim" x="${x(mark)}" y="${y + 16}" text-anchor="middle">${formatFigure(mark)}</text>`,
  ]);
  return svg(y + 24, title, [...grid, ...parts]);
}

/** One line a group, by the rows' `x`. */
export function linePlot({ title, unit, axis, rows }, groups) {
  const [top, bottom, left] = [10, 300, 60];
  const across = ticks(Math.max(...rows.map((row) => row.x)));
  const up = ticks(Math.max(...rows.map(({ value }) => value)));
  const x = (value) => left + (value / across.at(-1)) * (WIDTH - left - RIGHT);
  const y = (value) => bottom - (Math.min(value, up.at(-1)) / up.at(-1)) * (bottom - top);
  const grid = [
    ...up.flatMap((mark) => [
      `<line class="grid" x1="${left}" x2="${WIDTH - RIGHT}" y1="${y(mark)}" y2="${y(mark)}"/>`,
      `<text class="dim" x="${left - 8}" y="${y(mark) + 4}" text-anchor="end">${formatFigure(mark)}</text>`,
    ]),
    ...across.map(
      (mark) =>
        `<text class="dim" x="${x(mark)}" y="${bottom + 18}" text-anchor="middle">${formatFigure(mark)}</text>`,
    ),
    `<text class="dim" x="${WIDTH - RIGHT}" y="${bottom + 36}" text-anchor="end">${escapeText(axis)}</text>`,
  ];
  const lines = groups.flatMap((group) => {
    const mine = rows.filter((row) => row.group === group).sort((a, b) => a.x - b.x);
    const color = colorOf(group, groups);
    const path = mine.map((row) => `${x(row.x).toFixed(1)},${y(row.value).toFixed(1)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...mine.map(
        (row) =>
          `<circle cx="${x(row.x).toFixed(1)}" cy="${y(row.value).toFixed(1)}" r="3.5" fill="${color}"><title>${escapeText(`${group}, ${row.name}: ${formatFigure(row.value)} ${unit}`)}</title></circle>`,
      ),
    ];
  });
  return svg(bottom + 44, title, [...grid, ...lines]);
}
