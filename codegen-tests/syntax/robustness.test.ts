import { expect, test } from 'vitest';
import type { Span } from '../../compiler/diagnostics.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { printAst } from '../../compiler/syntax/print-ast.ts';
import { DATA, RECURRENT } from './language-page.ts';
import { errors, short } from './support.ts';

const SAMPLE = `${DATA.replace(/ *#.*/g, '')}fn f(x, n: int = 2) = (x -> relu) ^ n
${RECURRENT.slice(0, RECURRENT.indexOf('    r ='))}  }
}
train long on d {
  step a(times = 3) {
    if training { b = (1, 2) } else if not c { b = x[:, -1] }
    minimize b
      over M, N with adam()
  }
  eval = every(1 epoch)
}
`;

/** Parses whatever text; diagnostics must be inside of it, in order, and in a user's words. */
function survives(text: string): number {
  const { tree, diagnostics } = parse(text, 'test.net');
  const wrong = diagnostics.filter(
    ({ span, message, related = [] }) =>
      /undefined|NaN|-->|Token|\[object/.test(message) ||
      ![span, ...related.map((note) => note.span)].every((place) => place && isInside(place, text)),
  );
  if (wrong.length > 0) expect(wrong, text).toEqual([]);
  const lines = diagnostics.map(({ span }) => span?.line ?? 0);
  if (lines.some((line, index) => line < (lines[index - 1] ?? 0))) expect(lines, text).toEqual([]);
  printAst(tree);
  return diagnostics.length;
}

function isInside({ line, column, endLine, endColumn }: Span, text: string): boolean {
  const lines = text.split('\n');
  const [first, last] = [lines[line - 1], lines[endLine - 1]];
  if (first === undefined || last === undefined || column < 1 || column > first.length + 1) return false;
  return endColumn <= last.length + 1 && (endLine > line || (endLine === line && endColumn >= column));
}

/** The same numbers each run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test('every prefix of a program gives at most a handful of errors', () => {
  for (let length = 0; length <= SAMPLE.length; length++) {
    const prefix = SAMPLE.slice(0, length);
    // What is cut off, and what is open.
    if (survives(prefix) > 3) expect(errors(prefix).map(short), prefix).toEqual([]);
  }
  expect(survives(SAMPLE)).toBe(0);
});

test('a program without one or a few of its tokens gives few errors', () => {
  const next = generator(20260101);
  const pieces = SAMPLE.match(/\s+|#[^\n]*|"[^"]*"|[A-Za-z_]\w*|[\d.]+(?:e-?\d+)?%?|->|==|./g) ?? [];
  let total = 0;
  for (let turn = 0; turn < 300; turn++) {
    const left = [...pieces];
    const deletions = 1 + Math.floor(next() * 3);
    for (let n = 0; n < deletions; n++) left.splice(Math.floor(next() * left.length), 1);
    const text = left.join('');
    const count = survives(text);
    if (count > 5 * deletions) expect(errors(text).map(short), text).toEqual([]);
    total += count;
  }
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(450);
});

test('noise', () => {
  const next = generator(7);
  const alphabet = [
    ...'{}()[],.:=+-*/%@^<>!&|;#"\\\n\r\t 09aZ_é…', '->', '==', '...', 'step ', 'if ', 'repeat ', 'model ', 'and ', '\r\n',
  ]; // prettier-ignore
  for (let turn = 0; turn < 300; turn++) {
    const length = Math.floor(next() * 60);
    let text = '';
    for (let n = 0; n < length; n++) text += alphabet[Math.floor(next() * alphabet.length)] ?? '';
    survives(text);
  }
});

test('what is too deep or too long is refused, not followed', () => {
  expect(errors(`let a = ${'('.repeat(300)}1${')'.repeat(300)}`).map(short)).toEqual(['E0901 1:209']);
  expect(errors(`let a = ${'('.repeat(190)}1${')'.repeat(190)}`)).toEqual([]);
  expect(errors(`let a = ${'-'.repeat(20000)}1`).map(short)).toEqual(['E0901 1:9']);
  expect(errors(`let a = 1${' + 1'.repeat(20000)}`).map(short)).toEqual(['E0901 1:9']);
  expect(errors(`let a = x${' -> f'.repeat(5000)}`)[0]?.code).toBe('E0901');
  expect(errors(`let a = x${'[0]'.repeat(5000)}`)[0]?.code).toBe('E0901');
  expect(errors(`fn f(x) { if a { }${' else if a { }'.repeat(3000)} }`)[0]?.code).toBe('E0901');
});

test('names of the host language are names', () => {
  for (const word of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
    expect(errors(`let ${word} = 3 * ${word}`)).toEqual([]);
    for (const text of [
      `${word}`,
      `${word} x`,
      `let a = 3 ${word}`,
      `data d { ${word}[B] ${word} }`,
      `${word} {`,
    ]) {
      for (const { message, help } of errors(text)) {
        expect(message).not.toContain('native code');
        expect(typeof (help ?? '')).toBe('string');
        expect(help ?? '').not.toContain('native code');
      }
    }
  }
});
