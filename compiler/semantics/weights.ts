/**
 * The weights of a program by checkpoint name, in order of first use, through all graphs. A weight is
 * declared by the first run of its `param` statement; later runs must agree.
 */
import type { Span } from '../diagnostics.ts';
import type { Initializer } from '../../runtime/plan-format.ts';
import type { Axis, InitializerTemplate } from './values.ts';

export interface Weight {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly span: Span;
}

/** A tensor of a layer that outlives the step and that no gradient moves. */
export interface LayerState {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  readonly span: Span;
}

export class WeightStore {
  private readonly byName = new Map<string, Weight>();

  get(name: string): Weight | undefined {
    return this.byName.get(name);
  }

  add(weight: Weight): void {
    this.byName.set(weight.name, weight);
  }

  /** A use that tells how a unit's inputs and outputs lie in the weight; the last one counts. */
  setFans(name: string, fanIn: number, fanOut: number): void {
    const weight = this.byName.get(name);
    if (!weight || !('fanIn' in weight.initializer)) return;
    this.byName.set(name, { ...weight, initializer: { ...weight.initializer, fanIn, fanOut } });
  }

  all(): readonly Weight[] {
    return [...this.byName.values()];
  }
}

/**
 * Fan-in is the number of inputs of one unit, fan-out that of outputs. A weight is multiplied from the right
 * (`x @ W`), so they are its last two axes; axes in front hold independent matrices. A vector maps n to 1.
 * A convolution that uses the weight says otherwise (`setFans`).
 */
export function withFans(template: InitializerTemplate, shape: readonly number[]): Initializer {
  switch (template.kind) {
    case 'glorot':
    case 'glorot_normal':
    case 'he':
    case 'he_normal': {
      const last = shape.at(-1) ?? 1;
      const fanIn = shape.length >= 2 ? (shape.at(-2) ?? 1) : last;
      return { kind: template.kind, fanIn, fanOut: shape.length >= 2 ? last : 1 };
    }
    default:
      return template;
  }
}

/** Whether a weight stands at or below a path: `net` holds `net.dense_1.weight`. */
export function isBelow(path: string, name: string): boolean {
  return name === path || name.startsWith(`${path}.`);
}

/** `*` matches any run of characters, dots as well; the whole name must match. */
export function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
