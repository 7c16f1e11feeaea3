/**
 * Bodies that no step or model reaches: their sizes are open, but their names must resolve and their calls
 * must fit what they call. In: declarations of functions, layers and models. Out: errors. The statements are
 * walked in order, so that a name used before it is bound is told from one that nothing declares.
 */
import type * as ast from '../syntax/ast.ts';
import { boundNames } from './announce.ts';
import { checkCall } from './call-shapes.ts';
import type { Context } from './context.ts';
import type { Body } from './declaration-checks.ts';
import { visitCalls, visitLabels, visitNames } from './names-in.ts';
import { unknownName } from './names.ts';
import type { Scope } from './scope.ts';
import { WORDS } from './words.ts';

export function checkNames(context: Context, body: Body, file: Scope): void {
  new Walk(context, body, file).run();
}

class Walk {
  private readonly context: Context;
  private readonly body: Body;
  private readonly file: Scope;
  private readonly known = new Set(['B']);
  private readonly upcoming = new Map<string, ast.Identifier['span']>();
  private labels = new Map<string, ast.Identifier>();

  constructor(context: Context, body: Body, file: Scope) {
    this.context = context;
    this.body = body;
    this.file = file;
  }

  run(): void {
    const { body } = this;
    for (const parameter of body.parameters) {
      this.expression(parameter.default);
      this.known.add(parameter.name.text);
    }
    const tensors = body.kind === 'fn' ? [] : [...body.inputs, ...body.outputs];
    for (const { name, dims } of tensors) {
      if (name) this.known.add(name.text);
      for (const dim of dims)
        if (dim.kind === 'dim' && dim.value.kind === 'name') this.known.add(dim.value.name);
    }
    for (const { dims } of tensors) dims.forEach((dim) => this.dimension(dim));
    if (!('statements' in body.body)) return this.expression(body.body);
    for (const { text, span } of boundNames(body.body))
      if (!this.upcoming.has(text)) this.upcoming.set(text, span);
    this.block(body.body);
  }

  private dimension(dim: ast.Dimension): void {
    if (dim.kind === 'dim') this.expression(dim.value);
  }

  private expression(expression: ast.Expression | undefined): void {
    if (!expression) return;
    const list = this.context.session.diagnostics;
    visitNames(expression, (name, called) => {
      if (this.known.has(name.name) || this.file.lookup(name.name) || WORDS.has(name.name)) return;
      list.guard(() => unknownName(this.context, name, this.names(), called));
      // Once is enough.
      this.known.add(name.name);
    });
    visitCalls(expression, (call) => {
      if (call.callee.kind !== 'name' || this.known.has(call.callee.name)) return;
      const binding = this.file.lookup(call.callee.name);
      if (binding) list.guard(() => checkCall(this.context, binding.get(), call));
    });
    visitLabels(expression, (label) => this.label(label));
  }

  private names(): { laterBinding(name: string): ast.Identifier['span'] | undefined; names(): string[] } {
    return {
      laterBinding: (name) => this.upcoming.get(name),
      names: () => [...this.known, ...this.upcoming.keys(), ...this.file.names()],
    };
  }

  private label(label: ast.Identifier): void {
    const before = this.labels.get(label.text);
    this.labels.set(label.text, before ?? label);
    if (!before) return;
    this.context.session.diagnostics.guard(() =>
      this.context.fail(
        'E0202',
        label.span,
        `two parts of \`${this.body.name.text}\` are named \`${label.text}\``,
        {
          help: 'names and labels are the keys of the checkpoint: choose another one',
          related: [{ message: `\`${label.text}\` is first named here`, span: before.span }],
        },
      ),
    );
  }

  private learn(names: readonly ast.Identifier[]): void {
    for (const { text } of names) this.known.add(text);
  }

  private block(block: ast.Block): void {
    block.statements.forEach((statement) => this.statement(statement));
  }

  /** A body whose labels are apart from those around it. */
  private apart(work: () => void): void {
    const before = this.labels;
    this.labels = new Map(before);
    work();
    this.labels = before;
  }

  private statement(statement: ast.Statement): void {
    switch (statement.kind) {
      case 'binding':
        for (const { target, value } of statement.entries) {
          this.expression(value);
          this.learn(target.kind === 'name' ? [target.name] : target.names);
        }
        return;
      case 'param':
      case 'state':
        for (const { tensor, value } of statement.entries) {
          tensor.dims.forEach((dim) => this.dimension(dim));
          this.expression(value);
          if (tensor.name) this.learn([tensor.name]);
        }
        return;
      case 'return':
      case 'emit':
      case 'update':
      case 'metric':
        return this.expression(statement.value);
      case 'repeat':
        this.expression(statement.count);
        if (statement.variable) this.learn([statement.variable]);
        return this.apart(() => {
          this.labels = new Map();
          this.block(statement.body);
        });
      case 'if':
        this.expression(statement.condition);
        this.apart(() => this.block(statement.then));
        this.apart(() => statement.else && this.block(statement.else));
        return;
      case 'scan':
        for (const { name, value } of statement.sequences) {
          this.expression(value);
          this.learn([name]);
        }
        for (const { tensor, value } of statement.carries) {
          this.expression(value);
          if (tensor.name) this.learn([tensor.name]);
        }
        return this.block(statement.body);
      case 'column':
      case 'from':
      case 'augment':
      case 'split':
      case 'step':
      case 'minimize':
        // The grammar keeps these out of bodies.
        return;
      default:
        statement satisfies never;
    }
  }
}
