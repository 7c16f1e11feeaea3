/**
 * `use "file.net"`: brings the declarations of other files. In: the main tree, a resolver that gives text.
 * Out: all declarations, those used first. A file is read once; a cycle is an error.
 */
import { CompileError, errorAt, type Diagnostic, type Span } from '../diagnostics.ts';
import type * as ast from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';

export type Resolver = (path: string, from: string) => string | undefined;

/** The file named in a `use`, beside the file it stands in. */
function beside(path: string, from: string): string {
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) : '';
  return path.startsWith('/') ? path : `${folder}${path}`;
}

export function withUsedFiles(main: ast.SourceFile, resolve: Resolver | undefined): ast.Declaration[] {
  const found: ast.Declaration[] = [];
  const done = new Set<string>();
  const errors: Diagnostic[] = [];
  const visit = (tree: ast.SourceFile, trail: readonly { file: string; span?: Span }[]): void => {
    for (const declaration of tree.declarations) {
      if (declaration.kind !== 'use') continue;
      const file = beside(declaration.path, tree.file);
      if (trail.some((step) => step.file === file)) {
        errors.push(
          errorAt(
            'E0224',
            declaration.pathSpan,
            `"${declaration.path}" is used by itself, directly or through others`,
          ),
        );
        continue;
      }
      if (done.has(file)) continue;
      done.add(file);
      const text = resolve?.(declaration.path, tree.file);
      if (text === undefined) {
        errors.push(
          errorAt('E0225', declaration.pathSpan, `there is no file "${declaration.path}"`, {
            help: 'the path is relative to the file it stands in',
          }),
        );
        continue;
      }
      const { tree: used, diagnostics } = parse(text, file);
      errors.push(...diagnostics.filter((d) => d.severity === 'error'));
      visit(used, [...trail, { file, span: declaration.span }]);
      found.push(...used.declarations.filter((each) => each.kind !== 'train' && each.kind !== 'use'));
    }
  };
  visit(main, [{ file: main.file }]);
  if (errors.length > 0) throw new CompileError(errors);
  return [...found, ...main.declarations];
}
