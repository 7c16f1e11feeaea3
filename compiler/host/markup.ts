/**
 * Text of HTML that is safe by its construction. In: templates of this program, values of anyone. Out: markup;
 * whatever is no markup itself is escaped, in text and in attributes alike.
 */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also replaces what HTML has no form for: control characters other than tab and line ends. */
export const escape = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!);

function textOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'object') return content.map(textOf).join('');
  return escape(String(content));
}

/** A template literal as markup: `` html`<b>${name}</b>` ``. How the template itself is indented does not count. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const text = parts.map((part, i) => {
    const own = part.replace(/\n\s+/g, '\n');
    return i < values.length ? own + textOf(values[i]) : own;
  });
  return new Markup(text.join(''));
}
