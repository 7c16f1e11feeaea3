/** Whether a kernel holds f16 anywhere: not every device has it. */
import type { Expression, Kernel, Statement } from './ir.ts';

export function usesHalf(kernel: Kernel): boolean {
  return kernel.bindings.some(({ storage }) => storage === 'f16') || kernel.body.some(mentionsHalf);
}

function mentionsHalf(part: Statement | Expression): boolean {
  if ('type' in part && part.type.scalar === 'f16') return true;
  return (Object.values(part) as unknown[]).flat().some(isPart);
}

const isPart = (inner: unknown): boolean =>
  typeof inner === 'object' &&
  inner !== null &&
  'kind' in inner &&
  mentionsHalf(inner as Statement | Expression);
