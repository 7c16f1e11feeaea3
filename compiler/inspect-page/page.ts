/**
 * `inspect -o page.html`: all that the compiler makes of a program as one page. In: the program and its
 * compilation. Out: HTML that needs no other file and no network, the same bytes for the same program.
 */
import type { Compilation, SourceText } from '../index.ts';
import { fusion } from './fusion.ts';
import { graphs } from './graphs.ts';
import { kernels } from './kernels.ts';
import { html, Markup } from '../host/markup.ts';
import { memoryPicture } from './memory-picture.ts';
import { pageParts } from './parts.ts';
import { SCRIPT } from './script.ts';
import { source } from './source.ts';
import { stages } from './stages.ts';
import { STYLE } from './style.ts';
import { summary } from './summary.ts';

const SECTIONS = ['summary', 'source', 'graph', 'kernels', 'fusion', 'memory', 'stages'];

/** Nothing is fetched: what is not on the page does not load. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

export function inspectPage({ file, text }: SourceText, compilation: Compilation): string {
  const parts = pageParts(file, text, compilation);
  const sections = [summary, source, graphs, kernels, fusion, memoryPicture, stages];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${parts.report.program} - netc</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${parts.report.program}</h1>
          <p class="note">${file}</p>
        </header>
        <nav>${SECTIONS.map((name) => html`<a href="#${name}">${name}</a>`)}</nav>
        <main>${sections.map((each) => html`${each(parts)} `)}</main>
        <div id="tip" hidden></div>
        <script>
          ${new Markup(SCRIPT)};
        </script>
      </body>
    </html> `;
  return `${page.text.trimEnd()}\n`;
}
