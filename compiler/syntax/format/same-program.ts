/** Whether two syntax trees are the same program: equal in all but places and the commas that change nothing. */
import type { SourceFile } from '../ast.ts';

export function isSameProgram(a: SourceFile, b: SourceFile): boolean {
  return withoutPlaces(a) === withoutPlaces(b);
}

function withoutPlaces(tree: SourceFile): string {
  return JSON.stringify(tree, (key, value: unknown) => (/span$/i.test(key) ? undefined : value));
}
