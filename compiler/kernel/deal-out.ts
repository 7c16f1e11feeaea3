/**
 * Work dealt out to the threads of a workgroup. In: how many pieces there are. Out: statements in which each thread does
 * its pieces: neighbouring threads neighbouring ones, each `threads` further, the last round by as many as are left.
 */
import type { Emitter } from './emitter.ts';
import { binary, literal } from './expression.ts';
import { constant, indexVariable, sum, type Index } from './index-expression.ts';
import { LOCAL_ID } from './thread-ids.ts';

/** `build` emits what is done for a piece. */
export function dealOut(
  emitter: Emitter,
  threads: number,
  pieces: number,
  build: (piece: Index) => void,
): void {
  const local = indexVariable(LOCAL_ID, constant(threads));
  for (let first = 0; first < pieces; first += threads) {
    const piece = sum(local, constant(first));
    if (first + threads <= pieces) build(piece);
    else emitter.when(binary('lt', emitter.index(local), literal(pieces - first, 'u32')), () => build(piece));
  }
}
