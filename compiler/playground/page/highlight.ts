/**
 * Colours of a program as it is typed, a line at a time. In: characters. Out: a kind for each word. The compiler tells
 * keywords from names by whole statements; what this sees of a line is nearly always enough, and costs no parse.
 */
import type { StreamParser, StringStream } from '@codemirror/language';

/** Keywords that begin a statement which is no binding; those of `TAKES_EXPRESSION` may be followed by a bracket. */
const BEGINNINGS = new Set([
  'use', 'let', 'fn', 'layer', 'model', 'data', 'train', 'param', 'state', 'scan', 'from', 'augment', 'metric',
  'update', 'split', 'return', 'emit', 'repeat', 'if', 'else', 'minimize', 'step',
]); // prettier-ignore
const TAKES_EXPRESSION = new Set(['return', 'emit', 'repeat', 'if', 'else', 'minimize', 'step']);

/** Keywords inside a statement, by how it begins. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  train: ['on'],
  repeat: ['as'],
  scan: ['in', 'along'],
  minimize: ['over', 'with'],
  else: ['if'],
};
const CONSTANTS = new Set(['true', 'false', 'none', 'training']);
const TYPES = new Set(['f32', 'f16', 'i32', 'u32', 'bool', 'int', 'float']);
const UNITS = new Set(['epoch', 'epochs', 'step', 'steps', 'MB', 'GB']);

interface LineState {
  /** A statement may begin here. */
  atStart: boolean;
  /** How the statement began. */
  statement: string | undefined;
  /** The last word or bracket ended an operand. */
  afterOperand: boolean;
  afterNumber: boolean;
  afterArrow: boolean;
}

export const netLanguage: StreamParser<LineState> = {
  name: 'net',
  startState: () => ({
    atStart: true,
    statement: undefined,
    afterOperand: false,
    afterNumber: false,
    afterArrow: false,
  }),
  token(stream, state) {
    if (stream.sol()) {
      state.atStart = true;
      state.afterOperand = false;
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return 'comment';
    const { afterNumber, afterArrow } = state;
    state.afterNumber = false;
    state.afterArrow = false;
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return operand(state, 'string');
    if (stream.match(/^(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?%?/)) {
      state.afterNumber = true;
      return operand(state, 'number');
    }
    const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(stream.string.slice(stream.pos))?.[0];
    if (word !== undefined) {
      stream.pos += word.length;
      return wordKind(word, stream, state, afterNumber, afterArrow);
    }
    return punctuation(stream, state);
  },
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '{', '"'] } },
};

function operand(state: LineState, kind: string): string {
  state.atStart = false;
  state.afterOperand = true;
  return kind;
}

function wordKind(
  word: string,
  stream: StringStream,
  state: LineState,
  afterNumber: boolean,
  afterArrow: boolean,
): string {
  const rest = stream.string.slice(stream.pos);
  const next = /^\s*(->|==|.)?/.exec(rest)?.[1] ?? '';
  if (state.atStart && isBeginning(word, next)) {
    state.statement = word;
    state.atStart = false;
    state.afterOperand = false;
    return 'keyword';
  }
  if (state.atStart) state.statement = undefined;
  if (afterNumber && UNITS.has(word)) return operand(state, 'unit');
  if (word === 'and' || word === 'or' || word === 'not') {
    state.afterOperand = false;
    return 'keyword';
  }
  const inner = state.statement === undefined ? undefined : INNER[state.statement];
  // `train on data`: the block may go without a name.
  const mayBeInner = state.afterOperand || state.statement === 'train' || state.statement === 'else';
  if (mayBeInner && inner?.includes(word) && next !== '=') {
    if (word === 'if') state.statement = 'if';
    state.afterOperand = false;
    return 'keyword';
  }
  if (next === ':' && (afterArrow || state.atStart)) {
    // A labelled `repeat`, or a labelled layer: what follows begins anew.
    stream.match(/^\s*:/);
    return 'labelName';
  }
  state.atStart = false;
  state.afterOperand = true;
  if (CONSTANTS.has(word)) return 'bool';
  if (TYPES.has(word)) return 'typeName';
  if (next === '(' || afterArrow) return 'function';
  return 'variableName';
}

function isBeginning(word: string, next: string): boolean {
  if (!BEGINNINGS.has(word)) return false;
  if (TAKES_EXPRESSION.has(word)) return next !== '=' && next !== '.' && next !== ':';
  return /^[A-Za-z_"\d]?$/.test(next);
}

function punctuation(stream: StringStream, state: LineState): string {
  if (stream.match('->')) {
    state.afterArrow = true;
    state.afterOperand = false;
    return 'operator';
  }
  const character = stream.next() ?? '';
  state.afterOperand = character === ')' || character === ']';
  // After a brace or, between bindings, after a comma another statement may begin.
  state.atStart = character === '{' || character === '}';
  if ('{}()[]'.includes(character)) return 'bracket';
  return ',;:.'.includes(character) ? 'punctuation' : 'operator';
}
