/**
 * States in loops over time. In: a state that a turn reads, the loops that are open. Out: its newest value there. Within
 * a loop a state is a carry nobody declares: it starts as what it is before the loop, a turn reads what the turn before
 * left, and after the loop it is what the last turn left. One that no turn updates is a value that stays.
 */
import type { Span } from '../diagnostics.ts';
import type { Context, Place } from './context.ts';
import type { Scope } from './scope.ts';
import type { Turn } from './turn.ts';
import { tensor } from './values.ts';

/** The newest value of a state as the body at hand sees it; undefined for one that this graph has not met. */
export function newestState(context: Context, name: string, span: Span): number | undefined {
  const { tensors } = context.graph(span);
  return enter(context, name, span, tensors.innermost);
}

function enter(context: Context, name: string, span: Span, turn: Turn | undefined): number | undefined {
  const { states, tensors } = context.graph(span);
  const state = states.get(name);
  if (!state || !turn || turn.states.has(name)) return state?.newest;
  const before = enter(context, name, span, turn.parent);
  if (before === undefined) return undefined;
  const leaf = turn.carry(before);
  tensors.describe(leaf, tensors.axes(before));
  tensors.label(leaf, name);
  turn.states.set(name, { leaf, before });
  state.newest = leaf;
  return leaf;
}

/** In the body of a loop the names of the layer's states mean the carries, from their first use on. */
export function bindStates(context: Context, place: Place, scope: Scope, span: Span): void {
  const { states, tensors } = context.graph(span);
  for (const [name, path] of place.states ?? []) {
    const bound = place.scope.lookup(name);
    const value = tensors.around(() => bound?.get());
    // Unless the program has bound the name to something else since.
    if (value?.kind !== 'tensor' || value.id !== states.get(path)?.newest) continue;
    scope.bindLazily(name, () => tensor(newestState(context, path, span) as number), bound?.span);
  }
}

/** What a loop does to a state. */
export interface CarriedState {
  readonly name: string;
  readonly leaf: number;
  /** When a turn ends. */
  readonly next: number;
}

/** The states that the body has updated; those it only read are values that stay the same. */
export function carriedStates(context: Context, turn: Turn, span: Span): CarriedState[] {
  const { states } = context.graph(span);
  return [...turn.states].flatMap(([name, { leaf }]) => {
    const next = states.get(name)?.newest ?? leaf;
    if (next !== leaf) return [{ name, leaf, next }];
    turn.scan.keep(turn.local(leaf));
    return [];
  });
}

/** Outside of the loop, states are what they were before it. */
export function leaveStates(context: Context, turn: Turn, span: Span): void {
  const { states } = context.graph(span);
  for (const [name, { before }] of turn.states) {
    const state = states.get(name);
    if (state) state.newest = before;
  }
}

/** After the loop a state is what its last turn left; the layer's name for it follows. */
export function bindNewest(context: Context, place: Place, name: string, value: number, span: Span): void {
  const state = context.graph(span).states.get(name);
  if (state) state.newest = value;
  const own = [...(place.states ?? [])].find(([, path]) => path === name)?.[0];
  if (own !== undefined) place.scope.bind(own, tensor(value), span);
}
