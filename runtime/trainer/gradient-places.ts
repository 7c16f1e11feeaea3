/**
 * Where the gradients of weights lie after a step's gradient routine. In: a listing, a routine. Out: one tensor for
 * each weight that the routine writes a gradient of, under the weight's name.
 * The slabs of weights and of gradients have one layout (`optimizer/slabs.ts` of the compiler), numbered alike.
 */
import { routineOf } from '../listing-access.ts';
import type { BufferRange, Command, Listing, StoredTensor } from '../plan-format.ts';

export function gradientPlaces(listing: Listing, routine: number): StoredTensor[] {
  const written = rangesWritten(listing, routineOf(listing, routine).commands);
  return listing.parameters.flatMap(({ name, shape, range }) => {
    const slab = listing.buffers[range.buffer]?.name.replace('parameters', 'gradients');
    const buffer = listing.buffers.findIndex((candidate) => candidate.name === slab);
    if (buffer < 0) return [];
    const place = { ...range, buffer };
    return written.some((other) => holds(other, place)) ? [{ name, shape, range: place }] : [];
  });
}

function rangesWritten(listing: Listing, commands: readonly Command[]): BufferRange[] {
  return commands.flatMap((command) => {
    if (command.kind === 'loop') return rangesWritten(listing, command.body);
    const access = listing.kernels[command.kernel]?.access ?? [];
    return command.bindings.filter((_, binding) => access[binding] === 'read_write');
  });
}

const holds = (outer: BufferRange, inner: BufferRange): boolean =>
  outer.buffer === inner.buffer &&
  outer.offset <= inner.offset &&
  inner.offset + inner.bytes <= outer.offset + outer.bytes;
