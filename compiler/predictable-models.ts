/** Refuses a program that nothing can predict with. In: its text as a tree, the checked program. E0306, at the model. */
import { fail } from './diagnostics.ts';
import type { Program } from './semantics/program.ts';
import type { SourceFile } from './syntax/ast.ts';

export function checkModels({ declarations }: SourceFile, { models, source }: Program): void {
  if (models.length > 0) return;
  const declared = declarations.find(({ kind }) => kind === 'model');
  if (declared?.kind !== 'model') {
    fail('E0306', undefined, `${source} has no model to predict with`, {
      help: 'what predicts is a model of its own: model net: x[B, 4] -> y[B, 2] { … }',
    });
  }
  const { text, span } = declared.name;
  fail('E0306', span, `the model \`${text}\` cannot predict record by record`, {
    help: 'every size of its inputs stands in its signature or comes from a step that calls it; what it returns has the batch B as its first axis, and nowhere else',
  });
}
