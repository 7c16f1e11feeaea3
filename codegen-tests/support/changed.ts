/**
 * Variants of programs in tests. In: a text, a part of it and what to put there. Out: the changed text; throws where the
 * part is not there, so that no test runs the original and passes.
 */
export function changed(text: string, part: string | RegExp, other: string): string {
  // A function, since `$` in a text for `replace` means something else.
  const result = text.replace(part, () => other);
  if (result === text) throw new Error(`there is no ${String(part)} to change in\n${text}`);
  return result;
}
