/**
 * What `attend` of the library ends in: the primitive `attention`. In: q[batch…, Tq, d], k[batch…, Tk, d], v[batch…, Tk, e],
 * whose batch axes broadcast, and a mask of pairs or none. Sizes are checked here.
 */
import { equalDimensions } from '../../graph/dimension.ts';
import { originNotes } from '../shape-errors.ts';
import { broadcastAxes, printAxes, printAxis } from '../tensors.ts';
import { tensor, type Axis } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const attentionOf: Builtin = {
  internal: true,
  shown: 'attend',
  parameters: [
    parameter.required('q', 'tensor'),
    parameter.required('k', 'tensor'),
    parameter.required('v', 'tensor'),
    parameter.required('causal', 'boolean'),
    parameter.required('mask', 'value'),
  ],
  run: (call) => {
    const { tensors } = call;
    const ids = ['q', 'k', 'v'].map((name) => call.floats(name)) as [number, number, number];
    const axes = ids.map((id) => tensors.axes(id)) as [Axis[], Axis[], Axis[]];
    const leading = sharedAxes(call, axes);
    const [q, k, v] = ids.map((id, i) => {
      return tensors.broadcast(id, [...leading, ...(axes[i] as Axis[]).slice(-2)]);
    }) as [number, number, number];
    const depth = axes[0].at(-1)?.size;
    if (typeof depth !== 'number') {
      return call.fail('E0901', call.span, 'attention along the batch is not supported yet');
    }
    const attributes = { scale: 1 / Math.sqrt(depth), causal: call.boolean('causal') };
    const mask = call.value('mask').kind === 'none' ? [] : [maskOf(call, leading, axes)];
    return tensor(tensors.attention([q, k, v, ...mask], attributes));
  },
};

/** The batch axes; the others must fit each other. */
function sharedAxes(call: BuiltinCall, axes: readonly (readonly Axis[])[]): readonly Axis[] {
  const [q, k, v] = axes as [readonly Axis[], readonly Axis[], readonly Axis[]];
  const shapes = `q ${printAxes(q)}, k ${printAxes(k)}, v ${printAxes(v)}`;
  const wrong = (what: string, pair: readonly Axis[]): never =>
    call.fail('E0204', call.span, `${what}: ${shapes}: ${pair.map(printAxis).join(' and ')}`, {
      related: originNotes(pair),
    });
  if (axes.some((list) => list.length < 2))
    call.fail('E0204', call.span, `\`attend\` takes [B, heads, T, d], not ${shapes}`);
  const [depth, length] = [
    [q.at(-1), k.at(-1)],
    [k.at(-2), v.at(-2)],
  ] as [[Axis, Axis], [Axis, Axis]];
  if (!equalDimensions(depth[0].size, depth[1].size)) wrong('`q` and `k` differ in their last axis', depth);
  if (!equalDimensions(length[0].size, length[1].size)) wrong('`k` and `v` differ in length', length);
  const [first, ...others] = axes.map((list) => list.slice(0, -2));
  return others.reduce<readonly Axis[]>((shared, list) => {
    return broadcastAxes(shared, list) ?? wrong('the axes in front do not agree', [...shared, ...list]);
  }, first ?? []);
}

function maskOf(call: BuiltinCall, leading: readonly Axis[], axes: readonly (readonly Axis[])[]): number {
  const { tensors } = call;
  const id = call.tensor('mask');
  const scores = [...leading, axes[0]?.at(-2), axes[1]?.at(-2)] as Axis[];
  const mask = tensors.axes(id);
  if (tensors.dtype(id) !== 'bool') {
    call.fail('E0209', call.spanOf('mask'), `\`mask\` is a tensor of bool, not ${tensors.dtype(id)}`, {
      help: 'compare it: true is where attention is allowed',
    });
  }
  const together = broadcastAxes(mask, scores);
  if (together?.length !== scores.length || together.some((axis, i) => !equalDimensions(axis.size, (scores[i] as Axis).size))) // prettier-ignore
    call.fail('E0204', call.spanOf('mask'), `a mask ${printAxes(mask)} does not broadcast to the scores ${printAxes(scores)}`); // prettier-ignore
  return id;
}

export const ATTENTION = { attention_of: attentionOf };
