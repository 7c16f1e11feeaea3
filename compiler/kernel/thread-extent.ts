/** Threads of kernels with a thread a result: how many, in workgroups of what size, and how they use vec4. */
import { elementsAt, type Dimension } from '../graph/dimension.ts';
import type { Workspace } from './workspace.ts';

export interface Variant {
  /** Four neighbouring result elements a thread. */
  readonly outerLanes: boolean;
  /** Sums run four elements at a time along the innermost reduced axis. */
  readonly innerLanes: boolean;
  /** How many vec4s may be put together from scalar loads before the next variant is tried. */
  readonly gathers: number;
}

/**
 * The sizes whose product is the number of threads: constants joined, each thread doing `each` elements.
 * Undefined where the number of elements is no multiple of it for every batch.
 */
export function threadExtent(shape: readonly Dimension[], each: number): Dimension[] | undefined {
  let product = 1;
  const symbolic: Exclude<Dimension, number>[] = [];
  for (const d of shape) {
    if (typeof d === 'number') product *= d;
    else if (d.plus === 0) {
      product *= d.times;
      symbolic.push({ times: 1, plus: 0 });
    } else symbolic.push(d);
  }
  if (product % each === 0) return join(symbolic, product / each);
  const divisible = symbolic.findIndex((d) => d.times % each === 0 && d.plus % each === 0);
  if (divisible < 0) return undefined;
  const divided = symbolic.map((d, i) =>
    i === divisible ? { times: d.times / each, plus: d.plus / each } : d,
  );
  return join(divided, product);
}

function join(symbolic: readonly Dimension[], product: number): Dimension[] {
  const [first, ...rest] = symbolic;
  if (first === undefined) return [product];
  if (product === 1) return [first, ...rest];
  return [...symbolic, product];
}

/** Small on a software device for loops of one thread; whole warps elsewhere. */
export function threadWorkgroup(workspace: Workspace, extent: readonly Dimension[]): number {
  const { profile, batch } = workspace.context;
  const threads = elementsAt(extent, batch);
  if (profile.deviceClass === 'cpu') return 1;
  const software = profile.deviceClass === 'software';
  if (workspace.group.kind !== 'elementwise' && workspace.group.kind !== 'gather') return software ? 8 : 64;
  return threads >= 4096 ? Math.min(256, profile.workgroupInvocations) : 64;
}
