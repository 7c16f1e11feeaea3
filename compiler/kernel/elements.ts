/** How elements lie in memory: their storage type, and where four neighbours are one aligned vec4. */
import type { Node } from '../graph/ir.ts';
import type { Home } from '../schedule/homes.ts';
import { LANE } from './emitter.ts';
import { substitute } from './index-division.ts';
import { coefficientOf, constant, dividedExactly, isMultiple, type Index } from './index-expression.ts';
import type { KernelBinding, ScalarType } from './ir.ts';

/** How the value lies in memory: an input as the data came, all else by dtype. */
export function storageOf(node: Node, home: Home): KernelBinding['storage'] {
  return node.op === 'input' && home.kind === 'named' && home.name === node.attributes.name
    ? node.attributes.storage
    : node.type.dtype;
}

/** The type of a loaded element; bytes arrive in the node's own dtype. */
export function elementType(node: Node, storage: KernelBinding['storage']): ScalarType {
  return storage === 'u8' ? node.type.dtype : storage;
}

/** The position of lane 0 where the lanes are neighbours and lane 0 is aligned. */
export function vectorStart(position: Index): Index | undefined {
  if (coefficientOf(position, LANE) !== 1) return undefined;
  const start = substitute(position, LANE, constant(0));
  return isMultiple(start, 4) ? start : undefined;
}

/** The index of a vec4 store, checked. */
export function vectorIndex(position: Index): Index {
  const start = vectorStart(position);
  if (!start) throw new Error('internal: a vec4 store that is not aligned');
  return dividedExactly(start, 4);
}
