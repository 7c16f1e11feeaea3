/**
 * The update of one step as a graph. In: the step's `minimize`s and the slab layout. Out: a graph whose
 * outputs overwrite weights and moments, the moments it needs, and the scalars the host computes.
 * Tensors of a segment are named `<kind>:<segment>`; all updates of a step read the same old weights. Where several
 * move the same weight, their moves add up.
 */
import type { ScalarFormula, ScalarSpec } from '../../runtime/plan-format.ts';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/ir.ts';
import type { GradientTransform, MinimizeProgram, StepProgram } from '../semantics/program.ts';
import { LossScale, lossScaleNumbers } from './loss-scale.ts';
import { minimizeKey, moverOf, moversOf, rangesOf, type Segment, type SlabLayout } from './slabs.ts';
import { SlabMath } from './slab-math.ts';
import { accumulatorsName, averagesName, gradientsName, weightsName } from './tensor-names.ts';
import { updateRow } from './update-rules.ts';

/** A slab-shaped tensor that the update keeps between steps. */
export interface MomentDeclaration {
  /** `<moment>:<step>.<minimize>:<segment>` */
  name: string;
  /** `first`, `second`, `momentum` … */
  kind: string;
  minimize: string;
  segment: number;
}

export interface UpdateProgram {
  graph: Graph;
  moments: MomentDeclaration[];
  /** Numbers (shape []) that the update keeps between steps, or only writes for its own kernels. */
  numbers: { name: string; kept: boolean }[];
  scalars: ScalarSpec[];
}

interface SegmentWork {
  segment: Segment;
  math: SlabMath;
  weight: number;
  gradient: number;
}

/** Sum of squares over all that this `minimize` moves; PyTorch's clip_grad_norm_ adds 1e-6 to the norm. */
function clipNorm(limit: number, work: readonly SegmentWork[]): void {
  const first = work[0];
  if (!first) return;
  const math = first.math;
  const squares = work.map((w) => w.math.squaredNorm(w.gradient)).reduce((a, b) => math.add(a, b));
  const factor = math.div(math.number(limit), math.add(math.sqrt(squares), math.number(1e-6)));
  const scale = math.min(factor, math.number(1));
  for (const w of work) w.gradient = w.math.mul(w.gradient, scale);
}

function applyTransform(
  transform: GradientTransform,
  layout: SlabLayout,
  work: readonly SegmentWork[],
): void {
  switch (transform.kind) {
    case 'clip_value':
      for (const w of work) {
        const low = w.math.max(w.gradient, w.math.number(-transform.limit));
        w.gradient = w.math.min(low, w.math.number(transform.limit));
      }
      return;
    case 'clip_norm':
      return clipNorm(transform.limit, work);
    case 'decay':
      for (const w of work) {
        const ranges = rangesOf(layout, w.segment, transform.parameters);
        if (ranges.length === 0) continue;
        const everywhere = ranges.length === 1 && ranges[0]![0] === 0 && ranges[0]![1] === w.segment.elements;
        const rate = everywhere
          ? w.math.number(transform.rate)
          : w.math.mul(w.math.number(transform.rate), w.math.mask(ranges));
        w.gradient = w.math.add(w.gradient, w.math.mul(rate, w.weight));
      }
      return;
    default:
      return transform satisfies never;
  }
}

/** Where decoupled decay applies; undefined: the whole segment. */
function decayMask(minimize: MinimizeProgram, layout: SlabLayout, work: SegmentWork): number | undefined {
  if (minimize.optimizer.kind !== 'adamw') return undefined;
  const ranges = rangesOf(layout, work.segment, minimize.optimizer.decayed);
  const everywhere = ranges.length === 1 && ranges[0]![0] === 0 && ranges[0]![1] === work.segment.elements;
  return everywhere ? undefined : work.math.mask(ranges);
}

export interface UpdateOptions {
  /** Gradients come from the accumulators, which the host clears first. */
  readonly accumulate: boolean;
  /** Gradients are those of a scaled loss. */
  readonly lossScale?: boolean | undefined;
  /** Keeps averages of the weights that move, by this share of the old one. */
  readonly ema?: number | undefined;
}

