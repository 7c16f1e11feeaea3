/** The loops whose turn's number a kernel asks for. In: a kernel. Out: how many loops are around each, ascending. */
import type { Kernel } from './ir.ts';
import { visitExpressions } from './visit.ts';

export function usedTurns({ body }: Pick<Kernel, 'body'>): number[] {
  const found = new Set<number>();
  visitExpressions(body, (e) => {
    if (e.kind === 'turn') found.add(e.depth);
  });
  return [...found].sort((a, b) => a - b);
}
