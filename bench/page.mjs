/** The page of a benchmark report. In: the report. Out: one HTML text that needs nothing else, in light and dark. */
import { barPlot, colorOf, escapeText, formatFigure, linePlot } from './plots.mjs';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --dim: #5d6675; --line: #d5dae2; --page: #ffffff; --panel: #f5f7fa;
  --s0: #3566c0; --s1: #d07a1f; --s2: #2f8f63; --s3: #a2459a; --s4: #b8443c; --s5: #6b7280; --s6: #0f8b9d; --s7: #8a6d1c; --s8: #5b4bc4; --s9: #c2477f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --dim: #9aa4b4; --line: #343c4a; --page: #12161d; --panel: #1a2029;
    --s0: #7aa5f0; --s1: #f0a95a; --s2: #63c795; --s3: #d58bcd; --s4: #ec8079; --s5: #a3abba; --s6: #5cc8d8; --s7: #d2b55c; --s8: #a99df2; --s9: #f08db8; } }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 0.2rem; }
p { margin: 0.2rem 0; color: var(--dim); }
nav a { color: var(--s0); margin-right: 1rem; }
figure { margin: 0.8rem 0; padding: 0.8rem; background: var(--panel); border-radius: 6px; overflow-x: auto; }
svg { display: block; width: 100%; min-width: 34rem; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .dim { fill: var(--dim); }
svg .grid { stroke: var(--line); } svg .whisker { stroke: var(--ink); stroke-opacity: 0.55; }
.key { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; font-size: 0.85rem; margin: 0 0 0.6rem; padding: 0; list-style: none; }
.key i { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.4em; }
details { font-size: 0.85rem; } summary { cursor: pointer; color: var(--dim); }
table { border-collapse: collapse; margin-top: 0.4rem; } td, th { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; }
td:first-child, th:first-child, td:nth-child(2), th:nth-child(2) { text-align: left; }
`;

const anchor = (name) => name.replaceAll(/[^a-z0-9-]/gi, '-');

export function reportPage({ machine, date, suites }) {
  const links = suites.map(({ name }) => `<a href="#${anchor(name)}">${escapeText(name)}</a>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>netc: measured</title>
<style>${STYLE}</style>
</head>
<body>
<h1>netc: measured</h1>
<p>${escapeText(date)} UTC, ${escapeText(machine)}. Medians; a thin line goes from the smallest to the largest sample. Compare within this page only.</p>
<nav>${links}</nav>
${suites.map(suiteSection).join('\n')}
</body>
</html>
`;
}

const suiteSection = ({ name, plots }) =>
  `<section id="${anchor(name)}">\n${plots.map(plotSection).join('\n')}\n</section>`;

function plotSection(plot) {
  const there = [...new Set(plot.rows.map(({ group }) => group))];
  // Plots that belong together give a group the same colour in each.
  const groups = plot.groups ?? there;
  const key = groups
    .filter((group) => there.includes(group))
    .map((group) => `<li><i style="background: ${colorOf(group, groups)}"></i>${escapeText(group)}</li>`)
    .join('');
  const draw = { bars: barPlot, lines: linePlot }[plot.kind];
  return `<h2>${escapeText(plot.title)}</h2>
<p>${escapeText(plot.unit)}, ${plot.better} is better; ${escapeText(plot.note)}</p>
<figure>
<ul class="key">${key}</ul>
${draw(plot, groups)}
</figure>
<details><summary>figures</summary>${table(plot)}</details>`;
}

function table({ rows, unit }) {
  const cell = (value) => `<td>${value === undefined ? '' : formatFigure(value)}</td>`;
  const lines = rows.map(
    ({ name, group, value, low, high }) =>
      `<tr><td>${escapeText(name)}</td><td>${escapeText(group)}</td>${cell(value)}${cell(low)}${cell(high)}</tr>`,
  );
  return `<table><tr><th></th><th></th><th>${escapeText(unit)}</th><th>from</th><th>to</th></tr>${lines.join('')}</table>`;
}
