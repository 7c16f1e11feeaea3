/** `pad`: with a number, with the elements mirrored at the edge, with the edge itself. */
import { addDimensions, type Dimension } from '../../graph/dimension.ts';
import { isFloat } from '../../graph/op-row.ts';
import { asInteger } from '../convert.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxis } from '../tensors.ts';
import { integer, tensor, type Axis } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

/** One number for each axis; a plain number where there is one axis. */
function perAxis(call: BuiltinCall, name: string, rank: number): number[] {
  const { value, span } = call.argument(name);
  if (value.kind === 'none') return new Array<number>(rank).fill(0);
  const items = value.kind === 'tuple' ? value.items : [value];
  if (items.length !== rank) {
    call.fail('E0213', span, `\`${name}\` has one number an axis: ${rank}, not ${items.length}`);
  }
  return items.map((item) => {
    const n = asInteger(call.context, item, span, `\`${name}\``);
    if (n < 0) call.fail('E0220', span, `\`${name}\` counts from 0, this is ${n}`);
    return n;
  });
}

/** Padding made of the value's own elements, along one axis. */
function extended(call: BuiltinCall, id: number, axis: number, low: number, high: number): number {
  if (low === 0 && high === 0) return id;
  const { tensors } = call;
  const axes = tensors.axes(id);
  const along = axes[axis] ?? { size: 1 };
  const { size } = along;
  const part = (from: Dimension, to: Dimension): number =>
    tensors.slice(
      id,
      axes.map((_, i) => (i === axis ? from : 0)),
      axes.map((old, i) => (i === axis ? to : old.size)),
      axes.map(() => 1),
    );
  const pieces: number[] = [];
  if (call.string('mode') === 'edge') {
    const wide = (piece: number, count: number): number =>
      tensors.broadcast(
        piece,
        axes.map((old, i): Axis => (i === axis ? { size: count } : old)),
      );
    if (low > 0) pieces.push(wide(part(0, 1), low));
    pieces.push(id);
    if (high > 0) pieces.push(wide(part(addDimensions(size, -1), size), high));
    return tensors.concat(pieces, axis);
  }
  if (typeof size !== 'number') {
    return call.fail(
      'E0217',
      call.spanOf('mode'),
      'reflecting needs an axis whose size is known at compile time',
    );
  }
  if (Math.max(low, high) >= size) {
    const name = low >= size ? 'before' : 'after';
    call.fail(
      'E0220',
      call.spanOf(name),
      `an axis of ${printAxis(along)} reflects at most ${size - 1} elements, not ${Math.max(low, high)}`,
      { related: originNotes([along]) },
    );
  }
  if (low > 0) pieces.push(tensors.reverse(part(1, low + 1), [axis]));
  pieces.push(id);
  if (high > 0) pieces.push(tensors.reverse(part(size - 1 - high, size - 1), [axis]));
  return tensors.concat(pieces, axis);
}

const pad: Builtin = {
  parameters: [
    parameter.required('x', 'tensor'),
    parameter.optional('before', 'value'),
    parameter.optional('after', 'value'),
    parameter.optional('value', 'value', integer(0)),
    parameter.optional(
      'mode',
      { words: ['constant', 'reflect', 'edge'] },
      { kind: 'string', value: 'constant' },
    ),
  ],
  run: (call) => {
    const id = call.tensor('x');
    const mode = call.string('mode');
    if (mode !== 'constant' && call.given('value')) {
      call.fail('E0210', call.spanOf('value'), `\`value\` belongs to mode \`constant\`, not \`${mode}\``);
    }
    const rank = call.tensors.rank(id);
    const [before, after] = [perAxis(call, 'before', rank), perAxis(call, 'after', rank)];
    if ([...before, ...after].every((n) => n === 0)) return tensor(id);
    if (mode !== 'constant') {
      return tensor(
        before.reduce((padded, low, axis) => extended(call, padded, axis, low, after[axis] ?? 0), id),
      );
    }
    const value = padValue(call, id);
    return tensor(call.tensors.pad(id, value, before, after));
  },
};

function padValue(call: BuiltinCall, id: number): number {
  const dtype = call.tensors.dtype(id);
  const value = call.value('value');
  const span = call.spanOf('value');
  if (value.kind === 'number' && dtype === 'bool' && !call.given('value'))
    return call.tensors.constant(0, 'bool');
  const number = value.kind === 'number' ? tensorOfNumber(call, dtype) : call.tensor('value');
  if (call.tensors.dtype(number) !== dtype || call.tensors.rank(number) !== 0) {
    call.fail('E0209', span, `\`value\` is a number of ${dtype}`);
  }
  return number;
}

function tensorOfNumber(call: BuiltinCall, dtype: ReturnType<BuiltinCall['tensors']['dtype']>): number {
  const value = call.value('value');
  if (value.kind !== 'number') throw new Error('internal: no number');
  if (!isFloat(dtype) && !value.integer) {
    call.fail('E0209', call.spanOf('value'), `the number ${value.value} where an integer (${dtype}) is due`);
  }
  return call.tensors.constant(value.value, dtype);
}

export const PADDING: Readonly<Record<string, Builtin>> = { pad };
