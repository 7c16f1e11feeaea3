/**
 * The equation of an `einsum`. In: its text and the operands' shapes. Out: one name an axis, for each operand
 * and for the result; the axes of `...` are named `…0`, `…1` from the end. Errors stand at the letter in the
 * string where it is written out.
 */
import type { Span } from '../../../runtime/plan-format.ts';
import { equalDimensions } from '../../graph/dimension.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, printAxis } from '../tensors.ts';
import type { Axis } from '../values.ts';
import type { BuiltinCall } from './spec.ts';

/** An operand's axes by name, in order. */
export interface Subscripts {
  readonly labels: readonly string[];
  readonly axes: readonly Axis[];
}

export interface Matched {
  readonly operands: readonly Subscripts[];
  readonly result: readonly string[];
}

/** A letter, or `...`, and where it stands in the text. */
interface Symbol {
  readonly text: string;
  readonly at: number;
}

interface Term {
  readonly symbols: readonly Symbol[];
  readonly at: number;
  readonly end: number;
}

const REST = '...';

export function matchEquation(call: BuiltinCall, ids: readonly number[]): Matched {
  const text = call.string('equation');
  const place = placeIn(call, text);
  const arrow = text.indexOf('->');
  const inputs = readTerms(call, arrow < 0 ? text : text.slice(0, arrow), 0, place);
  if (inputs.length !== ids.length) {
    const [more, last] = [ids.length > inputs.length, inputs.at(-1)];
    const span = more ? (call.rest[inputs.length]?.span ?? call.span) : place(last?.at ?? 0, last?.end ?? 1);
    call.fail(
      more ? 'E0211' : 'E0212',
      span,
      `the equation names ${inputs.length} operand${inputs.length === 1 ? '' : 's'}, ${ids.length} ${ids.length === 1 ? 'is' : 'are'} given`,
    );
  }
  const operands = inputs.map((term, i) => namedAxes(call, term, ids[i] as number, i, place));
  checkSizes(call, inputs, operands, place);
  if (arrow < 0) return { operands, result: impliedResult(operands) };
  const [output, ...surplus] = readTerms(call, text.slice(arrow + 2), arrow + 2, place);
  if (surplus[0]) call.fail('E0213', place(surplus[0].at - 1, surplus[0].at), 'there is one result');
  return { operands, result: resultLabels(call, output?.symbols ?? [], operands, place) };
}

/** A part of the string as a place in the program; the whole argument where it is no plain literal. */
function placeIn(call: BuiltinCall, text: string): (from: number, to: number) => Span {
  const span = call.spanOf('equation');
  const literal = span.line === span.endLine && span.endColumn - span.column === text.length + 2;
  return (from, to) =>
    literal
      ? { ...span, column: span.column + 1 + from, endColumn: span.column + 1 + Math.max(to, from + 1) }
      : span;
}

function readTerms(
  call: BuiltinCall,
  text: string,
  start: number,
  place: (from: number, to: number) => Span,
): Term[] {
  const terms: { symbols: Symbol[]; at: number; end: number }[] = [{ symbols: [], at: start, end: start }];
  for (let i = 0; i < text.length; i += 1) {
    const term = terms.at(-1) as (typeof terms)[number];
    const at = start + i;
    const letter = text[i] as string;
    if (letter === ' ') continue;
    if (letter === ',') {
      terms.push({ symbols: [], at: at + 1, end: at + 1 });
      continue;
    }
    const symbol = text.startsWith(REST, i) ? REST : letter;
    if (symbol === REST && term.symbols.some((other) => other.text === REST)) {
      call.fail('E0202', place(at, at + 3), '`...` stands twice in one operand');
    }
    if (symbol !== REST && !/^[A-Za-z]$/.test(symbol)) {
      call.fail(
        'E0213',
        place(at, at + 1),
        `\`${letter}\` is no axis: an equation has letters, \`...\`, commas and \`->\``,
        {
          help: 'for example "bij,bjk->bik"',
        },
      );
    }
    term.symbols.push({ text: symbol, at });
    i += symbol.length - 1;
    term.end = start + i + 1;
  }
  return terms;
}

