/** `index.html` of a trainer. In: the bundled page, the trainer's own words, its module where all is one file. */

export function pageText(page: string, program: string, header: readonly string[], module?: string): string {
  const words: Readonly<Record<string, string>> = {
    program: escapeText(program),
    // Two hyphens would end the comment.
    header: header.map((line) => escapeText(line).replaceAll('--', '- -')).join('\n     '),
  };
  const text = page.replace(/\{\{(program|header)\}\}/g, (_, word: string) => words[word] ?? '');
  if (module === undefined) return text;
  const inlined = `<script type="text/plain" id="trainer">\n${module.replaceAll('</script', '<\\/script')}</script>\n    `;
  return text.replace('<script type="module">', () => `${inlined}<script type="module">`);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeText = (text: string): string => text.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found);
