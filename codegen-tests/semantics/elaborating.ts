/**
 * What the tests of this folder share: elaboration of a program given as text, its errors, and a small
 * program whose parts can be replaced one at a time.
 */
import { expect } from 'vitest';
import { CompileError, type Diagnostic, type DiagnosticCode } from '../../compiler/diagnostics.ts';
import { elaborate, type ElaborateOptions } from '../../compiler/semantics/elaborate.ts';
import { standardLibrary } from '../../compiler/semantics/library.ts';
import type { Program } from '../../compiler/semantics/program.ts';
import type { SourceFile } from '../../compiler/syntax/ast.ts';
import { parse } from '../../compiler/syntax/parse.ts';

type Options = Omit<ElaborateOptions, 'standardLibrary'>;

function parsed(text: string, file: string): SourceFile {
  const { tree, diagnostics } = parse(text, file);
  if (diagnostics.length > 0) throw new CompileError(diagnostics);
  return tree;
}

export function elaborateText(text: string, options: Options = {}): Program {
  return elaborate(parsed(text, 'test.net'), { ...options, standardLibrary: standardLibrary() });
}

export function errorsOf(text: string, options: Options = {}): readonly Diagnostic[] {
  try {
    elaborateText(text, options);
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics;
    throw error;
  }
  return [];
}

interface Parts {
  /** Declarations in front of the data block, which starts on line 1 without them. */
  before: string;
  columns: string;
  batch: string;
  signature: string;
  model: string;
  /** Declarations between model and training. */
  after: string;
  trained: string;
  train: string;
  head: string;
  step: string;
  minimize: string;
}

/** Line 1 is the data block, 6 the model, 9 training, 12 the first statement of the step. */
export function base(parts: Partial<Parts> = {}): string {
  return `${parts.before === undefined ? '' : `${parts.before}\n`}data d {
  ${parts.columns ?? 'x[B, 8]\n  y[B] u32'}
  ${parts.batch ?? 'batch = 4'}
}
model net: ${parts.signature ?? 'x[B, 8] -> logits[B, 3]'} {
  ${parts.model ?? 'return x -> dense(3)'}
}
${parts.after === undefined ? '' : `${parts.after}\n`}train on ${parts.trained ?? 'd'} {
  ${parts.train ?? 'steps = 2'}
  ${parts.head ?? 'step'} {
    ${parts.step ?? 'loss = cross_entropy(net(x), y)'}
    ${parts.minimize ?? 'minimize loss with adam(lr = 1e-3)'}
  }
}
`;
}

/** The words of an error: message, help, and what it points to besides. */
export function wordsOf({ message, help, related = [] }: Diagnostic): string {
  const notes = related.map((note) => `note ${note.span.line}:${note.span.column}: ${note.message}`);
  return [message, ...(help === undefined ? [] : [`help: ${help}`]), ...notes].join('\n');
}

/** The program has exactly this one error, at this place; gives back its words. */
export function onlyError(text: string, code: DiagnosticCode, line: number, column: number): string {
  const errors = errorsOf(text);
  expect(errors.map((e) => `${e.code} ${e.span?.line}:${e.span?.column}`)).toEqual([
    `${code} ${line}:${column}`,
  ]);
  return wordsOf(errors[0] as Diagnostic);
}
