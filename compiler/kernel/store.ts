/** A store of one element or of four neighbours. In: a value and the position it belongs to. */
import { LANES, laneOf, spread } from './expression.ts';
import { constant, scaled, sum, type Index } from './index-expression.ts';
import type { Expression } from './ir.ts';
import { storageOf, vectorIndex } from './elements.ts';
import { writtenPosition, type Workspace, type Write } from './workspace.ts';

/** What a kernel stores to: a node's value in its home, one element or four neighbours at a time. */
export interface Target extends Write {
  readonly lanes: 1 | 4;
}

/** Stores a value at the element `target`, or at that of lane 0 and its three neighbours. */
export function storeElement(workspace: Workspace, write: Target, value: Expression, target: Index): void {
  const { bindings, emitter, reader } = workspace;
  const { home } = write;
  const vector = write.lanes === 4;
  const storage = storageOf(reader.node(write.value), home);
  const aligned = vector ? vectorIndex(target) : undefined;
  const at = aligned ? scaled(aligned, 4).key : target.key;
  const binding = bindings.use({ target: home, storage, kind: 'write', vector, at });
  if (!aligned) {
    emitter.push({ kind: 'store', binding, index: emitter.index(target), value });
    return;
  }
  const wide = spread(value, 4);
  if (bindings.width(home) === 4) {
    emitter.push({ kind: 'store', binding, index: emitter.index(aligned), value: wide });
    return;
  }
  for (const lane of LANES) {
    const index = emitter.index(sum(scaled(aligned, 4), constant(lane)));
    emitter.push({ kind: 'store', binding, index, value: laneOf(wide, lane) });
  }
}

/** The same at the element's position in the value; `vector`: it has a lane, whose elements lie side by side. */
export function store(
  workspace: Workspace,
  write: Write,
  value: Expression,
  position: Index,
  vector: boolean,
): void {
  const target = writtenPosition(write, position, workspace);
  storeElement(workspace, { ...write, lanes: vector ? 4 : 1 }, value, target);
}
