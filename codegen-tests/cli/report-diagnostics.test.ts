import { describe, expect, test } from 'vitest';
import { diagnosticToJson, renderDiagnostic } from '../../runtime/report/diagnostics.ts';
import type { Diagnostic, Span } from '../../compiler/diagnostics.ts';

const SOURCE = [
  'model net: x[B, 784] -> logits[B, 10] {',
  '\treturn x -> dense(64) -> relu',
  '  漢字 = "日本" + x  # é',
  'a = (b +',
  '  c)',
  `long = ${'x + '.repeat(80)}wrong + ${'y + '.repeat(80)}z`,
].join('\n');

const at = (line: number, column: number, endColumn: number, endLine = line): Span => ({
  file: 'net.net',
  line,
  column,
  endLine,
  endColumn,
});

const render = (diagnostic: Partial<Diagnostic>, color = false): string =>
  renderDiagnostic(
    { severity: 'error', code: 'E0204', message: 'shapes do not agree', ...diagnostic },
    { color, sourceText: (file) => (file === 'net.net' ? SOURCE : undefined) },
  );

/** The text above the mark: what stands over the carets. */
function marked(rendered: string): string {
  const lines = rendered.split('\n');
  const mark = lines.findIndex((line) => /\| *\^+$/.test(line));
  const from = lines[mark]?.indexOf('^') ?? -1;
  const to = lines[mark]?.length ?? -1;
  return (lines[mark - 1] ?? '').slice(from, to);
}

describe('a diagnostic for a person', () => {
  test('shows place, line, mark, related places and help', () => {
    expect(
      render({
        span: at(1, 12, 21),
        help: 'write x[B, 64]\nor drop the shape',
        related: [{ message: 'the batch is bound here', span: at(2, 9, 10) }],
      }),
    ).toMatchInlineSnapshot(`
      "error[E0204]: shapes do not agree
        --> net.net:1:12
         |
       1 | model net: x[B, 784] -> logits[B, 10] {
         |            ^^^^^^^^^
         = note: the batch is bound here
        --> net.net:2:9
         |
       2 |     return x -> dense(64) -> relu
         |            -
         = help: write x[B, 64]
                 or drop the shape
      "
    `);
  });

  test('marks the span under tabs', () => {
    expect(marked(render({ span: at(2, 14, 23) }))).toBe('dense(64)');
  });

  test('counts wide characters as two cells', () => {
    const lines = render({ span: at(3, 3, 5) }).split('\n');
    expect(lines.at(-2)).toBe('   |   ^^^^');
    expect(
      render({ span: at(3, 15, 16) })
        .split('\n')
        .at(-2),
    ).toBe(`   | ${' '.repeat(18)}^`);
  });

  test('marks the first line of a span over several', () => {
    expect(marked(render({ span: at(4, 5, 5, 5) }))).toBe('(b +');
  });

  test('cuts a long line around the mark', () => {
    const column = (SOURCE.split('\n')[5] ?? '').indexOf('wrong') + 1;
    const rendered = render({ span: at(6, column, column + 5) });
    expect(marked(rendered)).toBe('wrong');
    expect(Math.max(...rendered.split('\n').map((line) => line.length))).toBeLessThan(180);
  });

  test('marks the place behind the end of a line', () => {
    expect(
      render({ span: at(5, 5, 5) })
        .split('\n')
        .at(-2),
    ).toBe('   |     ^');
  });

  test('says only the place where the text is not at hand', () => {
    expect(render({ span: { ...at(1, 1, 2), file: 'other.net' } })).toBe(
      'error[E0204]: shapes do not agree\n  --> other.net:1:1\n',
    );
  });

  test('keeps control characters from the terminal', () => {
    expect(render({ message: 'name \u001b[31mred' })).not.toContain('\u001b');
  });

  test('colours where asked to', () => {
    expect(render({}, true)).toContain('\u001b[31m');
  });
});

describe('a diagnostic for a program', () => {
  test('has the fields of the interface on one line', () => {
    const line = diagnosticToJson({
      severity: 'error',
      code: 'E0204',
      message: 'a "quoted"\nmessage',
      span: at(21, 8, 13),
      help: 'do this',
      related: [{ message: 'here', span: at(1, 2, 3) }],
    });
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      severity: 'error',
      code: 'E0204',
      message: 'a "quoted"\nmessage',
      file: 'net.net',
      line: 21,
      column: 8,
      end_line: 21,
      end_column: 13,
      help: 'do this',
      related: [{ message: 'here', file: 'net.net', line: 1, column: 2, end_line: 1, end_column: 3 }],
    });
  });

  test('leaves out the place where there is none', () => {
    expect(JSON.parse(diagnosticToJson({ severity: 'warning', code: 'E0901', message: 'm' }))).toEqual({
      severity: 'warning',
      code: 'E0901',
      message: 'm',
      related: [],
    });
  });
});
