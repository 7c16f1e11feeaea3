/**
 * Lines with their comments. In: lines, the comment behind the code apart. Out: their text. The comments of
 * neighbouring lines begin in one column, two spaces behind the longest code.
 */
import type { Line } from './print-document.ts';

export function alignComments(lines: readonly Line[]): string[] {
  const result: string[] = [];
  let start = 0;
  while (start < lines.length) {
    let end = start;
    while (lines[end]?.comment !== undefined) end += 1;
    const run = lines.slice(start, end);
    const column = Math.max(0, ...run.map(({ code }) => code.length));
    for (const { code, comment = '' } of run) result.push(`${code.padEnd(column)}  ${comment}`);
    const plain = lines[end];
    if (plain) result.push(plain.code);
    start = end + 1;
  }
  return result;
}
