/**
 * A layout in the making, after Wadler's "A prettier printer". In: texts and the places where a line may break.
 * Out: a `Document`, which print-document.ts fits to a width. Holds: a group is printed on one line where that fits
 * and all its own lines break otherwise; a comment ends its line, so nothing but a line break comes after it.
 */

export type Document =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'concat'; readonly parts: readonly Document[] }
  | { readonly kind: 'indent'; readonly content: Document }
  | { readonly kind: 'group'; readonly content: Document }
  /** A line break where the group around it is broken, else `flat`. */
  | { readonly kind: 'line'; readonly flat: string }
  /** A line break in any case; none more at the start of a line. `blank`: an empty line before it. */
  | { readonly kind: 'fresh'; readonly blank: boolean }
  /** Comments behind the code of their line, the second below the first. */
  | { readonly kind: 'comments'; readonly texts: readonly string[] }
  /** Only where the group around it is broken. */
  | { readonly kind: 'broken'; readonly text: string }
  /** On the next line where it is whole there and not here; else here. */
  | { readonly kind: 'fluid'; readonly content: Document };

export const LINE: Document = { kind: 'line', flat: ' ' };
export const SOFT_LINE: Document = { kind: 'line', flat: '' };
export const FRESH_LINE: Document = { kind: 'fresh', blank: false };
export const BLANK_LINE: Document = { kind: 'fresh', blank: true };
export const SPACE: Document = { kind: 'text', text: ' ' };
export const NOTHING: Document = { kind: 'concat', parts: [] };

export const text = (value: string): Document => ({ kind: 'text', text: value });
export const concat = (...parts: readonly Document[]): Document => ({ kind: 'concat', parts });
export const group = (...parts: readonly Document[]): Document => ({
  kind: 'group',
  content: concat(...parts),
});
export const indent = (...parts: readonly Document[]): Document => ({
  kind: 'indent',
  content: concat(...parts),
});
export const fluid = (content: Document): Document => ({ kind: 'fluid', content });
export const whereBroken = (value: string): Document => ({ kind: 'broken', text: value });

export const comments = (texts: readonly string[]): Document =>
  texts.length === 0 ? NOTHING : { kind: 'comments', texts };

/** The documents with `separator` between each two. */
export function join(separator: Document, documents: readonly Document[]): Document {
  return concat(
    ...documents.flatMap((document, index) => (index === 0 ? [document] : [separator, document])),
  );
}
