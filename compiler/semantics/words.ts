/** Bare words that stand for themselves as arguments: `pad = same`, `mode = nearest`. */
export const WORDS: ReadonlySet<string> = new Set([
  'same',
  'constant',
  'reflect',
  'edge',
  'nearest',
  'bilinear',
]);
