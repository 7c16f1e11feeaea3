/**
 * The tables of the language reference as Markdown. In: the builtin table, std.net with its comments, the operator
 * table with its derivatives, settings and diagnostics. Out: docs/reference-tables.md; a test holds the committed file
 * against it, so that it cannot drift.
 */
import { VJP_RULES } from '../autodiff/vjp-rules.ts';
import { DIAGNOSTIC_TITLES } from '../diagnostics.ts';
import { OPS, OP_NAMES } from '../graph/ops.ts';
import { BUILTIN_GROUPS } from '../semantics/builtins/table.ts';
import type { Builtin, BuiltinParameter, ParameterKind } from '../semantics/builtins/spec.ts';
import type { Value } from '../semantics/values.ts';
import { WORDS_ELSEWHERE } from '../semantics/words-elsewhere.ts';
import { libraryEntries, type LibraryEntry } from './library.ts';
import { DATA_SETTING_MEANINGS, TRAIN_SETTING_MEANINGS } from './settings.ts';

export function referenceTables(): string {
  const entries = libraryEntries();
  const sections = [
    '# Reference tables\n\nMade by `npm run docs` from the compiler itself: edit that, not this. The guide is [language-reference.md](language-reference.md).',
    `## Layers\n\nArguments with their defaults, and the weights under the names they have in a checkpoint.\n\n${layerTable(entries)}`,
    `## Functions of the library\n\nWritten in the language, in \`std.net\`.\n\n${functionTable(entries)}`,
    ...Object.entries(BUILTIN_GROUPS).map(([title, group]) => `## ${title}\n\n${builtinTable(group)}`),
    `## Settings\n\nOf a \`data\` block:\n\n${settingsTable(DATA_SETTING_MEANINGS)}\n\nOf a \`train\` block:\n\n${settingsTable(TRAIN_SETTING_MEANINGS)}`,
    `## Names of other libraries\n\nWho writes one of these is told the other.\n\n${elsewhereTable()}`,
    `## Primitives\n\nWhat everything above is made of in the end; each can be differentiated again, or says that it has no derivative.\n\n${primitiveTable()}`,
    `## Error codes\n\n${table(['code', 'meaning'], Object.entries(DIAGNOSTIC_TITLES))}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|');
const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

function layerTable(entries: readonly LibraryEntry[]): string {
  return table(
    ['layer', 'shapes', 'weights', 'meaning'],
    entries
      .filter(({ kind }) => kind === 'layer')
      .map(({ call, shapes, weights, comment }) => [
        code(call),
        code(shapes),
        weights.map(code).join(' '),
        comment,
      ]),
  );
}

function functionTable(entries: readonly LibraryEntry[]): string {
  const functions = entries.filter(({ kind }) => kind === 'fn');
  return table(
    ['function', 'meaning'],
    functions.map(({ call, comment }) => [code(call), comment]),
  );
}

function builtinTable(group: Readonly<Record<string, Builtin>>): string {
  const rows = Object.entries(group).filter(([, { internal }]) => internal !== true);
  return table(
    ['call', 'arguments'],
    rows.map(([name, builtin]) => [
      code(builtinCall(name, builtin)),
      builtin.parameters.map((parameter) => `\`${parameter.name}\` ${kindText(parameter.kind)}`).join(', '),
    ]),
  );
}

/** `pad(x, 1, 2, value = 0)`: a call with its defaults. */
export const builtinCall = (name: string, { parameters }: Builtin): string =>
  `${name}(${parameters.map(parameterText).join(', ')})`;

function parameterText({ name, rest, default: value }: BuiltinParameter): string {
  if (rest === 'positional') return `${name}…`;
  if (rest === 'named') return `${name} = …`;
  return value ? `${name} = ${valueText(value)}` : name;
}

function valueText(value: Value): string {
  switch (value.kind) {
    case 'number':
      return String(value.value);
    case 'bool':
      return String(value.value);
    case 'string':
      return value.value;
    case 'tuple':
      return `(${value.items.map(valueText).join(', ')})`;
    default:
      return value.kind === 'none' ? 'none' : '…';
  }
}

function kindText(kind: ParameterKind): string {
  if (typeof kind !== 'string') return `one of ${kind.words.join(', ')}`;
  const words = {
    value: 'any value', tensor: 'a tensor', operand: 'a tensor or a number', integer: 'a whole number',
    size: 'a size', number: 'a number', boolean: 'true or false', string: 'a text', axes: 'one axis or several',
    axis: 'an axis', duration: 'steps or epochs', rate: 'a number or a schedule', watch: 'a reported number',
  } as const satisfies Record<Extract<ParameterKind, string>, string>; // prettier-ignore
  return words[kind];
}

const settingsTable = (meanings: Readonly<Record<string, readonly [string, string]>>): string =>
  table(
    ['for example', 'meaning'],
    Object.values(meanings).map(([example, meaning]) => [code(example), meaning]),
  );

function elsewhereTable(): string {
  const here = [...new Set(WORDS_ELSEWHERE.values())];
  const names = (word: string): string[] =>
    [...WORDS_ELSEWHERE].filter(([, other]) => other === word).map(([name]) => code(name));
  return table(
    ['elsewhere', 'here'],
    here.map((word) => [names(word).join(', '), word]),
  );
}

function primitiveTable(): string {
  return table(
    ['primitive', 'kind', 'inputs', 'derivative'],
    OP_NAMES.map((op) => {
      const { kind, arity } = OPS[op];
      return [code(op), kind, String(arity), derivativeText(VJP_RULES[op])];
    }),
  );
}

function derivativeText(rule: unknown): string {
  if (rule === 'zero') return 'zero';
  if (rule === 'discrete') return 'none: its value is discrete';
  return rule === 'leaf' ? '' : 'yes';
}