const restLabel = (fromEnd: number): string => `…${fromEnd}`;

function namedAxes(
  call: BuiltinCall,
  term: Term,
  id: number,
  index: number,
  place: (from: number, to: number) => Span,
): Subscripts {
  const axes = call.tensors.axes(id);
  const letters = term.symbols.filter(({ text }) => text !== REST).length;
  const open = letters < term.symbols.length;
  if (axes.length < letters || (axes.length > letters && !open)) {
    call.fail(
      'E0204',
      place(term.at, term.end),
      `${letters} ${letters === 1 ? 'axis' : 'axes'} for operand ${index + 1}, which is ${printAxes(axes)}`,
      { help: open ? undefined : '`...` stands for further axes', related: originNotes(axes) },
    );
  }
  const rest = axes.length - letters;
  const labels = term.symbols.flatMap(({ text }) =>
    text === REST ? Array.from({ length: rest }, (_, i) => restLabel(rest - 1 - i)) : [text],
  );
  return { labels, axes };
}

/** One size a letter; 1 goes with every size, but not twice in one operand. */
function checkSizes(
  call: BuiltinCall,
  terms: readonly Term[],
  operands: readonly Subscripts[],
  place: (from: number, to: number) => Span,
): void {
  const known = new Map<string, { axis: Axis; operand: number }>();
  operands.forEach(({ labels, axes }, operand) => {
    labels.forEach((label, i) => {
      const axis = axes[i] as Axis;
      const before = known.get(label);
      const repeated = before?.operand === operand;
      if (!before || (equalDimensions(before.axis.size, 1) && !repeated)) {
        known.set(label, { axis, operand });
        return;
      }
      if (equalDimensions(before.axis.size, axis.size) || (equalDimensions(axis.size, 1) && !repeated))
        return;
      const { symbols, at, end } = terms[operand] as Term;
      const symbol = symbols.filter(({ text }) => text === label).at(-1);
      const name = label.startsWith('…') ? '`...`' : `\`${label}\``;
      const where = symbol ? place(symbol.at, symbol.at + 1) : place(at, end);
      const first = before.operand === operand ? 'before' : `in operand ${before.operand + 1}`;
      call.fail('E0204', where, `${name} is ${printAxis(before.axis)} ${first} and ${printAxis(axis)} here`, {
        related: originNotes([before.axis, axis]),
      });
    });
  });
}

/** NumPy's rule: the axes of `...`, then the letters that stand once, in alphabetical order. */
function impliedResult(operands: readonly Subscripts[]): string[] {
  const all = operands.flatMap(({ labels }) => labels);
  const once = [...new Set(all)].filter(
    (label) => !label.startsWith('…') && all.filter((other) => other === label).length === 1,
  );
  return [...restLabels(operands), ...once.sort((a, b) => (a < b ? -1 : 1))];
}

function restLabels(operands: readonly Subscripts[]): string[] {
  const counts = operands.map(({ labels }) => labels.filter((label) => label.startsWith('…')).length);
  const rest = Math.max(0, ...counts);
  return Array.from({ length: rest }, (_, i) => restLabel(rest - 1 - i));
}

function resultLabels(
  call: BuiltinCall,
  symbols: readonly Symbol[],
  operands: readonly Subscripts[],
  place: (from: number, to: number) => Span,
): string[] {
  const known = new Set(operands.flatMap(({ labels }) => labels));
  const seen = new Set<string>();
  return symbols.flatMap(({ text, at }) => {
    if (text === REST) return restLabels(operands);
    if (!known.has(text)) {
      const names = [...known].filter((label) => !label.startsWith('…')).map((label) => `\`${label}\``);
      call.fail('E0201', place(at, at + 1), `\`${text}\` of the result stands in no operand`, {
        help: `the operands have ${names.join(', ')}`,
      });
    }
    if (seen.has(text)) call.fail('E0202', place(at, at + 1), `\`${text}\` stands twice in the result`);
    seen.add(text);
    return [text];
  });
}
