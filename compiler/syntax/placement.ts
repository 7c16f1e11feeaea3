/**
 * "Each statement has its place, elsewhere it is an error" (LANGUAGE.md section 3). In: the tree of a file and
 * the statements outside of any block. Out: diagnostics. An `if` or `repeat` takes its place from the block
 * around it.
 */
import { errorAt } from '../diagnostics.ts';
import type { Diagnostic, Span } from '../diagnostics.ts';
import { PARTS_HELP, PARTS_MESSAGE } from './explain-beginning.ts';
import type { Block, Declaration, SourceFile, Statement } from './ast.ts';

type Place = 'file' | 'fn' | 'layer' | 'model' | 'data' | 'train' | 'step';

type Kind = Statement['kind'];

/** Blocks of code, where names are bound. */
const CODE: readonly Place[] = ['fn', 'layer', 'model', 'step'];

const PLACES: { readonly [K in Kind]: readonly Place[] } = {
  binding: [...CODE, 'data', 'train'],
  column: ['data'],
  param: ['layer', 'model'],
  state: ['layer', 'model'],
  return: ['fn', 'layer', 'model'],
  emit: CODE,
  repeat: CODE,
  scan: CODE,
  if: [...CODE, 'data', 'train'],
  from: ['data'],
  augment: ['data'],
  split: ['data'],
  metric: ['step'],
  minimize: ['step'],
  update: ['layer', 'model'],
  step: ['train'],
};

interface Where {
  place: Place;
  /** Inside a `repeat` or `scan` of that block. */
  loop: 'none' | 'repeat' | 'scan';
}

/** Every statement that stands where it may not. */
export function checkPlacement(tree: SourceFile, strays: readonly Statement[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const walk = (statements: readonly Statement[], where: Where): void => {
    for (const statement of statements) {
      const problem = misplaced(statement, where);
      if (problem) found.push(problem);
      // In a loop that may not stand here, what is right would seem wrong.
      if (problem && (statement.kind === 'scan' || statement.kind === 'repeat')) continue;
      for (const [block, inside] of blocksOf(statement, where)) walk(block.statements, inside);
    }
  };
  walk(strays, { place: 'file', loop: 'none' });
  for (const declaration of tree.declarations) {
    const body = bodyOf(declaration);
    if (body) walk(body.statements, { place: declaration.kind as Place, loop: 'none' });
  }
  return found;
}

function bodyOf(declaration: Declaration): Block | undefined {
  switch (declaration.kind) {
    case 'use':
    case 'let':
      return undefined;
    case 'fn':
      return 'statements' in declaration.body ? declaration.body : undefined;
    default:
      return declaration.body;
  }
}

function blocksOf(statement: Statement, where: Where): [Block, Where][] {
  switch (statement.kind) {
    case 'if': {
      const otherwise: [Block, Where][] = statement.else ? [[statement.else, where]] : [];
      return [[statement.then, where], ...otherwise];
    }
    case 'repeat':
      return [[statement.body, { ...where, loop: where.loop === 'scan' ? 'scan' : 'repeat' }]];
    case 'scan':
      return [[statement.body, { ...where, loop: 'scan' }]];
    case 'step':
      return [[statement.body, { place: 'step', loop: 'none' }]];
    default:
      return [];
  }
}

function misplaced(statement: Statement, { place, loop }: Where): Diagnostic | undefined {
  const { kind } = statement;
  if (kind === 'column' && place !== 'data') {
    const stray = strayTensor(statement);
    if (stray) return stray;
  }
  if (kind === 'emit' && loop !== 'scan') return wrongPlace(statement, 'belongs in a `scan`', EMIT_HELP);
  if (kind === 'return' && loop !== 'none' && PLACES.return.includes(place)) {
    return wrongPlace(statement, `ends a whole body and cannot stand in a \`${loop}\``, RETURN_HELP[loop]);
  }
  if (!PLACES[kind].includes(place)) return wrongPlace(statement, standsIn(kind), helpFor(kind, place));
  if (kind === 'binding' && (place === 'data' || place === 'train')) return checkSetting(statement);
  return undefined;
}

const EMIT_HELP = '`emit` gives a value for each turn; a body gives its value back by `return`';
const RETURN_HELP = {
  repeat: 'bind the value and return it after the loop',
  scan: 'write `emit`',
  none: '',
} as const;

function standsIn(kind: Kind): string {
  if (kind === 'binding') return 'belongs in a block';
  const names = PLACES[kind].map((place) => `\`${place}\``);
  const last = names.pop() ?? '';
  return `belongs in ${names.length > 0 ? `${names.join(', ')} or ` : ''}${last}`;
}

function helpFor(kind: Kind, place: Place): string | undefined {
  if (kind === 'binding') return 'a constant of the file is `let name = …`';
  if (kind === 'column') return 'weights are declared by `param` or `state`, inputs by the signature';
  if (place === 'fn' && (kind === 'param' || kind === 'state'))
    return 'a `fn` has no weights: make it a `layer`';
  if (kind === 'return' && place === 'step') return 'a step gives nothing back; report a value by `metric`';
  if (kind === 'update' && place === 'step') return 'state belongs to the layer that declares it';
  return undefined;
}

function wrongPlace(statement: Statement, message: string, help?: string): Diagnostic {
  return errorAt('E0108', beginning(statement), `${subject(statement)} ${message}`, help ? { help } : {});
}

function subject({ kind }: Statement): string {
  if (kind === 'binding') return 'a binding';
  return kind === 'column' ? 'a column' : `\`${kind}\``;
}

/** The first word of a statement. */
function beginning(statement: Statement): Span {
  const { span } = statement;
  if (statement.kind === 'binding') return statement.entries[0]?.target.span ?? span;
  if (statement.kind === 'column') return statement.tensor.span;
  if (statement.kind === 'repeat' && statement.label) return statement.label.span;
  return { ...span, endLine: span.line, endColumn: span.column + statement.kind.length };
}

/** Outside of `data`: `x[0] = 3`, or `param [3]` without a name. */
function strayTensor({ tensor, value }: Statement & { kind: 'column' }): Diagnostic | undefined {
  const word = tensor.name?.text;
  if (word === 'param' || word === 'state') {
    return errorAt('E0102', tensor.span, 'the tensor needs a name', { help: `write \`${word} name[…]\`` });
  }
  return value && partsAssigned(tensor.span);
}

function partsAssigned(span: Span): Diagnostic {
  return errorAt('E0107', span, PARTS_MESSAGE, { help: PARTS_HELP });
}

function checkSetting(statement: Statement & { kind: 'binding' }): Diagnostic | undefined {
  const tuple = statement.entries.find(({ target }) => target.kind === 'tuple');
  if (!tuple) return undefined;
  const help = 'write one `name = value` each';
  return errorAt('E0102', tuple.target.span, 'a setting has one name', { help });
}
