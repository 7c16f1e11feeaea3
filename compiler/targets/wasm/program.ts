/**
 * All routines of a program as one WebAssembly module over one memory. In: planned routines, buffers, scalars. Out:
 * the module and where everything lies in memory, and the kernels as they are listed. Holds: addresses are decided
 * here; the runtime adds the threads' scratch memory behind them.
 */
import type { BufferSpec, CpuModule, ListedKernel } from '../../../runtime/plan-format.ts';
import { fail } from '../../diagnostics.ts';
import { dimensionAt } from '../../graph/dimension.ts';
import type { Kernel } from '../../kernel/ir.ts';
import type { PlannedDispatch } from '../../plan/build-routine.ts';
import { BARRIER_BYTES, barrierFunction } from './barrier.ts';
import { toBase64 } from './bytes.ts';
import { kernelToWasm } from './from-kernel.ts';
import { Helpers } from './helpers.ts';
import { drawAddress, scratchBytes, seedAddress, type UniformPlace } from './kernel-scope.ts';
import { ModuleBuilder, MOST_PAGES } from './module-builder.ts';
import { routineFunction, shareFunction, type DispatchedRoutine } from './routines.ts';

/** The first bytes stay unused, so that address 0 is nobody's. */
const BARRIER_ADDRESS = 64;
const ALIGNMENT = 256;
const PAGE = 65_536;

export interface CpuParts {
  readonly routines: readonly DispatchedRoutine[];
  readonly buffers: readonly BufferSpec[];
  /** Names of the f32 scalars of the uniform block, in order. */
  readonly scalars: readonly string[];
  readonly uniformBytes: number;
  readonly relaxed: boolean;
}

export interface CpuPlan {
  readonly module: CpuModule & { module: string };
  readonly kernels: ListedKernel[];
  /** Of each dispatch of each routine: its kernel's place in `kernels`, and its threads. */
  readonly dispatches: readonly (readonly { kernel: number; groups: [number, number, number] }[])[];
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export function buildCpuPlan(parts: CpuParts): CpuPlan {
  const uniform: UniformPlace = { address: aligned(BARRIER_ADDRESS + BARRIER_BYTES), scalars: parts.scalars };
  const { buffers, end } = placeBuffers(parts.buffers, aligned(uniform.address + parts.uniformBytes));
  const module = new ModuleBuilder();
  const helpers = new Helpers(module, {
    'uniforms.seed': seedAddress(uniform),
    'uniforms.draw': drawAddress(uniform),
  });
  const meet = module.add(barrierFunction(BARRIER_ADDRESS), 'meet');
  module.export('meet', meet);
  const table = new KernelTable(module, { uniform, helpers, relaxed: parts.relaxed });
  const layout = {
    uniform,
    buffers,
    meet,
    share: module.add(shareFunction(), 'share'),
    kernel: (dispatch: PlannedDispatch) => table.function(dispatch),
  };
  parts.routines.forEach((routine, i) => {
    module.export(`routine${i}`, module.add(routineFunction(routine, layout), routine.name));
  });
  return {
    module: {
      module: toBase64(module.finish()),
      uniform: uniform.address,
      buffers,
      bytes: end,
      scratchBytes: aligned(table.scratchBytes),
    },
    kernels: table.kernels,
    dispatches: parts.routines.map((routine) =>
      routine.dispatches.map((dispatch) => ({
        kernel: table.listed(dispatch),
        groups: dispatch.kernel.threads.map((sizes) =>
          sizes.reduce<number>((n, size) => n * dimensionAt(size, routine.batch), 1),
        ) as [number, number, number],
      })),
    ),
  };
}

/** Buffers one after another. E0604 where they are more than 32 bits address. */
function placeBuffers(specs: readonly BufferSpec[], start: number): { buffers: number[]; end: number } {
  let end = start;
  const buffers = specs.map(({ bytes }) => {
    const address = end;
    end = aligned(end + bytes);
    return address;
  });
  if (end > MOST_PAGES * PAGE) {
    fail(
      'E0604',
      undefined,
      `the program needs ${end} bytes of memory; the CPU target addresses ${MOST_PAGES * PAGE}`,
      {
        help: 'use a smaller batch or a smaller model',
      },
    );
  }
  return { buffers, end };
}

interface KernelLayout {
  readonly uniform: UniformPlace;
  readonly helpers: Helpers;
  readonly relaxed: boolean;
}

/** The kernels of a module: equal ones once. */
class KernelTable {
  readonly kernels: ListedKernel[] = [];
  scratchBytes = 0;
  private readonly module: ModuleBuilder;
  private readonly layout: KernelLayout;
  /** By body: kernels that share one (`kernel/known-bodies.ts`) are bound to other tensors and else the same. */
  private readonly functions = new Map<Kernel['body'], number>();
  private readonly places = new Map<number, number>();

  constructor(module: ModuleBuilder, layout: KernelLayout) {
    this.module = module;
    this.layout = layout;
  }

  function(dispatch: PlannedDispatch): number {
    const { kernel } = dispatch;
    const known = this.functions.get(kernel.body);
    if (known !== undefined) return known;
    const index = this.module.add(kernelToWasm(kernel, this.layout), kernel.name);
    this.functions.set(kernel.body, index);
    this.scratchBytes = Math.max(this.scratchBytes, scratchBytes(kernel));
    if (!this.places.has(index)) {
      this.places.set(index, this.kernels.length);
      this.kernels.push({
        id: `k${this.kernels.length + 1}`,
        name: kernel.name,
        code: '',
        access: dispatch.access,
        uniform: true,
        workgroup: [...kernel.workgroup],
      });
    }
    return index;
  }

  listed({ kernel }: PlannedDispatch): number {
    return this.places.get(this.functions.get(kernel.body) ?? -1) ?? -1;
  }
}
