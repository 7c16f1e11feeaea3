/** The editor's colours, a line at a time, against the compiler's own reading of whole programs. */
import fs from 'node:fs';
import { StringStream } from '@codemirror/language';
import { describe, expect, test } from 'vitest';
import { netLanguage } from '../../compiler/playground/page/highlight.ts';
import { balanceBrackets } from '../../compiler/syntax/brackets.ts';
import { markKeywords } from '../../compiler/syntax/keywords.ts';
import { layOut } from '../../compiler/syntax/layout.ts';
import { lex } from '../../compiler/syntax/lex.ts';
import { SourceText } from '../../compiler/syntax/source-text.ts';
import { keywordOf } from '../../compiler/syntax/tokens.ts';
import { EXAMPLE_FILES, exampleText } from '../support/examples.ts';

interface Coloured {
  /** `line:column`, both from 0. */
  place: string;
  text: string;
  kind: string | null;
}

function coloured(program: string): Coloured[] {
  const state = netLanguage.startState!(2);
  return program.split('\n').flatMap((line, number) => {
    const stream = new StringStream(line, 2, 2);
    const found: Coloured[] = [];
    while (!stream.eol()) {
      stream.start = stream.pos;
      const kind = netLanguage.token(stream, state);
      if (stream.pos === stream.start)
        throw new Error(`nothing was read at ${number}:${stream.pos} of ${line}`);
      found.push({ place: `${number}:${stream.start}`, text: stream.current(), kind });
    }
    return found;
  });
}

/** Places of the keywords, as the compiler tells them from names. */
function keywords(program: string): string[] {
  const source = new SourceText(program, 'p.net');
  const { tokens } = markKeywords(
    layOut(balanceBrackets(lex(source).tokens, source, []).tokens, []),
    source,
    [],
  );
  const lines = program.split('\n');
  const starts = lines.map((_, i) => lines.slice(0, i).join('\n').length + (i > 0 ? 1 : 0));
  return tokens
    .filter((token) => keywordOf(token) !== undefined)
    .map(({ startOffset }) => {
      const line = starts.findLastIndex((start) => start <= startOffset);
      return `${line}:${startOffset - starts[line]!}`;
    });
}

const RESERVED = new Set(['and', 'or', 'not']);
const guide = fs.readFileSync(new URL('../../docs/language-reference.md', import.meta.url), 'utf8');
const programs: [string, string][] = [
  ...EXAMPLE_FILES.map((name): [string, string] => [name, exampleText(name)]),
  ...[...guide.matchAll(/```net\n([\s\S]*?)```/g)].map(([, text = ''], i): [string, string] => [
    `program ${i + 1} of the guide`,
    text,
  ]),
];

describe('keywords', () => {
  test.each(programs)('of %s are those of the compiler', (_, text) => {
    const found = coloured(text).filter(({ kind, text: word }) => kind === 'keyword' && !RESERVED.has(word));
    expect(found.map(({ place }) => place)).toEqual(keywords(text));
  });

  test('are names where they are bound or called', () => {
    const text = 'layer = 3\nfn f(data, model) = data + model\nx = from[0]\nsplit(x, 2)\nstep.loss\n';
    const kinds = coloured(text).filter(({ kind }) => kind === 'keyword');
    expect(kinds.map(({ text: word }) => word)).toEqual(['fn']);
  });
});

describe('the rest', () => {
  const kindOf = (line: string, word: string): string | null | undefined =>
    coloured(line).find(({ text }) => text === word)?.kind;

  test.each([
    ['return x -> fc: dense(10)', 'fc:', 'labelName'],
    ['return x -> fc: dense(10)', 'dense', 'function'],
    ['h = x -> relu', 'relu', 'function'],
    ['label[B] u32', 'u32', 'typeName'],
    ['batch = 1_000, shuffle = true', '1_000', 'number'],
    ['batch = 1_000, shuffle = true', 'true', 'bool'],
    ['eval = every(2 epochs)', 'epochs', 'unit'],
    ['use "other.net"  # not "this"', '"other.net"', 'string'],
    ['use "other.net"  # not "this"', '# not "this"', 'comment'],
    ['lr = cosine(2e-3)', '2e-3', 'number'],
  ])('of %s: %s is a %s', (line, word, kind) => {
    expect(kindOf(line, word)).toBe(kind);
  });

  test('of any text is read to its end', () => {
    const odd = '"open\n\\ § ∞ \u{1F600} @@ ..5 1.2.3 ->->: #\n}{)(][ 10%%\n';
    expect(
      coloured(odd)
        .map(({ text }) => text)
        .join(''),
    ).toBe(odd.replaceAll('\n', ''));
  });
});
