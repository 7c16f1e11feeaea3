/**
 * Buffers by role, and where every named tensor lies in them. In: slab layout, moments, states, inputs. Out:
 * `BufferSpec`s and a range a name. Holds: ranges start at the binding alignment; a buffer never grows beyond
 * the device's limit; what one kernel writes and another role's tensors never share a buffer.
 */
import type { BufferRange, BufferRole, BufferSpec } from '../../runtime/plan-format.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { alignUp } from '../memory/liveness.ts';

export class Places {
  readonly buffers: BufferSpec[] = [];
  readonly #named = new Map<string, BufferRange>();
  readonly #profile: TargetProfile;

  constructor(profile: TargetProfile) {
    this.#profile = profile;
  }

  /** A new buffer; its index. */
  addBuffer(role: BufferRole, bytes: number): number {
    const count = this.buffers.filter((b) => b.role === role).length;
    this.buffers.push({ name: `${role}_${count}`, role, bytes });
    return this.buffers.length - 1;
  }

  /** The next free range of a role; opens another buffer where the newest one is full. */
  allocate(role: BufferRole, bytes: number): BufferRange {
    const size = alignUp(bytes, this.#profile.offsetAlignment);
    let buffer = this.buffers.findLastIndex((b) => b.role === role);
    if (buffer < 0 || this.buffers[buffer]!.bytes + size > this.#profile.bufferBytes)
      buffer = this.addBuffer(role, 0);
    const spec = this.buffers[buffer]!;
    const range = { buffer, offset: spec.bytes, bytes: alignUp(bytes, 4) };
    spec.bytes += size;
    return range;
  }

  name(name: string, range: BufferRange): void {
    if (this.#named.has(name)) throw new Error(`internal: two places for ${name}`);
    this.#named.set(name, range);
  }

  range(name: string): BufferRange {
    const range = this.#named.get(name);
    if (!range) throw new Error(`internal: no place for ${name}`);
    return range;
  }
}
