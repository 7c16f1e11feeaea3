/**
 * Where every weight lies. In: the program's parameters and what each `minimize` moves. Out: slabs (one buffer
 * each of weights, gradients, and each moment, all with the same layout) cut into segments that move together.
 * Holds: a segment is a contiguous range of one slab, no larger than a binding; a weight that is larger has a slab of its
 * own and several segments; every weight starts at a multiple of the binding
 * alignment; gaps are never written, so they stay zero in weights, gradients and moments alike.
 */
import { fail } from '../diagnostics.ts';
import type { MinimizeProgram, Program } from '../semantics/program.ts';

/** Bytes of one f32. */
const ELEMENT_BYTES = 4;

export interface SlabPlace {
  slab: number;
  /** In elements from the slab's start. */
  offset: number;
  elements: number;
}

/** Weights with the same owners, side by side, or a piece of one that is larger than a binding: one dispatch updates them. */
export interface Segment {
  id: number;
  slab: number;
  offset: number;
  elements: number;
  parameters: string[];
  /** The `minimize`s that move it, as `<step>.<minimize>`. */
  owners: string[];
}

export interface SlabLayout {
  /** Elements of each slab. */
  slabs: number[];
  segments: Segment[];
  places: ReadonlyMap<string, SlabPlace>;
}

/** Names the k-th `minimize` of the s-th step. */
export const minimizeKey = (step: number, index: number): string => `${step}.${index}`;

/** Those of a step that move a segment, in its order. */
export const moversOf = ({ owners }: Segment, step: number): string[] =>
  owners.filter((owner) => owner.startsWith(`${step}.`));

/** Of several `minimize` of a step that move a segment, which one this is, from 0. */
export const moverOf = (segment: Segment, step: number, index: number): number =>
  moversOf(segment, step).indexOf(minimizeKey(step, index));

/** Lists which weights decay touches in one `minimize`; orders weights inside a segment. */
function decayMarks(minimize: MinimizeProgram, parameter: string): string {
  const marks = minimize.transforms.map((t) =>
    t.kind === 'decay' && t.parameters.includes(parameter) ? '0' : '1',
  );
  if (minimize.optimizer.kind === 'adamw')
    marks.push(minimize.optimizer.decayed.includes(parameter) ? '0' : '1');
  return marks.join('');
}

/**
 * Lays the weights out: by owners first (so that a segment is one range), by decay second (so that a decayed
 * part is a range as well), in program order last.
 */
export function layoutSlabs(
  program: Pick<Program, 'parameters' | 'steps'>,
  limits: { bindingBytes: number; bufferBytes?: number; alignment: number },
): SlabLayout {
  const { bufferBytes = limits.bindingBytes } = limits;
  const granule = limits.alignment / ELEMENT_BYTES;
  const capacity = Math.floor(limits.bindingBytes / limits.alignment) * granule;
  const keys = new Map<string, { owners: string[]; marks: string }>();
  for (const parameter of program.parameters) keys.set(parameter.name, { owners: [], marks: '' });
  program.steps.forEach((step, s) => {
    step.minimizes.forEach((minimize, m) => {
      for (const name of minimize.parameters) {
        const key = keys.get(name);
        if (!key) throw new Error(`internal: minimize moves unknown parameter ${name}`);
        key.owners.push(minimizeKey(s, m));
        key.marks += decayMarks(minimize, name);
      }
    });
  });

  const order = [...new Set([...keys.values()].map((k) => k.owners.join(' ')))];
  const sorted = [...program.parameters].sort((a, b) => {
    const [x, y] = [keys.get(a.name)!, keys.get(b.name)!];
    return (
      order.indexOf(x.owners.join(' ')) - order.indexOf(y.owners.join(' ')) ||
      (x.marks < y.marks ? -1 : x.marks > y.marks ? 1 : 0)
    );
  });

  const slabs: number[] = [];
  const segments: Segment[] = [];
  const places = new Map<string, SlabPlace>();
  for (const parameter of sorted) {
    const owners = keys.get(parameter.name)!.owners;
    const elements = parameter.shape.reduce((n, d) => n * d, 1);
    const padded = Math.ceil(elements / granule) * granule;
    if (padded * ELEMENT_BYTES > bufferBytes)
      fail(
        'E0901',
        parameter.span,
        `the weight \`${parameter.name}\` takes ${elements * ELEMENT_BYTES} bytes, more than one buffer of the device holds (${bufferBytes}); splitting a weight over buffers is not supported yet`,
      );
    if (padded > capacity) {
      places.set(parameter.name, { slab: slabs.length, offset: 0, elements });
      for (let offset = 0; offset < padded; offset += capacity)
        segments.push({
          id: segments.length,
          slab: slabs.length,
          offset,
          elements: Math.min(capacity, padded - offset),
          parameters: [parameter.name],
          owners,
        });
      slabs.push(padded);
      continue;
    }
    let slab = slabs.length - 1;
    if (slab < 0 || slabs[slab]! + padded > capacity) {
      slabs.push(0);
      slab++;
    }
    const offset = slabs[slab]!;
    places.set(parameter.name, { slab, offset, elements });
    slabs[slab] = offset + padded;
    const last = segments.at(-1);
    if (last && last.slab === slab && last.owners.join(' ') === owners.join(' ')) {
      last.parameters.push(parameter.name);
      last.elements += padded;
    } else {
      segments.push({
        id: segments.length,
        slab,
        offset,
        elements: padded,
        parameters: [parameter.name],
        owners,
      });
    }
  }
  return { slabs, segments, places };
}

/** The parts of a segment that hold the given weights, as element ranges from the segment's start, merged. */
export function rangesOf(
  layout: SlabLayout,
  segment: Segment,
  parameters: readonly string[],
): [number, number][] {
  const wanted = new Set(parameters);
  const ranges: [number, number][] = [];
  segment.parameters.forEach((name, i) => {
    if (!wanted.has(name)) return;
    const start = Math.max(0, layout.places.get(name)!.offset - segment.offset);
    const next = segment.parameters[i + 1];
    const end = next === undefined ? segment.elements : layout.places.get(next)!.offset - segment.offset;
    const last = ranges.at(-1);
    if (last && last[1] === start) last[1] = end;
    else ranges.push([start, end]);
  });
  return ranges;
}
