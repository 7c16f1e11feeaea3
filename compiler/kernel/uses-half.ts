/** Whether a kernel holds f16 anywhere: not every device has it. */
import type { Kernel } from './ir.ts';
import { visitExpressions } from './visit.ts';

export function usesHalf({ bindings, body }: Kernel): boolean {
  let found = bindings.some(({ storage }) => storage === 'f16');
  visitExpressions(body, ({ type }) => (found ||= type.scalar === 'f16'));
  return found;
}
