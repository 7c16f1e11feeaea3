/**
 * The bodies of one compilation's kernels, each worked out once: a layer that stands in a model four times is
 * lowered once and bound to four sets of tensors. In: a group and how to lower it. Out: its body, shared with
 * every group of the same key, and bindings of its own.
 */
import type { Group } from '../schedule/schedule.ts';
import type { ScheduledGraph } from '../schedule/scheduled-graph.ts';
import { groupKey, type GroupKey } from './group-key.ts';
import type { BindingTarget, Kernel, KernelBinding } from './ir.ts';

/** The part of a kernel that does not depend on what its values are called. */
export type KernelBody = Pick<Kernel, 'threads' | 'workgroup' | 'scratch' | 'body' | 'bindings'>;

interface Known {
  readonly body: KernelBody;
  readonly key: GroupKey;
}

/** For one target profile. */
export class KnownBodies {
  private readonly known = new Map<string, Known>();

  find(graph: ScheduledGraph, group: Group, batch: number, lower: () => KernelBody): KernelBody {
    const key = groupKey(graph, group, batch);
    const found = this.known.get(key.text);
    if (found) return { ...found.body, bindings: found.body.bindings.map((b) => rebound(b, found.key, key)) };
    const body = lower();
    this.known.set(key.text, { body, key });
    return body;
  }
}

function rebound(binding: KernelBinding, from: GroupKey, to: GroupKey): KernelBinding {
  return { ...binding, tensor: moved(binding.tensor, from, to) };
}

function moved(target: BindingTarget, from: GroupKey, to: GroupKey): BindingTarget {
  if (target.kind === 'named') {
    const name = to.names[from.names.indexOf(target.name)];
    if (name === undefined) throw new Error(`internal: ${target.name} is bound but not in the group's key`);
    return { ...target, name };
  }
  const value = to.values[from.values.indexOf(target.value)];
  if (value === undefined) throw new Error(`internal: v${target.value} is bound but not in the group's key`);
  return { ...target, value };
}
