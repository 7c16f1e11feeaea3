/**
 * Source text to syntax tree. In: the text of a `.net` file and its name. Out: the tree, and every mistake that
 * can be told from the text alone, in the order of the text. Holds: where there are diagnostics the tree is of
 * what could be read; a statement with an error in it is left out, and has one syntax error at most.
 */
import type { IRecognitionException } from 'chevrotain';
import type { Diagnostic } from '../diagnostics.ts';
import type { SourceFile } from './ast.ts';
import { balanceBrackets } from './brackets.ts';
import { buildFile } from './build-declarations.ts';
import { explain, headOf, headTokens } from './explain.ts';
import { parseTokens } from './grammar.ts';
import { markKeywords } from './keywords.ts';
import type { Statements } from './keywords.ts';
import { layOut } from './layout.ts';
import { lex } from './lex.ts';
import { checkPlacement } from './placement.ts';
import { SourceText } from './source-text.ts';
import type { Problem } from './source-text.ts';
import { endOf } from './tokens.ts';

/** `firstLine`: the line of the file that the text begins with, from 1. */
export function parse(
  text: string,
  file: string,
  firstLine = 1,
): { tree: SourceFile; diagnostics: Diagnostic[] } {
  const source = new SourceText(text, file, firstLine);
  const { tokens, problems } = lex(source);
  const balanced = balanceBrackets(tokens, source, problems);
  problems.push(...balanced.problems);
  const statements = markKeywords(layOut(balanced.tokens, problems), source, problems);
  const { tree: cst, errors } = parseTokens(statements.tokens);
  const failed = failedHeads(errors, statements);
  problems.push(...explainAll(errors, statements, problems, source));
  problems.push(...balanced.braceProblems.filter((problem) => !isAboutRefused(problem, problems)));
  const { declarations, strays } = buildFile(cst, { source, problems, failed });
  const tree: SourceFile = { file, declarations, span: source.span(0, source.text.length) };
  const diagnostics = problems.map((problem) => source.diagnostic(problem));
  diagnostics.push(...checkPlacement(tree, strays));
  return { tree, diagnostics: diagnostics.sort(byPlace) };
}

function failedHeads(errors: readonly IRecognitionException[], statements: Statements): Set<number> {
  const starts = errors.map((error) => statements.tokens[headOf(statements, error.token)]?.startOffset);
  return new Set(starts.filter((start) => start !== undefined));
}

/** Whether a brace is not closed that should not stand there in the first place. */
function isAboutRefused({ related = [] }: Problem, problems: readonly Problem[]): boolean {
  return related.some(({ start }) => problems.some((problem) => problem.start === start));
}

/** One error a statement: the first, and none where its characters, strings or brackets are at fault. */
function explainAll(
  errors: readonly IRecognitionException[],
  statements: Statements,
  earlier: readonly Problem[],
  source: SourceText,
): Problem[] {
  const explained = new Map<number, Problem>();
  for (const error of errors) {
    const head = headOf(statements, error.token);
    if (explained.has(head) || isExplained(head, statements, earlier, source)) continue;
    explained.set(head, explain(error, statements, source));
  }
  return [...explained.values()];
}

function isExplained(
  head: number,
  statements: Statements,
  problems: readonly Problem[],
  source: SourceText,
): boolean {
  const tokens = headTokens(statements, head);
  const [first, last] = [tokens[0], tokens.at(-1)];
  if (!first || !last) return false;
  // Up to the end of the line: a character that cannot be read leaves no token.
  const lineEnd = source.text.indexOf('\n', endOf(last));
  const end = lineEnd < 0 ? source.text.length : lineEnd;
  return problems.some(({ start }) => start >= first.startOffset && start <= end);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const line = (a.span?.line ?? 0) - (b.span?.line ?? 0);
  return line !== 0 ? line : (a.span?.column ?? 0) - (b.span?.column ?? 0);
}
