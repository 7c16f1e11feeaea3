/**
 * Dynamic loss scaling, on the device alone: gradients in f16 vanish below 6e-8, so the loss is multiplied by a
 * large power of two before they are taken, and they are divided by it before they are used. Where one is not
 * finite, the step changes nothing and the scale is halved; after 2,000 steps without that it is doubled.
 * Numbers and rules of PyTorch's GradScaler. In: a step's graph, or its update under construction.
 *
 * The scale is a number of the optimizer's state, one a step block. Zero, as all state is to begin with, stands for
 * the first scale. A skipped step counts for schedules and bias corrections, which the host computes.
 */
import type { LossScaleSpec } from '../../runtime/plan-format.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { constant } from '../graph/convenience.ts';
import { copyNode, copyOutputs, mapped } from '../graph/copy.ts';
import type { Graph } from '../graph/ir.ts';
import { SlabMath } from './slab-math.ts';

const FIRST_SCALE = 2 ** 16;
const STEPS_TO_GROW = 2_000;
const LARGEST_SCALE = 2 ** 64;
/** No scale is to blame for what is still not finite here: it is let through, and the run ends by its loss. */
const SMALLEST_SCALE = 2 ** -16;

export const lossScaleName = (step: number): string => `loss_scale:${step}`;
/** Steps since the scale changed last. */
export const lossScaleStepsName = (step: number): string => `loss_scale_steps:${step}`;
/** What this step's gradients are multiplied by; 0: the step is skipped. Not kept between steps. */
export const lossUnscaleName = (step: number): string => `loss_unscale:${step}`;

/** As a listing tells of it. */
export const lossScaleOf = (step: number): LossScaleSpec => ({
  name: lossScaleName(step),
  first: FIRST_SCALE,
  smallest: SMALLEST_SCALE,
});

export const lossScaleNumbers = (step: number): { name: string; kept: boolean }[] => [
  { name: lossScaleName(step), kept: true },
  { name: lossScaleStepsName(step), kept: true },
  { name: lossUnscaleName(step), kept: false },
];

/** Gradients of the scaled loss in place of those of the loss: outputs of the role `gradient`. */
export function scaleLosses(graph: Graph, step: number): Graph {
  const b = new GraphBuilder(graph.name);
  const ids: number[] = [];
  let scale: number | undefined;
  const scaled = new Map<number, number>();
  const scaledLoss = (y: number): number => {
    scale ??= currentScale(b, step);
    const loss = scaled.get(y) ?? b.add('mul', [y, scale], {});
    scaled.set(y, loss);
    return loss;
  };
  const moving = new Set(graph.outputs.flatMap(({ value, role }) => (role === 'gradient' ? [value] : [])));
  for (const node of graph.nodes) {
    const [y, ...rest] = node.inputs.map((id) => mapped(ids, id));
    b.phase = node.phase;
    b.source = node.source;
    if (y === undefined) ids.push(copyNode(b, node, []));
    else if (node.op !== 'gradient' || !moving.has(node.id)) ids.push(copyNode(b, node, [y, ...rest]));
    else ids.push(b.add('gradient', [scaledLoss(y), ...rest], {}));
  }
  copyOutputs(b, graph, ids);
  return b.finish();
}

function currentScale(b: GraphBuilder, step: number): number {
  const stored = b.add('state', [], { name: lossScaleName(step) }, { shape: [], dtype: 'f32' });
  const isUnset = b.add('eq', [stored, constant(b, 0)], {});
  return b.add('select', [isUnset, constant(b, FIRST_SCALE), stored], {});
}

/** The gradients of one segment, scaled as they come. */
export interface ScaledGradient {
  readonly gradient: number;
  readonly elements: number;
}

export class LossScale {
  readonly #builder: GraphBuilder;
  /** Shape []. */
  readonly #unscale: number;

  /** Adds the outputs that change the scale. `gradients`: all that the step moves. */
  constructor(b: GraphBuilder, step: number, gradients: readonly ScaledGradient[]) {
    this.#builder = b;
    const scale = currentScale(b, step);
    const steps = b.add('state', [], { name: lossScaleStepsName(step) }, { shape: [], dtype: 'f32' });
    const flags = gradients.map(({ gradient, elements }) => anyNonFinite(b, gradient, elements));
    const flag = flags.reduce((x, y) => b.add('max', [x, y], {}));
    const skips = b.add('and', [above(b, flag, 0), above(b, scale, SMALLEST_SCALE)], {});
    const select = (condition: number, x: number, y: number): number =>
      b.add('select', [condition, x, y], {});

    const next = b.add('add', [steps, constant(b, 1)], {});
    const grows = b.add('ge', [next, constant(b, STEPS_TO_GROW)], {});
    const doubled = b.add('mul', [scale, constant(b, 2)], {});
    const larger = b.add('min', [doubled, constant(b, LARGEST_SCALE)], {});
    const halved = b.add('mul', [scale, constant(b, 0.5)], {});
    const zero = constant(b, 0);
    const inverse = b.add('div', [constant(b, 1), scale], {});
    this.#unscale = select(skips, zero, inverse);
    b.output(lossUnscaleName(step), this.#unscale, 'update');
    b.output(lossScaleName(step), select(skips, halved, select(grows, larger, scale)), 'update');
    b.output(lossScaleStepsName(step), select(skips, zero, select(grows, zero, next)), 'update');
  }

  /** The gradient of the loss itself. */
  unscaled(math: SlabMath, gradient: number): number {
    return math.mul(gradient, this.#unscale);
  }

  /** The new value, or the old one where the step is skipped. */
  unlessSkipped(math: SlabMath, old: number, fresh: number): number {
    const b = this.#builder;
    const skipped = b.add('eq', [this.#unscale, constant(b, 0)], {});
    return b.add('select', [math.wide(skipped), old, fresh], {});
  }
}

const above = (b: GraphBuilder, x: number, bound: number): number => b.add('gt', [x, constant(b, bound)], {});

/** 1 where an element is NaN or infinite, else 0; shape []. */
function anyNonFinite(b: GraphBuilder, gradient: number, elements: number): number {
  const math = new SlabMath(b, elements);
  const [isNan, isInfinite] = [b.add('is_nan', [gradient], {}), b.add('is_inf', [gradient], {})];
  const isBroken = b.add('or', [isNan, isInfinite], {});
  const flags = b.add('select', [isBroken, math.wide(math.number(1)), math.wide(math.number(0))], {});
  return b.add('reduce_max', [flags], { axes: [0] });
}
