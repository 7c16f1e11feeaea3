/**
 * Views that change nothing, and views of views. In: a node and its inputs in the new graph. Out: an
 * equivalent value with fewer views.
 */
import type { GraphBuilder } from '../graph/builder.ts';
import { reshapeTo } from '../graph/convenience.ts';
import { equalDimensions, equalShapes } from '../graph/dimension.ts';
import type { Node, NodeOf } from '../graph/ir.ts';

export function simplifyViews(b: GraphBuilder, node: Node, inputs: readonly number[]): number | undefined {
  const x = inputs[0];
  if (x === undefined) return undefined;
  const input = b.node(x);
  const below = input.inputs[0];
  const isSameShape = (): boolean => equalShapes(input.type.shape, node.type.shape);
  switch (node.op) {
    case 'reshape':
      if (isSameShape()) return x;
      return input.op === 'reshape' && below !== undefined ? reshapeTo(b, below, node.type.shape) : undefined;
    case 'broadcast':
      if (isSameShape()) return x;
      if (input.op !== 'broadcast' || below === undefined) return undefined;
      return b.add('broadcast', [below], {}, { shape: node.type.shape });
    case 'transpose':
      return simplifyTranspose(b, node, x);
    case 'slice': {
      const isWhole =
        node.attributes.starts.every((start) => start === 0) &&
        node.attributes.limits.every((limit, axis) => equalDimensions(limit, input.type.shape[axis] ?? 0)) &&
        node.attributes.steps.every((step) => step === 1);
      return isWhole ? x : undefined;
    }
    case 'reverse':
      return simplifyReverse(b, node, x);
    case 'pad': {
      const { before, after, interior } = node.attributes;
      return [...before, ...after, ...interior].every((n) => n === 0) ? x : undefined;
    }
    case 'concat':
      return inputs.length === 1 ? x : undefined;
    default:
      return undefined;
  }
}

/** The identity, a transpose of a transpose, and one that only moves axes of size 1. */
function simplifyTranspose(b: GraphBuilder, node: NodeOf<'transpose'>, x: number): number | undefined {
  const { permutation } = node.attributes;
  const input = b.node(x);
  const { shape } = input.type;
  const wide = permutation.filter((axis) => !equalDimensions(shape[axis] ?? 0, 1));
  if (wide.every((axis, i) => i === 0 || axis > (wide[i - 1] as number))) {
    return reshapeTo(b, x, node.type.shape);
  }
  if (input.op !== 'transpose') return undefined;
  const inner = input.attributes.permutation;
  const composed = permutation.map((axis) => inner[axis] as number);
  const below = input.inputs[0] as number;
  if (composed.every((axis, i) => axis === i)) return below;
  return b.add('transpose', [below], { permutation: composed });
}

/** Axes that are reversed twice, or hold one element, are not reversed at all. */
function simplifyReverse(b: GraphBuilder, node: NodeOf<'reverse'>, x: number): number | undefined {
  const input = b.node(x);
  const inner = input.op === 'reverse' ? input.attributes.axes : [];
  const all = [...node.attributes.axes, ...inner].filter(
    (axis) => !equalDimensions(input.type.shape[axis] ?? 0, 1),
  );
  const axes = all.filter((axis) => all.indexOf(axis) === all.lastIndexOf(axis)).sort((p, q) => p - q);
  if (input.op !== 'reverse' && axes.length === node.attributes.axes.length) return undefined;
  const below = input.op === 'reverse' ? (input.inputs[0] as number) : x;
  return axes.length === 0 ? below : b.add('reverse', [below], { axes });
}
