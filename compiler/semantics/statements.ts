/**
 * Runs the statements of a body. In: a block and a place. Out: the value of `return`, if one is met. In the
 * user's text each statement is on its own: an error poisons the names it would have bound, and the next
 * statement goes on.
 */
import { CompileError, type Span } from '../diagnostics.ts';
import type * as ast from '../syntax/ast.ts';
import { boundNames } from './announce.ts';
import { blame } from './arguments.ts';
import type { Context, Place, Returned } from './context.ts';
import { asBoolean, asInteger } from './convert.ts';
import { NamingScope } from './naming-scope.ts';
import { claim, makeInstance, nameInstance } from './layers.ts';
import { declareWeight } from './param.ts';
import { runScan } from './scans.ts';
import { Poisoned } from './scope.ts';
import { declareState, updateState } from './state.ts';
import { describeValue, integer, type Value } from './values.ts';

export function runBlock(context: Context, block: ast.Block, place: Place): Returned | undefined {
  for (const [i, statement] of block.statements.entries()) {
    const isLast = i === block.statements.length - 1;
    const tail = place.tail === true && isLast;
    const returned = runStatement(context, statement, tail === place.tail ? place : { ...place, tail });
    if (returned) return returned;
  }
  return undefined;
}

/** Runs a part that may fail on its own; false where it did, its errors being kept. */
function attempt(context: Context, work: () => void): boolean {
  // The library's own text has no errors of its own: what fails in it is the caller's.
  if (context.inStandard) {
    work();
    return true;
  }
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof CompileError)
      for (const each of error.diagnostics) context.session.diagnostics.add(each);
    else if (!(error instanceof Poisoned)) throw error;
    return false;
  }
}

function poison(place: Place, names: readonly ast.Identifier[]): void {
  for (const name of names) place.scope.poison(name.text, name.span);
}

function runStatement(context: Context, statement: ast.Statement, place: Place): Returned | undefined {
  switch (statement.kind) {
    case 'binding':
      for (const entry of statement.entries) {
        if (!attempt(context, () => bind(context, entry, place))) {
          poison(place, entry.target.kind === 'name' ? [entry.target.name] : entry.target.names);
        }
      }
      return undefined;
    case 'param':
      for (const entry of statement.entries) {
        if (!attempt(context, () => declareWeight(context, entry, place))) {
          poison(place, entry.tensor.name ? [entry.tensor.name] : []);
        }
      }
      return undefined;
    case 'return': {
      const returned: { value?: Value } = {};
      attempt(context, () => {
        returned.value = context.evaluate(statement.value, place);
      });
      if (!returned.value) throw new Poisoned();
      return { value: returned.value, span: statement.value.span };
    }
    case 'repeat':
      return runRepeat(context, statement, place);
    case 'if':
      return runIf(context, statement, place);
    case 'metric':
    case 'minimize':
      attempt(context, () => {
        if (!place.step) context.fail('E0108', statement.span, `\`${statement.kind}\` stands in a step`);
        if (statement.kind === 'minimize') place.step.minimize(statement, place);
        else place.step.metric(statement, place);
      });
      return undefined;
    case 'emit':
      attempt(context, () => {
        if (!place.emits) context.fail('E0108', statement.span, '`emit` stands in a `scan`');
        place.emits.emit(context, statement, place);
      });
      return undefined;
    case 'scan':
      return runLoop(context, statement, place);
    case 'state':
      for (const entry of statement.entries) {
        if (!attempt(context, () => declareState(context, entry, place))) {
          poison(place, entry.tensor.name ? [entry.tensor.name] : []);
        }
      }
      return undefined;
    case 'update':
      attempt(context, () => updateState(context, statement, place));
      return undefined;
    case 'column':
    case 'from':
    case 'split':
    case 'augment':
    case 'step':
      attempt(context, () =>
        context.fail('E0108', statement.span, `\`${statement.kind}\` has no place here`),
      );
      return undefined;
    default:
      return statement satisfies never;
  }
}

