/**
 * Prints diagnostics. In: records, and the texts they point into. Out: for a person the message, the place,
 * the line with a mark under the span, related places and help; for a program one JSON object a line.
 */
import type { Diagnostic, Span } from '../plan-format.ts';
import { createColors, type Colors } from './colors.ts';
import { displayable, textWidth } from './text-width.ts';

/** Columns of source kept when a long line is cut around its mark. */
const LONGEST_LINE = 160;

export interface ReportOptions {
  color: boolean;
  /** The text of a file, undefined where it is not at hand: then no line is shown. */
  sourceText(file: string): string | undefined;
}

/** One diagnostic for a person; ends with a newline. */
export function renderDiagnostic(diagnostic: Diagnostic, options: ReportOptions): string {
  const colors = createColors(options.color);
  const tone = diagnostic.severity === 'error' ? colors.red : colors.yellow;
  const [first = '', ...rest] = diagnostic.message.split('\n').map(displayable);
  const head = `${tone(colors.bold(`${diagnostic.severity}[${diagnostic.code}]`))}${colors.bold(`: ${first}`)}`;
  const lines = [head, ...rest.map((line) => `  ${line}`)];
  const related = diagnostic.related ?? [];
  const margin = gutterWidth([diagnostic.span, ...related.map((r) => r.span)]);
  if (diagnostic.span) lines.push(...place(diagnostic.span, margin, tone, '^', colors, options));
  for (const { message, span } of related) {
    const note = displayable(message);
    lines.push(`${' '.repeat(margin)} ${colors.blue('=')} ${colors.bold('note')}: ${note}`);
    lines.push(...place(span, margin, colors.blue, '-', colors, options));
  }
  for (const [i, line] of (diagnostic.help?.split('\n') ?? []).entries()) {
    const label = i === 0 ? `${colors.blue('=')} ${colors.bold('help')}: ` : '        ';
    lines.push(`${' '.repeat(margin)} ${label}${displayable(line)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Characters of the widest line number among the spans. */
function gutterWidth(spans: readonly (Span | undefined)[]): number {
  return spans.reduce((width, span) => (span ? Math.max(width, String(span.line).length) : width), 2);
}

function place(
  span: Span,
  margin: number,
  tone: (text: string) => string,
  mark: string,
  colors: Colors,
  options: ReportOptions,
): string[] {
  const pad = ' '.repeat(margin);
  const where = `${displayable(span.file)}:${span.line}:${span.column}`;
  const lines = [`  ${colors.blue('-->')} ${where}`];
  const source = options.sourceText(span.file)?.split(/\r\n|\n/)[span.line - 1];
  if (source === undefined) return lines;
  const { text, indent, length } = markedLine(source.replace(/^\ufeff/, ''), span);
  const bar = colors.blue('|');
  lines.push(`${pad} ${bar}`);
  lines.push(`${colors.blue(String(span.line).padStart(margin))} ${bar} ${text}`.trimEnd());
  lines.push(`${pad} ${bar} ${' '.repeat(indent)}${tone(mark.repeat(length))}`);
  return lines;
}

/** The line as shown, and where its mark stands in cells. A span over several lines is marked to the end of its first. */
function markedLine(source: string, span: Span): { text: string; indent: number; length: number } {
  const start = Math.min(Math.max(span.column - 1, 0), source.length);
  const stop =
    span.endLine > span.line ? source.trimEnd().length : Math.min(span.endColumn - 1, source.length);
  const end = Math.max(stop, start);
  const cut = source.length > LONGEST_LINE ? Math.max(0, start - LONGEST_LINE / 4) : 0;
  const last = source.length > LONGEST_LINE ? Math.min(source.length, cut + LONGEST_LINE) : source.length;
  const lead = cut > 0 ? '…' : '';
  const before = lead + displayable(source.slice(cut, start));
  const marked = displayable(source.slice(start, Math.min(end, last)));
  const after = displayable(source.slice(Math.min(end, last), last)) + (last < source.length ? '…' : '');
  return { text: before + marked + after, indent: textWidth(before), length: Math.max(1, textWidth(marked)) };
}

/** One diagnostic as a line of JSON, with the fields that scripts rely on. */
export function diagnosticToJson(diagnostic: Diagnostic): string {
  const { severity, code, message, span, help, related } = diagnostic;
  return JSON.stringify({
    severity,
    code,
    message,
    ...(span ? flatSpan(span) : {}),
    ...(help === undefined ? {} : { help }),
    related: (related ?? []).map((r) => ({ message: r.message, ...flatSpan(r.span) })),
  });
}

function flatSpan(span: Span): Record<string, string | number> {
  return {
    file: span.file,
    line: span.line,
    column: span.column,
    end_line: span.endLine,
    end_column: span.endColumn,
  };
}
