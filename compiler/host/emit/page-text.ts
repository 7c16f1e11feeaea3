/** `index.html` of a trainer. In: the bundled page, the trainer's own words, its module where all is one file. */
import { escape } from '../markup.ts';

const PAGE_SCRIPT = '<script type="module">';

export function pageText(page: string, program: string, header: readonly string[], module?: string): string {
  const words: Readonly<Record<string, string>> = {
    program: escape(program),
    // Two hyphens may end a comment.
    header: header.map((line) => escape(line).replace(/-(?=-)/g, '- ')).join('\n     '),
  };
  const text = page.replace(/\{\{(program|header)\}\}/g, (_, word: string) => words[word] ?? '');
  if (module === undefined) return text;
  const inlined = `<script type="text/plain" id="trainer">\n${asScript(module)}</script>\n    `;
  const [before, after, ...more] = text.split(PAGE_SCRIPT);
  if (after === undefined || more.length > 0) throw new Error('internal: the page has not one script');
  return `${before}${inlined}${PAGE_SCRIPT}${after}`;
}

/**
 * A module as the text of a script element: nothing in it ends the element, or makes its end be passed over, as `<!--` and
 * `<script` together do. These stand in strings and comments alone, where `\\x3C` is the same.
 */
const asScript = (module: string): string => module.replace(/<(?=!--|\/script)/gi, '\\x3C');
