/**
 * The shaders of a listing. In: planned dispatches. Out: listed kernels, one a distinct shader body, and for
 * every dispatch which one it runs. The header of a shared shader names every use of it.
 */
import type { ListedKernel } from '../../runtime/plan-format.ts';
import type { Kernel } from '../kernel/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import type { PlannedDispatch, PlannedRoutine } from '../plan/build-routine.ts';
import { headerLine, kernelToWgsl, type WgslResult } from '../targets/wgsl/from-kernel.ts';

export interface PrintedDispatch extends WgslResult {
  /** Index into the listing's kernels. */
  kernel: number;
}

/** Operators and the user's lines of a kernel: `matmul  mnist.net:12`. */
export function describeKernel({ kernel }: PlannedDispatch): string {
  const lines = [...new Set(kernel.source.map((span) => `${span.file}:${span.line}`))];
  return [kernel.ops.join(' '), ...lines].join('  ');
}

/** Splits the comment lines at a shader's top from what the device compiles. */
function splitHeader(code: string): { header: string[]; body: string } {
  const lines = code.split('\n');
  const first = lines.findIndex((line) => !line.startsWith('//'));
  return { header: lines.slice(0, first), body: lines.slice(first).join('\n') };
}

export class ShaderTable {
  readonly kernels: ListedKernel[] = [];
  /** Features of the device that some shader needs. */
  readonly features = new Set<string>();
  readonly #profile: TargetProfile;
  readonly #scalars: readonly string[];
  readonly #known = new Map<string, number>();
  /** Of a body that several dispatches share (`kernel/known-bodies.ts`): their shaders, by what else decides them. */
  readonly #printed = new Map<Kernel['body'], Map<string, WgslResult>>();

  constructor(scalars: readonly string[], profile: TargetProfile) {
    this.#scalars = scalars;
    this.#profile = profile;
  }

  print(routine: PlannedRoutine, dispatch: PlannedDispatch): PrintedDispatch {
    const result = this.#shaderOf(routine, dispatch);
    if (result.half) this.features.add('shader-f16');
    const { header, body } = splitHeader(result.code);
    let index = this.#known.get(body);
    if (index === undefined) {
      index = this.kernels.length;
      this.#known.set(body, index);
      this.kernels.push({
        id: `k${index + 1}`,
        name: dispatch.kernel.name,
        code: result.code,
        access: dispatch.access,
        uniform: result.uniform,
        ...(result.turns.length > 0 ? { turns: [...result.turns] } : {}),
        workgroup: [...dispatch.kernel.workgroup],
      });
    } else {
      const kernel = this.kernels[index]!;
      const fresh = header.filter((line) => !kernel.code.includes(`${line}\n`));
      const old = splitHeader(kernel.code);
      kernel.code = [...old.header, ...fresh, old.body].join('\n');
    }
    return { ...result, kernel: index };
  }
  #shaderOf({ batch }: PlannedRoutine, { kernel, access }: PlannedDispatch): WgslResult {
    const layout = { access, scalars: this.#scalars, batch, profile: this.#profile };
    const { body, bindings, threads, workgroup, scratch } = kernel;
    const bound = bindings.map(({ tensor: _, ...rest }) => rest);
    const key = JSON.stringify([access, batch, bound, threads, workgroup, scratch]);
    const printed = this.#printed.get(body) ?? new Map<string, WgslResult>();
    this.#printed.set(body, printed);
    const known = printed.get(key);
    if (known)
      return { ...known, code: [`// ${headerLine(kernel)}`, splitHeader(known.code).body].join('\n') };
    const result = kernelToWgsl(kernel, layout);
    printed.set(key, result);
    return result;
  }
}