function bind(context: Context, entry: ast.Binding, place: Place): void {
  const { target } = entry;
  const value = context.evaluate(entry.value, place);
  const { span } = entry.value;
  if (target.kind === 'name') {
    bindName(context, target.name, value, span, place);
    return;
  }
  if (value.kind !== 'tuple' || value.items.length !== target.names.length) {
    context.fail('E0221', target.span, `${target.names.length} names for ${describeValue(value)}`);
  }
  target.names.forEach((name, i) => bindName(context, name, value.items[i] as Value, span, place));
}

/**
 * A bound instance takes the name. A layer that needs no argument is made an instance by being bound, as it is
 * by a pipe: `n = layernorm` is `n = layernorm()`. One that needs arguments stays the template.
 */
function bindName(context: Context, name: ast.Identifier, given: Value, span: Span, place: Place): void {
  const value =
    given.kind === 'layer' && given.declaration.parameters.every((parameter) => parameter.default)
      ? makeInstance(context, given, { span, given: [], piped: false, place })
      : given;
  if (value.kind === 'instance') nameInstance(context, value.instance, name);
  if (value.kind === 'tensor' && !context.inStandard) {
    context.tensors(name.span).label(value.id, name.text);
  }
  place.scope.bind(name.text, value, name.span);
}

function runRepeat(
  context: Context,
  statement: Extract<ast.Statement, { kind: 'repeat' }>,
  place: Place,
): Returned | undefined {
  const turns = { count: 0, name: '' };
  const counted = attempt(context, () => {
    const span = blame(context, statement.count, place);
    turns.count = asInteger(context, context.evaluate(statement.count, place), span, 'the number of turns');
    if (turns.count < 0) context.fail('E0220', span, `the number of turns is negative: ${turns.count}`);
    turns.name = statement.label?.text ?? place.naming.count('repeat');
    claim(context, place.naming, turns.name, statement.label?.span ?? statement.span);
  });
  if (!counted) {
    poison(place, boundNames(statement.body));
    return undefined;
  }
  for (let turn = 0; turn < turns.count; turn += 1) {
    const naming = new NamingScope(place.naming.below(`${turns.name}.${turn}`));
    if (statement.variable) place.scope.bind(statement.variable.text, integer(turn), statement.variable.span);
    const returned = runBlock(context, statement.body, { ...place, naming, tail: false });
    if (returned) return returned;
  }
  return undefined;
}

/** A scan that ends the body is its value; elsewhere what it emits would be lost. */
function runLoop(context: Context, statement: ast.ScanStatement, place: Place): Returned | undefined {
  const result: { value?: Value } = {};
  const carries = statement.carries.flatMap(({ tensor }) => (tensor.name ? [tensor.name] : []));
  const done = attempt(context, () => {
    const value = runScan(context, statement, place);
    if (value && !place.tail) {
      context.fail('E0108', statement.span, 'what this scan emits is not used: it does not end a body', {
        help: 'put it into a `fn` or a `layer` of its own, whose value it is; carries can be used after it',
      });
    }
    if (!value && place.tail) {
      context.fail('E0227', statement.span, 'this scan ends the body and emits nothing', {
        help: 'end its body with `emit …`, or return a carry after it',
      });
    }
    if (value) result.value = value;
  });
  if (!done) {
    poison(place, carries);
    if (place.tail) throw new Poisoned();
  }
  return result.value && { value: result.value, span: emitted(statement.body) ?? statement.span };
}

/** Where a body says what it emits: a body emits once. */
function emitted(block: ast.Block): Span | undefined {
  for (const statement of block.statements) {
    if (statement.kind === 'emit') return statement.value.span;
    const inner =
      statement.kind === 'repeat'
        ? emitted(statement.body)
        : statement.kind === 'if'
          ? (emitted(statement.then) ?? (statement.else && emitted(statement.else)))
          : undefined;
    if (inner) return inner;
  }
  return undefined;
}

function runIf(context: Context, statement: ast.IfStatement, place: Place): Returned | undefined {
  const decided: { value?: boolean } = {};
  attempt(context, () => {
    const span = blame(context, statement.condition, place);
    const value = context.evaluate(statement.condition, place);
    decided.value = asBoolean(context, value, span, 'the condition of `if`');
  });
  if (decided.value === undefined) {
    poison(place, boundNames({ statements: [statement], span: statement.span }));
    return undefined;
  }
  const chosen = decided.value ? statement.then : statement.else;
  return chosen ? runBlock(context, chosen, place) : undefined;
}
