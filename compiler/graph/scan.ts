/**
 * What belongs to which of a scan's inputs and results. In: a `scan` node, or its attributes. Out: types and
 * places. Inputs: carries, sequences, values that stay the same; results: carries, emits.
 */
import type { Graph, NodeOf, ScanAttributes, TensorType } from './ir.ts';
import { broken, nth } from './op-row.ts';

export type ArgumentRole = 'carry' | 'sequence' | 'constant';

export function argumentRole({ carries, sequences }: ScanAttributes, index: number): ArgumentRole {
  if (index < carries) return 'carry';
  return index < carries + sequences ? 'sequence' : 'constant';
}

/** The type of an `argument` leaf from that of the scan's input. */
export function argumentType(attributes: ScanAttributes, index: number, input: TensorType): TensorType {
  if (argumentRole(attributes, index) !== 'sequence') return input;
  return { dtype: input.dtype, shape: input.shape.slice(1) };
}

/** The type of result `index`. */
export function resultType({ turns, carries, body }: ScanAttributes, index: number): TensorType {
  const type = outputType(body, index);
  return index < carries ? type : { dtype: type.dtype, shape: [turns, ...type.shape] };
}

export function outputType(body: Graph, index: number): TensorType {
  const output = nth(body.outputs, index);
  return (body.nodes[output.value] ?? broken(`%${output.value} of a scan's body does not exist`)).type;
}

/** The `argument` leaves of a body by index; several for one index where a pass has not joined them. */
export function argumentLeaves(body: Graph): NodeOf<'argument'>[] {
  return body.nodes.filter((node): node is NodeOf<'argument'> => node.op === 'argument');
}

/** Name of a body's output, by place. */
export const outputLabel = (index: number, carries: number): string =>
  index < carries ? `carry ${index}` : `emit ${index - carries}`;
