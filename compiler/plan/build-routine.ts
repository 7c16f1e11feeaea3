/**
 * A routine as dispatches with bindings. In: a routine's kernels, its memory plan, the places of named tensors.
 * Out: for every kernel the ranges it binds and how it accesses each. Holds: what `checkDispatch` states.
 */
import type {
  Access,
  BufferRange,
  RoutineInput,
  RoutineOutput,
  Span,
  StorageType,
} from '../../runtime/plan-format.ts';
import { tensorBytes } from '../graph/element-bytes.ts';
import type { Graph } from '../graph/ir.ts';
import { targetKey } from '../kernel/bindings.ts';
import type { Kernel } from '../kernel/ir.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { checkDispatch, checkLifetimes, checkLoops } from '../memory/check.ts';
import { alignUp, lifetimesOf, lowerBound, type KernelLoop, type Lifetime } from '../memory/liveness.ts';
import { planMemory, type MemoryPlan } from '../memory/plan-memory.ts';
import type { Places } from './places.ts';

/** A routine before its buffers exist. */
export interface RoutineDraft {
  name: string;
  /** The first three are a training step, the others stand beside it. */
  role: 'gradient' | 'accumulate' | 'update' | 'evaluate' | 'predict' | 'prepare' | 'statistics';
  step?: string;
  /** An evaluation by the averaged weights. */
  averages?: boolean;
  graph: Graph;
  kernels: Kernel[];
  /** Runs of kernels that are dispatched turn by turn. */
  loops: readonly KernelLoop[];
  /** Largest batch. */
  batch: number;
  dynamicBatch: boolean;
  /** The place in the program that asks for a batch of this very size. */
  fixedBy?: Span | undefined;
  inputs: { name: string; recordShape: number[]; storage: StorageType }[];
}

export interface PlannedDispatch {
  kernel: Kernel;
  ranges: BufferRange[];
  access: Access[];
}

export interface PlannedRoutine extends Omit<RoutineDraft, 'inputs'> {
  memory: MemoryPlan;
  dispatches: PlannedDispatch[];
  inputs: RoutineInput[];
  outputs: RoutineOutput[];
}

/** Buffers shared by all routines, since one routine runs after another. */
export interface SharedBuffers {
  activations: number[];
  inputs: number;
  results: number;
}

export interface DraftMemory {
  memory: MemoryPlan;
  /** Offsets in the inputs buffer. */
  inputs: Map<string, { offset: number; bytes: number }>;
  inputBytes: number;
  /** Offsets in the results buffer, by graph value. */
  results: Map<number, { offset: number; bytes: number }>;
  resultBytes: number;
}

const STORAGE_BYTES: Record<StorageType, number> = { f32: 4, i32: 4, u32: 4, u8: 1 };

/** Packs ranges one after another at the binding alignment. */
function pack<K>(
  entries: readonly { key: K; bytes: number }[],
  alignment: number,
): { ranges: Map<K, { offset: number; bytes: number }>; bytes: number } {
  const ranges = new Map<K, { offset: number; bytes: number }>();
  let end = 0;
  for (const { key, bytes } of entries) {
    if (ranges.has(key)) continue;
    ranges.set(key, { offset: end, bytes: alignUp(bytes, 4) });
    end = alignUp(end + bytes, alignment);
  }
  return { ranges, bytes: end };
}

/** First half: what each routine needs of every shared buffer; those that need least fit into what the others have. */
export function draftMemories(drafts: readonly RoutineDraft[], profile: TargetProfile): DraftMemory[] {
  const wanted = drafts.map((draft) => ({ draft, lifetimes: lifetimesOfDraft(draft) }));
  const bound = ({ lifetimes }: (typeof wanted)[number]): number =>
    lowerBound(lifetimes, profile.offsetAlignment);
  const found = new Map<RoutineDraft, DraftMemory>();
  let held: readonly number[] | undefined;
  for (const { draft, lifetimes } of [...wanted].sort((a, b) => bound(b) - bound(a))) {
    const memory = planMemory(lifetimes, draft.kernels, profile, held);
    checkLifetimes(memory.values, profile);
    checkLoops(memory.values, draft.kernels, draft.loops);
    const most = Math.max(memory.pools.length, held?.length ?? 0);
    held = Array.from({ length: most }, (_, pool) => Math.max(memory.pools[pool] ?? 0, held?.[pool] ?? 0));
    found.set(draft, { memory, ...draftEnds(draft, profile) });
  }
  return drafts.map((draft) => found.get(draft)!);
}

