/**
 * The outputs of a routine as bytes in a readback slot, and as arrays. In: a routine of the listing.
 * Out: which ranges to copy, and the decoder of what arrives.
 */
import { decodeFloat16 } from './data/half-float.ts';
import type { Listing, Routine, RoutineOutput } from './plan-format.ts';
import type { CopyPlan } from './readback-ring.ts';
import { planCopies } from './readback-ring.ts';
import type { HostArray, Outputs } from './step-runner.ts';
import { elements } from './step-runner.ts';

/** Elements of an output for this many records. */
export function outputElements(output: RoutineOutput, batch: number): number {
  return elements(output.shape) * (output.perRecord ? batch : 1);
}

/** Copies for the largest batch; f16 takes two bytes an element, every other dtype four. */
export function planOutputs(routine: Routine): CopyPlan {
  return planCopies(
    routine.outputs.map((output) => ({
      buffer: output.range.buffer,
      offset: output.range.offset,
      bytes: (output.dtype === 'f16' ? 2 : 4) * outputElements(output, routine.batch),
    })),
  );
}

/** The first `batch` records of every output; f16 as f32. */
export function decodeOutputs(routine: Routine, plan: CopyPlan, bytes: ArrayBuffer, batch: number): Outputs {
  return new Map(
    routine.outputs.map((output, index) => {
      const offset = plan.placed[index]?.offset ?? 0;
      return [output.name, decode(output, bytes, offset, outputElements(output, batch))];
    }),
  );
}

function decode(output: RoutineOutput, bytes: ArrayBuffer, offset: number, count: number): HostArray {
  switch (output.dtype) {
    case 'f32':
      return new Float32Array(bytes, offset, count);
    case 'i32':
      return new Int32Array(bytes, offset, count);
    case 'u32':
    case 'bool':
      return new Uint32Array(bytes, offset, count);
    case 'f16':
      return decodeFloat16(new Uint16Array(bytes, offset, count));
    default:
      return output.dtype satisfies never;
  }
}

/** The routines that the training loop reads, whose outputs are a few numbers. */
export function planStepReads(listing: Listing): Map<number, CopyPlan> {
  const indices = new Set(
    listing.steps.flatMap(({ gradient, evaluate, evaluateAverages = [] }) =>
      [gradient, evaluate].concat(evaluateAverages),
    ),
  );
  const plans = new Map<number, CopyPlan>();
  for (const index of indices) {
    const routine = listing.routines[index];
    if (routine) plans.set(index, planOutputs(routine));
  }
  return plans;
}
