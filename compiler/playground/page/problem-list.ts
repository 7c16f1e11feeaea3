/** Errors and warnings as a list. In: diagnostics. Out: elements; a place is a button that leads to it. */
import type { Diagnostic, Span } from '../../../runtime/plan-format.ts';

export type GoTo = (line: number, column: number) => void;

/** `file`: the program's own; places in other files (the library) lead nowhere. */
export function problemList(diagnostics: readonly Diagnostic[], file: string, goTo: GoTo): HTMLElement {
  const list = node('ol', 'problems');
  list.append(...diagnostics.map((diagnostic) => problem(diagnostic, file, goTo)));
  return list;
}

function problem(
  { severity, code, message, span, help, related }: Diagnostic,
  file: string,
  goTo: GoTo,
): HTMLElement {
  const item = node('li', severity);
  const head = node('p', 'message');
  head.append(node('span', 'code', code), ` ${message}`);
  item.append(head);
  if (span) item.append(place(span, file, goTo));
  if (help !== undefined) item.append(node('p', 'help', help));
  for (const note of related ?? []) {
    const line = node('p', 'note', `${note.message} `);
    line.append(place(note.span, file, goTo));
    item.append(line);
  }
  return item;
}

function place(span: Span, file: string, goTo: GoTo): HTMLElement {
  const words = `${span.file}:${span.line}:${span.column}`;
  if (span.file !== file) return node('span', 'place', words);
  const button = node('button', 'place', `line ${span.line}, column ${span.column}`);
  button.addEventListener('click', () => goTo(span.line, span.column));
  return button;
}

function node(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