function lifetimesOfDraft(draft: RoutineDraft): Lifetime[] {
  const pinned = new Set(resultsOf(draft));
  return lifetimesOf(draft.kernels, draft.loops, (value) => bytesOf(draft, value), pinned);
}

const bytesOf = ({ graph, batch }: RoutineDraft, value: number): number =>
  tensorBytes(graph.nodes[value]!.type, batch);

const resultsOf = ({ graph }: RoutineDraft): number[] =>
  graph.outputs.filter((output) => output.role === 'result').map((output) => output.value);

/** What goes in and out of the routine. */
function draftEnds(draft: RoutineDraft, profile: TargetProfile): Omit<DraftMemory, 'memory'> {
  const input = pack(
    draft.inputs.map(({ name, recordShape, storage }) => ({
      key: name,
      bytes: recordShape.reduce((n, d) => n * d, draft.batch) * STORAGE_BYTES[storage],
    })),
    profile.offsetAlignment,
  );
  const result = pack(
    resultsOf(draft).map((value) => ({ key: value, bytes: bytesOf(draft, value) })),
    profile.offsetAlignment,
  );
  return {
    inputs: input.ranges,
    inputBytes: input.bytes,
    results: result.ranges,
    resultBytes: result.bytes,
  };
}

/** Second half: bindings, once the shared buffers exist. */
export function buildRoutine(
  draft: RoutineDraft,
  drafted: DraftMemory,
  places: Places,
  shared: SharedBuffers,
  profile: TargetProfile,
): PlannedRoutine {
  const values = new Map<number, BufferRange>();
  for (const v of drafted.memory.values)
    values.set(v.value, {
      buffer: shared.activations[v.pool]!,
      offset: v.offset,
      bytes: alignUp(v.bytes, 4),
    });
  for (const [value, range] of drafted.results) values.set(value, { buffer: shared.results, ...range });
  const locate = (name: string): BufferRange => {
    const input = drafted.inputs.get(name);
    return input ? { buffer: shared.inputs, ...input } : places.range(name);
  };

  const dispatches = draft.kernels.map((kernel): PlannedDispatch => {
    const ranges = kernel.bindings.map(({ tensor, window }): BufferRange => {
      const range = tensor.kind === 'named' ? locate(tensor.name) : values.get(tensor.value);
      if (!range) throw new Error(`internal: ${targetKey(tensor)} of ${draft.name} has no place`);
      if (!window) return range;
      return { buffer: range.buffer, offset: range.offset + window.from, bytes: alignUp(window.bytes, 4) };
    });
    const written = new Set(ranges.filter((_, i) => kernel.bindings[i]!.writes).map((range) => range.buffer));
    const access = ranges.map((range): Access => (written.has(range.buffer) ? 'read_write' : 'read'));
    checkDispatch(kernel.name, ranges, access, places.buffers, profile);
    return { kernel, ranges, access };
  });

  const outputs = draft.graph.outputs
    .filter((output) => output.role === 'result')
    .map((output): RoutineOutput => {
      const { dtype, shape } = draft.graph.nodes[output.value]!.type;
      // What a model gives over a batch of fixed size is one a record as well.
      const perRecord = typeof shape[0] === 'object' || (draft.role === 'predict' && !draft.dynamicBatch);
      const fixed = (perRecord ? shape.slice(1) : shape).map((d) => {
        if (typeof d !== 'number') throw new Error(`internal: output ${output.name} has the batch inside`);
        return d;
      });
      return { name: output.name, dtype, range: values.get(output.value)!, shape: fixed, perRecord };
    });
  return {
    ...draft,
    memory: drafted.memory,
    dispatches,
    inputs: draft.inputs.map((input) => ({ ...input, range: locate(input.name) })),
    outputs,
  };
}
