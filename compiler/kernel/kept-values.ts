/**
 * Values of a row kernel that are stored while the first loop along the row works them out, so that later loops of
 * the thread load them instead of working them out again. In: the nodes stored, and each value as it is met.
 * Holds: a value counts as stored once the loop that stores it is closed; a loop placed before it cannot load it.
 */
import { mentionsLane } from './emitter.ts';
import { vectorStart } from './elements.ts';
import type { Index } from './index-expression.ts';
import type { Expression } from './ir.ts';
import { flatten } from './shapes.ts';
import { store } from './store.ts';
import type { ValueKeeper } from './value-reader.ts';
import type { Workspace, Write } from './workspace.ts';

export class KeptValues implements ValueKeeper {
  private readonly workspace: Workspace;
  private readonly writes: ReadonlyMap<number, Write>;
  private readonly stored = new Set<number>();
  /** What each open loop has stored. */
  private readonly open: Set<number>[] = [];

  /** `writes`: of as many elements as the rows have together, each to a place of its own. */
  constructor(workspace: Workspace, writes: readonly Write[]) {
    this.workspace = workspace;
    this.writes = new Map(writes.map((write) => [write.value, write]));
  }

  isStored(id: number): boolean {
    return this.stored.has(id);
  }

  enter(): void {
    this.open.push(new Set());
  }

  leave(): void {
    for (const id of this.open.pop() ?? []) this.stored.add(id);
  }

  /** A value that has just been worked out. */
  offer(id: number, at: readonly Index[], value: Expression): void {
    const loop = this.open.at(-1);
    const write = this.writes.get(id);
    if (!loop || !write || loop.has(id)) return;
    const target = flatten(at, this.workspace.reader.sizes(id));
    const vector = mentionsLane([target]);
    if (vector && !vectorStart(target)) return;
    store(this.workspace, write, value, target, vector);
    loop.add(id);
  }
}
