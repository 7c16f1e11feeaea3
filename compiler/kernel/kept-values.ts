/**
 * Values of a row kernel that are stored while the first loop along the row works them out, so that later loops of
 * the thread load them instead of working them out again. In: the nodes stored, and each value as it is met.
 * Holds: a value counts as stored once the loop that stores it is closed; a loop placed before it cannot load it. Only
 * what is worked out for the element that the loop is at is stored: through a view, or lane by lane, a loop may not meet
 * all elements.
 */
import { mentionsLane } from './emitter.ts';
import { vectorStart } from './elements.ts';
import type { Index } from './index-expression.ts';
import type { Expression } from './ir.ts';
import { flatten } from './shapes.ts';
import { store } from './store.ts';
import type { ValueKeeper } from './value-reader.ts';
import type { Workspace, Write } from './workspace.ts';

interface OpenLoop {
  /** Its position in a tensor of as many elements as the rows, as a key. */
  element?: string;
  readonly stored: Set<number>;
}

export class KeptValues implements ValueKeeper {
  private readonly workspace: Workspace;
  private readonly writes: ReadonlyMap<number, Write>;
  private readonly stored = new Set<number>();
  private readonly open: OpenLoop[] = [];

  /** `writes`: of as many elements as the rows have together, each to a place of its own. */
  constructor(workspace: Workspace, writes: readonly Write[]) {
    this.workspace = workspace;
    this.writes = new Map(writes.map((write) => [write.value, write]));
  }

  isStored(id: number): boolean {
    return this.stored.has(id);
  }

  enter(): void {
    this.open.push({ stored: new Set() });
  }

  leave(): void {
    for (const id of this.open.pop()?.stored ?? []) this.stored.add(id);
  }

  element(position: Index): void {
    const loop = this.open.at(-1);
    if (loop) loop.element = position.key;
  }

  /** A value that has just been worked out. */
  offer(id: number, at: readonly Index[], value: Expression): void {
    const loop = this.open.at(-1);
    const write = this.writes.get(id);
    if (!loop || !write || loop.stored.has(id)) return;
    const target = flatten(at, this.workspace.reader.sizes(id));
    if (target.key !== loop.element) return;
    const vector = mentionsLane([target]);
    if (vector && !vectorStart(target)) return;
    store(this.workspace, write, value, target, vector);
    loop.stored.add(id);
  }
}
