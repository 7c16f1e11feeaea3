/**
 * Where a kernel's barriers stand. In: a kernel. Out: nothing, or a plain Error, an internal one, where a barrier is in
 * an `if` or a loop that threads of one workgroup could pass by or leave at different times. WGSL refuses such kernels;
 * so do we, before any target sees them.
 *
 * A value is uniform if all threads of a workgroup have the same: numbers, the batch, the turn, scalars, the place of the
 * workgroup, and what `let` and uniform loops make of them. What is loaded, and every `var`, counts as not uniform.
 */
import type { Expression, Kernel, Statement } from './ir.ts';
import { GROUP_IDS } from './thread-ids.ts';
import { bodiesOf, operandsOf } from './visit.ts';

export const hasBarrier = (body: readonly Statement[]): boolean =>
  body.some((s) => s.kind === 'barrier' || bodiesOf(s).some(hasBarrier));

/** Names are bound once in a kernel, so one set serves all scopes. */
export function checkUniformity(kernel: Kernel): void {
  const uniform = new Set<string>(GROUP_IDS);
  visit(kernel.body, true);

  function visit(body: readonly Statement[], together: boolean): void {
    for (const s of body) {
      switch (s.kind) {
        case 'barrier':
          if (!together)
            throw new Error(`internal: kernel ${kernel.name}: a barrier that some threads may not reach`);
          break;
        case 'let':
          if (isUniform(s.value, uniform)) uniform.add(s.name);
          break;
        case 'for': {
          const same = isUniform(s.from, uniform) && isUniform(s.to, uniform);
          if (same) uniform.add(s.variable);
          visit(s.body, together && same);
          break;
        }
        case 'if': {
          const same = together && isUniform(s.condition, uniform);
          visit(s.then, same);
          visit(s.else ?? [], same);
          break;
        }
        case 'var':
        case 'assign':
        case 'store':
        case 'scratch_store':
          break;
        default:
          s satisfies never;
      }
    }
  }
}

function isUniform(e: Expression, names: ReadonlySet<string>): boolean {
  if (e.kind === 'variable') return names.has(e.name);
  if (e.kind === 'load' || e.kind === 'scratch_load') return false;
  return operandsOf(e).every((operand) => isUniform(operand, names));
}
