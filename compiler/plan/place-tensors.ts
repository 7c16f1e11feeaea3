/**
 * Gives the tensors that outlive a routine their places. In: the program, its slab layout, the moments of its
 * updates. Out: names in `Places`, and the stored tensors that checkpoints know.
 */
import type { BufferRange, StoredTensor } from '../../runtime/plan-format.ts';
import { tensorBytes } from '../graph/element-bytes.ts';
import {
  accumulatorsName,
  averagesName,
  gradientName,
  gradientsName,
  weightsName,
} from '../optimizer/tensor-names.ts';
import type { UpdateProgram } from '../optimizer/update.ts';
import { moversOf, type SlabLayout } from '../optimizer/slabs.ts';
import type { PreparedTensor } from '../passes/split-prepared.ts';
import type { Program } from '../semantics/program.ts';
import type { Places } from './places.ts';

/** Bytes of an f32. */
const BYTES = 4;

/** The name of the average of a parameter. */
export const averageName = (parameter: string): string => `ema:${parameter}`;

/** A part of a slab's range, in elements from the slab's start. */
function part(slab: BufferRange, offset: number, elements: number): BufferRange {
  return { buffer: slab.buffer, offset: slab.offset + offset * BYTES, bytes: elements * BYTES };
}

export interface StoredTensors {
  parameters: StoredTensor[];
  optimizer: StoredTensor[];
  states: StoredTensor[];
  /** Undefined without `ema`. */
  averages: StoredTensor[] | undefined;
}

export function placeTensors(
  places: Places,
  program: Program,
  layout: SlabLayout,
  { moments, numbers }: Pick<UpdateProgram, 'moments' | 'numbers'>,
): StoredTensors {
  const training = program.steps.some((step) => step.minimizes.length > 0);
  const accumulating = training && (program.training?.accumulate ?? 1) > 1;
  const averaging = program.training?.ema !== undefined;
  const slabs = layout.slabs.map((elements) => {
    const one = (role: 'parameters' | 'gradients' | 'accumulators' | 'averages'): BufferRange => ({
      buffer: places.addBuffer(role, elements * BYTES),
      offset: 0,
      bytes: elements * BYTES,
    });
    return {
      weights: one('parameters'),
      gradients: training ? one('gradients') : undefined,
      accumulators: accumulating ? one('accumulators') : undefined,
      averages: averaging ? one('averages') : undefined,
    };
  });
  for (const segment of layout.segments) {
    const slab = slabs[segment.slab]!;
    const name = (text: string, range: BufferRange | undefined): void => {
      if (range) places.name(text, part(range, segment.offset, segment.elements));
    };
    name(weightsName(segment.id), slab.weights);
    name(gradientsName(segment.id, 0), slab.gradients);
    name(accumulatorsName(segment.id, 0), slab.accumulators);
    name(averagesName(segment.id), slab.averages);
    // Where a step has several gradients of a weight, the others have places of their own.
    const movers = Math.max(0, ...program.steps.map((_, s) => moversOf(segment, s).length));
    for (let mover = 1; mover < movers; mover += 1) {
      const bytes = segment.elements * BYTES;
      const range = places.allocate('gradients', bytes);
      places.name(gradientsName(segment.id, mover), range);
      if (accumulating)
        places.name(accumulatorsName(segment.id, mover), places.allocate('accumulators', bytes));
      for (const parameter of segment.parameters) {
        const { offset, elements } = layout.places.get(parameter)!;
        places.name(gradientName(parameter, mover), part(range, offset - segment.offset, elements));
      }
    }
  }

  const parameters = program.parameters.map((parameter): StoredTensor => {
    const place = layout.places.get(parameter.name)!;
    const slab = slabs[place.slab]!;
    const range = part(slab.weights, place.offset, place.elements);
    places.name(parameter.name, range);
    if (slab.gradients)
      places.name(gradientName(parameter.name, 0), part(slab.gradients, place.offset, place.elements));
    return { name: parameter.name, shape: parameter.shape, range };
  });

  const averages = program.parameters.flatMap(({ name: parameter, shape }): StoredTensor[] => {
    const place = layout.places.get(parameter)!;
    const slab = slabs[place.slab]!.averages;
    if (!slab) return [];
    const range = part(slab, place.offset, place.elements);
    places.name(averageName(parameter), range);
    return [{ name: averageName(parameter), shape, range }];
  });

  const optimizer: StoredTensor[] = [];
  /** Moments of weights with several segments. */
  const wholes = new Map<string, BufferRange>();
  const shapes = new Map(program.parameters.map((p) => [p.name, p.shape]));
  for (const moment of moments) {
    const segment = layout.segments[moment.segment]!;
    const [only] = segment.parameters;
    const place = only === undefined ? undefined : layout.places.get(only);
    if (only !== undefined && place !== undefined && place.elements > segment.elements) {
      // A piece of a weight larger than a binding: its moment lies side by side with those of the other pieces.
      const key = `${only}:${moment.kind}:${moment.minimize}`;
      const whole = wholes.get(key) ?? places.allocate('optimizer', layout.slabs[segment.slab]! * BYTES);
      places.name(moment.name, part(whole, segment.offset, segment.elements));
      if (!wholes.has(key))
        optimizer.push({ name: key, shape: shapes.get(only)!, range: part(whole, 0, place.elements) });
      wholes.set(key, whole);
      continue;
    }
    const range = places.allocate('optimizer', segment.elements * BYTES);
    places.name(moment.name, range);
    for (const parameter of segment.parameters) {
      const place = layout.places.get(parameter)!;
      optimizer.push({
        name: `${parameter}:${moment.kind}:${moment.minimize}`,
        shape: shapes.get(parameter)!,
        range: part(range, place.offset - segment.offset, place.elements),
      });
    }
  }

  for (const { name, kept } of numbers) {
    const range = places.allocate('optimizer', BYTES);
    places.name(name, range);
    if (kept) optimizer.push({ name, shape: [], range });
  }

  const states = program.states.map((state): StoredTensor => {
    const range = places.allocate('states', state.shape.reduce((n, d) => n * d, 1) * BYTES);
    places.name(state.name, range);
    return { name: state.name, shape: state.shape, range };
  });
  return { parameters, optimizer, states, averages: averaging ? averages : undefined };
}

/** What is computed once from the weights. */
export function placePrepared(places: Places, tensors: readonly PreparedTensor[]): void {
  for (const { name, type } of tensors) places.name(name, places.allocate('prepared', tensorBytes(type, 1)));
}
