/** The program with its line numbers, each line with the kernels that compute what stands on it. */
import { html, type Markup } from '../host/markup.ts';
import { section, type PageParts } from './parts.ts';

/** Kernels named beside a line; further ones are counted. */
const NAMED = 6;

export function source({ file, text, report }: PageParts): Markup {
  const kernels = new Map<number, string[]>();
  for (const kernel of report.kernels) {
    if (kernel.phase === 'evaluate') continue;
    const lines = kernel.source.filter((place) => place.file === file).map(({ line }) => line);
    for (const line of new Set(lines)) kernels.set(line, [...(kernels.get(line) ?? []), kernel.id]);
  }
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n/);
  if (lines.at(-1) === '') lines.pop();
  const shown = lines.map((content, i) => {
    const line = i + 1;
    const ids = kernels.get(line) ?? [];
    const links = ids.slice(0, NAMED).map((id) => html`<a href="#${id}">${id}</a> `);
    const rest = ids.length > NAMED ? `+${ids.length - NAMED}` : '';
    return html`<div class="line" id="L${line}">
      <a class="number" href="#L${line}">${line}</a><code>${content}</code
      ><span class="ids">${links}${rest}</span>
    </div>`;
  });
  return section(
    'source',
    'Source',
    html`<p class="note">Beside a line: the kernels of a training step that compute what it says.</p>
      <div class="source scroll">${shown}</div>`,
  );
}
