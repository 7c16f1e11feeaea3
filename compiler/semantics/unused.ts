/**
 * Warnings about what a body declares and never reads: parameters, states, bindings. In: the declarations of a
 * program. Out: one warning each, in the order of the text. Bodies are walked by their text, with both sides of
 * an `if` and further turns of a loop, so that only what no run can read is named. A name that begins with `_`
 * is meant to stay, and so is one that stands behind a dot anywhere (`net.head`, `ae.W`).
 */
import { warningAt, type Diagnostic } from '../diagnostics.ts';
import type * as ast from '../syntax/ast.ts';
import { visitMembers, visitNames } from './names-in.ts';
import { expressionsOf } from './program-expressions.ts';

type Kind = 'param' | 'state' | 'binding';

/** A value given to a name, or to the names of a tuple together. */
interface Given {
  readonly kind: Kind;
  readonly names: readonly ast.Identifier[];
  read: boolean;
}

/** The values that a name may have at some place of a body. */
type InView = Map<string, ReadonlySet<Given>>;

export function findUnused(declarations: readonly ast.Declaration[]): Diagnostic[] {
  const members = new Set<string>();
  for (const expression of declarations.flatMap(expressionsOf)) {
    visitMembers(expression, ({ text }) => members.add(text));
  }
  const unused = declarations.flatMap((declaration) => unusedIn(declaration));
  return unused.filter(({ names }) => !names.some(({ text }) => members.has(text))).map(warningFor);
}

function unusedIn(declaration: ast.Declaration): Given[] {
  switch (declaration.kind) {
    case 'use':
    case 'let':
    case 'data':
      return [];
    case 'fn':
      return 'statements' in declaration.body ? new Walk(declaration.body).unused() : [];
    case 'layer':
    case 'model': {
      const walk = new Walk(declaration.body);
      declaration.outputs.forEach((tensor) => walk.sizes(tensor));
      return walk.unused();
    }
    case 'train':
      return declaration.body.statements.flatMap((statement) => {
        if (statement.kind !== 'step') return [];
        const walk = new Walk(statement.body);
        // A step reports the binding of this name by itself.
        walk.readName('loss');
        return walk.unused();
      });
    default:
      return declaration satisfies never;
  }
}

function warningFor({ kind, names }: Given): Diagnostic {
  const list = names.map(({ text }) => `\`${text}\``).join(', ');
  const first = names[0]!.span;
  const last = names.at(-1)!.span;
  const span = { ...first, endLine: last.endLine, endColumn: last.endColumn };
  const message = {
    param: `the param ${list} is never used: training does not move it`,
    state: `the state ${list} is never used`,
    binding: names.length > 1 ? `${list} are never used` : `this value of ${list} is never used`,
  } satisfies { [K in Kind]: string };
  return warningAt('E0228', span, message[kind], {
    help: `remove it, or begin the name with \`_\` if it is meant to stay`,
  });
}

class Walk {
  private readonly given = new Map<ast.Identifier, Given>();
  private view: InView = new Map();

  constructor(body: ast.Block) {
    this.block(body);
  }

  /** What the body gives to names and nothing has read. */
  unused(): Given[] {
    return [...this.given.values()].filter(
      ({ names, read }) => !read && names.every(({ text }) => !text.startsWith('_')),
    );
  }

  private block(block: ast.Block): void {
    block.statements.forEach((statement) => this.statement(statement));
  }

  private read(expression: ast.Expression | undefined): void {
    if (expression) visitNames(expression, ({ name }) => this.readName(name));
  }

  readName(name: string): void {
    for (const value of this.view.get(name) ?? []) value.read = true;
  }

  sizes({ dims }: ast.Tensor): void {
    for (const dim of dims) if (dim.kind === 'dim') this.read(dim.value);
  }

  private give(kind: Kind, names: readonly ast.Identifier[]): void {
    const [first] = names;
    if (!first) return;
    // A further turn of a loop gives the same value once more.
    const value = this.given.get(first) ?? { kind, names, read: false };
    this.given.set(first, value);
    for (const { text } of names) this.view.set(text, new Set([value]));
  }

  /** Names whose values are not watched: of a sequence, of a carry, of a turn. */
  private forget(names: readonly (ast.Identifier | undefined)[]): void {
    for (const name of names) if (name) this.view.delete(name.text);
  }

  private statement(statement: ast.Statement): void {
    switch (statement.kind) {
      case 'binding':
        for (const { target, value } of statement.entries) {
          this.read(value);
          this.give('binding', target.kind === 'name' ? [target.name] : target.names);
        }
        return;
      case 'param':
      case 'state':
        for (const { tensor, value } of statement.entries) {
          this.sizes(tensor);
          this.read(value);
          if (tensor.name) this.give(statement.kind, [tensor.name]);
        }
        return;
      case 'return':
      case 'emit':
      case 'metric':
        return this.read(statement.value);
      case 'update':
        this.read(statement.value);
        this.readName(statement.name.text);
        return this.forget([statement.name]);
      case 'minimize':
        return [statement.loss, ...statement.over, statement.with].forEach((each) => this.read(each));
      case 'repeat':
        this.read(statement.count);
        return this.turns(statement.body, () => this.forget([statement.variable]));
      case 'if':
        return this.branches(statement);
      case 'scan':
        return this.scan(statement);
      case 'column':
      case 'from':
      case 'augment':
      case 'split':
      case 'step':
        // The grammar keeps these out of bodies.
        return;
      default:
        statement satisfies never;
    }
  }

  private branches({ condition, then, else: otherwise }: ast.IfStatement): void {
    this.read(condition);
    const before = new Map(this.view);
    this.block(then);
    const after = this.view;
    this.view = before;
    if (otherwise) this.block(otherwise);
    this.view = joined(after, this.view);
  }

  /** No turn, one, or more: a later one may read what an earlier one gave. */
  private turns(body: ast.Block, start: () => void, end = (): void => undefined): void {
    for (let turn = 0; turn < 2; turn += 1) {
      const before = new Map(this.view);
      start();
      this.block(body);
      end();
      this.view = joined(before, this.view);
    }
  }

  private scan({ sequences, carries, body }: ast.ScanStatement): void {
    sequences.forEach(({ value }) => this.read(value));
    for (const { tensor, value } of carries) {
      this.sizes(tensor);
      this.read(value);
    }
    const own = carries.map(({ tensor }) => tensor.name);
    const before = new Map(this.view);
    // The newest value of a carry is that of the next turn.
    const carried = (): void => own.forEach((name) => name && this.readName(name.text));
    const names = [...own, ...sequences.map(({ name }) => name)];
    this.turns(body, () => this.forget(names), carried);
    // Names of the body end with the turn; a carry holds its last value.
    this.view = before;
    this.forget(own);
  }
}

/** What a name may have behind either of two ways. */
function joined(left: InView, right: InView): InView {
  const both: InView = new Map(left);
  for (const [name, values] of right) both.set(name, new Set([...(left.get(name) ?? []), ...values]));
  return both;
}
