import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../compiler/graph/ir.ts';
import { printGraph } from '../../../compiler/graph/print.ts';
import { parse } from '../../../compiler/syntax/parse.ts';
import { elaborateText, errorsOf } from '../../semantics/elaborating.ts';
import { programFiles, programsInTests } from './corpus.ts';
import { draws } from '../../support/draws.ts';
import { formatted, holds, longLines } from './properties.ts';
import { RandomSyntax } from './random-syntax.ts';
import { respace } from './respace.ts';

/** Programs of any nesting, from a seed. */
function randomPrograms(count: number): string[] {
  return Array.from({ length: count }, (_, seed) => new RandomSyntax(draws(seed)).file());
}

describe('meaning, comments and what is laid out stay', () => {
  test.each(programFiles())('$name', ({ text }) => {
    holds(text);
  });

  test('the programs of the tests', () => {
    const programs = programsInTests();
    expect(programs.length).toBeGreaterThan(60);
    for (const { text } of programs) holds(text);
  });

  test('random programs', () => {
    const programs = randomPrograms(120);
    const sound = programs.filter((text) => parse(text, 'test.net').diagnostics.length === 0);
    expect(sound.length).toBeGreaterThan(programs.length / 2);
    for (const text of sound) holds(text);
  });

  test('comments, line breaks and spaces wherever they may stand', () => {
    const next = draws(11);
    const texts = [...programFiles().map(({ text }) => text), ...randomPrograms(40)];
    let comments = 0;
    for (const text of texts) {
      if (parse(text, 'test.net').diagnostics.length > 0) continue;
      const spaced = respace(text, next, { comments: true });
      holds(spaced);
      comments += spaced.match(/# comment \d+/g)?.length ?? 0;
    }
    expect(comments).toBeGreaterThan(300);
  });
});

test('spaces and line breaks that mean nothing leave no trace', () => {
  const next = draws(5);
  const texts = [...programFiles().map(({ text }) => text), ...randomPrograms(40)];
  let changed = 0;
  for (const text of texts) {
    if (parse(text, 'test.net').diagnostics.length > 0) continue;
    const spaced = respace(text, next, { comments: false });
    if (spaced !== text) changed += 1;
    expect(formatted(spaced)).toBe(formatted(text));
  }
  expect(changed).toBeGreaterThan(20);
});

const linesIn = (text: string): number => text.split('\n').length;

/** With the lines of the source where they stay: they move where blank ones are taken out, and where a line breaks. */
const graphText = (graph: Graph, linesStay: boolean): string =>
  linesStay ? printGraph(graph) : printGraph(graph).replace(/test\.net:\d+/g, 'test.net');

test('the graphs stay, to the last node', () => {
  let compared = 0;
  let withLines = 0;
  for (const { text } of [...programsInTests(), ...programFiles()]) {
    if (errorsOf(text).length > 0) continue;
    const linesStay = linesIn(formatted(text)) === linesIn(text);
    const graphs = [text, formatted(text)].map((program) =>
      elaborateText(program).steps.map(({ train }) => graphText(train, linesStay)),
    );
    expect(graphs[1]).toEqual(graphs[0]);
    compared += 1;
    if (linesStay) withLines += 1;
  }
  expect(compared).toBeGreaterThan(15);
  expect(withLines).toBeGreaterThan(5);
});

test('no line is too long where it can be broken', () => {
  for (const { text } of programFiles()) expect(longLines(formatted(text))).toEqual([]);
});