/** Builds the update of step `s`. */
export function buildUpdate(
  step: StepProgram,
  s: number,
  layout: SlabLayout,
  { accumulate, lossScale, ema }: UpdateOptions,
): UpdateProgram | undefined {
  if (step.minimizes.length === 0) return undefined;
  const builder = new GraphBuilder(step.name === undefined ? 'update' : `${step.name}.update`);
  builder.phase = 'update';
  const moments: MomentDeclaration[] = [];
  const scalars: ScalarSpec[] = [];
  const leaf = (name: string, segment: Segment): number =>
    builder.add('state', [], { name }, { shape: [segment.elements], dtype: 'f32' });
  const gradientLeaf = (segment: Segment, mover: number): number =>
    leaf((accumulate ? accumulatorsName : gradientsName)(segment.id, mover), segment);
  builder.source = step.minimizes.map((minimize) => minimize.span);
  const segments = layout.segments.filter((segment) =>
    step.minimizes.some((_, m) => segment.owners.includes(minimizeKey(s, m))),
  );
  const scale = lossScale
    ? new LossScale(
        builder,
        s,
        segments.flatMap((segment) =>
          moversOf(segment, s).map((_, mover) => ({
            gradient: gradientLeaf(segment, mover),
            elements: segment.elements,
          })),
        ),
      )
    : undefined;
  /** What the minimizes so far make of a segment's weights. */
  const moves = new Map<Segment, number>();
  step.minimizes.forEach((minimize, m) => {
    builder.source = [minimize.span];
    const key = minimizeKey(s, m);
    const work = layout.segments
      .filter((segment) => segment.owners.includes(key))
      .map((segment): SegmentWork => {
        const math = new SlabMath(builder, segment.elements);
        const weight = leaf(weightsName(segment.id), segment);
        const gradient = gradientLeaf(segment, moverOf(segment, s, m));
        return { segment, math, weight, gradient: scale ? scale.unscaled(math, gradient) : gradient };
      });
    for (const transform of minimize.transforms) applyTransform(transform, layout, work);

    const made = new Map<string, number>();
    const scalar = (name: string, formula: ScalarFormula): number => {
      const full = `${name}:${key}`;
      let value = made.get(full);
      if (value === undefined) {
        value = builder.add('scalar', [], { name: full });
        made.set(full, value);
        scalars.push({ name: full, step: s, formula });
      }
      return value;
    };
    const row = updateRow(minimize.optimizer);
    for (const w of work) {
      const names = row.moments(minimize.optimizer);
      const full = (kind: string): string => `${kind}:${key}:${w.segment.id}`;
      for (const kind of names)
        moments.push({ name: full(kind), kind, minimize: key, segment: w.segment.id });
      const old: Record<string, number> = Object.fromEntries(
        names.map((kind) => [kind, leaf(full(kind), w.segment)]),
      );
      const result = row.update(w.math, minimize.optimizer, {
        weight: w.weight,
        gradient: w.gradient,
        moments: old,
        decayed: decayMask(minimize, layout, w),
        scalar,
      });
      const overwrite = (name: string, before: number, fresh: number): number => {
        const value = scale ? scale.unlessSkipped(w.math, before, fresh) : fresh;
        builder.output(name, value, 'update');
        return value;
      };
      for (const kind of names) overwrite(full(kind), old[kind]!, result.moments[kind]!);
      const before = moves.get(w.segment);
      const together =
        before === undefined ? result.weight : w.math.add(before, w.math.sub(result.weight, w.weight));
      moves.set(w.segment, together);
      if (moversOf(w.segment, s).at(-1) !== key) continue;
      const weight = overwrite(weightsName(w.segment.id), w.weight, together);
      if (ema === undefined) continue;
      const name = averagesName(w.segment.id);
      builder.output(name, moved(w.math, leaf(name, w.segment), weight, ema), 'update');
    }
  });
  return { graph: builder.finish(), moments, numbers: lossScale ? lossScaleNumbers(s) : [], scalars };
}

/** average + (1 - ema) * (weight - average), which keeps the weight itself where both are equal. */
function moved(math: SlabMath, average: number, weight: number, ema: number): number {
  return math.add(average, math.mul(math.number(1 - ema), math.sub(weight, average)));
}

/** accumulators += gradients / k, for every segment the step moves. */
export function buildAccumulate(step: StepProgram, s: number, layout: SlabLayout, k: number): Graph {
  const builder = new GraphBuilder(step.name === undefined ? 'accumulate' : `${step.name}.accumulate`);
  builder.phase = 'update';
  builder.source = step.minimizes.map((m) => m.span);
  for (const segment of layout.segments) {
    const math = new SlabMath(builder, segment.elements);
    const given = { shape: [segment.elements], dtype: 'f32' } as const;
    moversOf(segment, s).forEach((_, mover) => {
      const name = accumulatorsName(segment.id, mover);
      const sum = builder.add('state', [], { name }, given);
      const gradient = builder.add('state', [], { name: gradientsName(segment.id, mover) }, given);
      const share = math.mul(gradient, math.number(1 / k));
      builder.output(name, math.add(sum, share), 'update');
    });
  }
  return builder.finish();
}
