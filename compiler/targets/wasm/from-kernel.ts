/**
 * A kernel as a WebAssembly function. In: a verified kernel, the uniform block's place, the module's helpers. Out: a
 * function of (from, to, scratch, base address of each binding…, turns…) that runs the threads from `from` to `to`, `to` not
 * included and above `from`. Holds: the function depends on the kernel's content alone, so equal kernels are one.
 */
import { usedTurns } from '../../kernel/used-turns.ts';
import { usesHalf } from '../../kernel/uses-half.ts';
import type { Kernel } from '../../kernel/ir.ts';
import { emitExpression } from './expressions.ts';
import { FunctionBuilder } from './function-builder.ts';
import type { Helpers } from './helpers.ts';
import type { KernelScope, UniformPlace } from './kernel-scope.ts';
import { FIRST_BINDING } from './kernel-scope.ts';
import { emitStatements } from './statements.ts';
import { emitThreads } from './threads.ts';

export interface WasmLayout {
  readonly uniform: UniformPlace;
  readonly helpers: Helpers;
  /** Multiply and add in one rounding, where the engine has it. */
  readonly relaxed: boolean;
}

/** Writes one kernel, without f16: WebAssembly has no such numbers. */
export function kernelToWasm(kernel: Kernel, layout: WasmLayout): FunctionBuilder {
  if (usesHalf(kernel)) throw new Error(`internal: f16 reached the CPU target in ${kernel.name}`);
  if (kernel.workgroup.some((size) => size !== 1) && kernel.scratch)
    throw new Error(`internal: ${kernel.name} shares scratch memory among threads`);
  const turns = usedTurns(kernel);
  const count = FIRST_BINDING + kernel.bindings.length + turns.length;
  const parameters = Array.from({ length: count }, () => 'i32' as const);
  const f = new FunctionBuilder({ parameters, results: [] });
  const scope: KernelScope = {
    f,
    kernel,
    ...layout,
    turns,
    variables: new Map(),
    emit: (expression) => emitExpression(scope, expression),
  };
  emitThreads(scope, () => emitStatements(scope, kernel.body));
  return f;
}
