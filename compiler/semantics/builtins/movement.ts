/** Builtins that move elements: reshape, transpose, split, concat, pad and their kin. Sizes are checked here. */
import {
  addDimensions,
  divideDimensions,
  equalDimensions,
  multiplyDimensions,
  shapeProduct,
  type Dimension,
} from '../../graph/dimension.ts';
import { sameElementCount } from '../../graph/ops-views.ts';
import { asAxis, asAxisIndex } from '../convert.ts';
import { originNotes } from '../shape-errors.ts';
import { printAxes, printAxis, sizes } from '../tensors.ts';
import { integer, tensor, tuple, type Axis } from '../values.ts';
import { parameter, type Builtin, type BuiltinCall } from './spec.ts';

const x = parameter.required('x', 'tensor');
const ONE: Axis = { size: 1 };

/** Sizes with at most one -1, which `fill` works out; undefined items are the -1. */
function sizesWithHole(call: BuiltinCall): (Axis | undefined)[] {
  const given = call.spreadRest();
  const axes = given.map(({ value, span }) =>
    value.kind === 'number' && value.value === -1 ? undefined : asAxis(call.context, value, span),
  );
  const holes = given.filter((_, i) => axes[i] === undefined);
  if (holes[1]) call.fail('E0220', holes[1].span, 'only one size may be -1');
  return axes;
}

const reshape: Builtin = {
  parameters: [x, parameter.rest('dims', 'value')],
  run: (call) => {
    const id = call.tensor('x');
    const from = call.tensors.axes(id);
    const wanted = sizesWithHole(call);
    const shown = () => `[${wanted.map((axis) => (axis ? printAxis(axis) : '-1')).join(', ')}]`;
    const wrong = (): never =>
      call.fail('E0214', call.span, `${printAxes(from)} does not fit into ${shown()}`, {
        help: elementsText(from, wanted),
        related: originNotes(from),
      });
    const known = wanted.filter((axis) => axis !== undefined);
    const filled = known.length === wanted.length ? undefined : missingSize(from, known);
    if (known.length < wanted.length && filled === undefined) return wrong();
    const axes = wanted.map((axis) => axis ?? { size: filled ?? 1 });
    if (!sameElementCount(sizes(from), sizes(axes))) return wrong();
    const kept = axes.map((axis, i) => keepOrigin(axis, from, i, axes.length));
    return tensor(call.tensors.reshape(id, kept));
  },
};

/** Quotient of the element counts, with equal sizes on both sides taken away first. */
function missingSize(from: readonly Axis[], known: readonly Axis[]): Dimension | undefined {
  const left = [...from];
  const right: Axis[] = [];
  for (const axis of known) {
    const same = left.findIndex((other) => equalDimensions(other.size, axis.size));
    if (same >= 0) left.splice(same, 1);
    else right.push(axis);
  }
  const [product, divisor] = [shapeProduct(sizes(left)), shapeProduct(sizes(right))];
  return product === undefined || divisor === undefined ? undefined : divideDimensions(product, divisor);
}

/** An axis that keeps its place from the front or the back keeps where its size comes from. */
function keepOrigin(axis: Axis, from: readonly Axis[], i: number, rank: number): Axis {
  const before = [from[i], from[from.length - rank + i]].find(
    (other) => other?.origin && equalDimensions(other.size, axis.size),
  );
  return before ?? axis;
}

function elementsText(from: readonly Axis[], wanted: readonly (Axis | undefined)[]): string | undefined {
  const count = (axes: readonly (Axis | undefined)[]) =>
    axes.reduce<number | undefined>(
      (n, axis) => (n === undefined || typeof axis?.size !== 'number' ? undefined : n * axis.size),
      1,
    );
  const [a, b] = [count(from), count(wanted)];
  return a === undefined || b === undefined ? undefined : `${a} elements on one side, ${b} on the other`;
}

const transpose: Builtin = {
  parameters: [x, parameter.rest('perm', 'value')],
  run: (call) => {
    const id = call.tensor('x');
    const axes = call.tensors.axes(id);
    const order = call
      .spreadRest()
      .map(({ value, span }) => asAxisIndex(call.context, value, span, axes.length, 'an axis'));
    if (order.length !== axes.length || new Set(order).size !== order.length) {
      call.fail('E0215', call.span, `\`transpose\` names every axis of ${printAxes(axes)} once`, {
        help: 'the order of the axes in the result; `x.T` swaps the last two',
      });
    }
    return tensor(call.tensors.transpose(id, order));
  },
};

const squeeze: Builtin = {
  parameters: [x, parameter.required('axis', 'axes')],
  run: (call) => {
    const id = call.tensor('x');
    const axes = call.tensors.axes(id);
    const dropped = call.axes('axis', axes.length);
    for (const axis of dropped) {
      const found = axes[axis] ?? ONE;
      if (equalDimensions(found.size, 1)) continue;
      call.fail(
        'E0214',
        call.spanOf('axis'),
        `axis ${axis} of ${printAxes(axes)} is ${printAxis(found)}, not 1`,
        {
          related: originNotes([found]),
        },
      );
    }
    return tensor(
      call.tensors.reshape(
        id,
        axes.filter((_, i) => !dropped.includes(i)),
      ),
    );
  },
};

const unsqueeze: Builtin = {
  parameters: [x, parameter.required('axis', 'axis')],
  run: (call) => {
    const id = call.tensor('x');
    const axes = call.tensors.axes(id);
    const at = call.axis('axis', axes.length + 1);
    return tensor(call.tensors.reshape(id, [...axes.slice(0, at), ONE, ...axes.slice(at)]));
  },
};

const expand: Builtin = {
  parameters: [x, parameter.rest('dims', 'value')],
  run: (call) => {
    const id = call.tensor('x');
    const from = call.tensors.axes(id);
    const given = call.spreadRest();
    const wanted = given.map(({ value, span }, i): Axis => {
      const old = from[i - given.length + from.length];
      if (value.kind === 'number' && value.value === -1 && old) return old;
      const axis = asAxis(call.context, value, span);
      if (old && !equalDimensions(old.size, 1) && !equalDimensions(old.size, axis.size)) {
        call.fail('E0204', span, `an axis of ${printAxis(old)} cannot be expanded to ${printAxis(axis)}`, {
          related: originNotes([old]),
        });
      }
      return axis;
    });
    if (wanted.length < from.length) {
      call.fail(
        'E0204',
        call.span,
        `${printAxes(from)} cannot be expanded to ${printAxes(wanted)}: fewer axes`,
      );
    }
    return tensor(call.tensors.broadcast(id, wanted));
  },
};

const tile: Builtin = {
  parameters: [x, parameter.rest('counts', 'value')],
  run: (call) => {
    const id = call.tensor('x');
    const given = call.spreadRest();
    const rank = Math.max(call.tensors.rank(id), given.length);
    const missing = Array.from({ length: rank - call.tensors.rank(id) }, () => ONE);
    const axes = [...missing, ...call.tensors.axes(id)];
    const counts = axes.map((_, i) => {
      const item = given[i - rank + given.length];
      return item ? asAxis(call.context, item.value, item.span) : ONE;
    });
    const open = axes.flatMap((axis) => [ONE, axis]);
    const spread = axes.flatMap((axis, i) => [counts[i] ?? ONE, axis]);
    const result = axes.map((axis, i): Axis => {
      const count = counts[i] ?? ONE;
      if (equalDimensions(count.size, 1)) return axis;
      const product = multiplyDimensions(axis.size, count.size);
      return product === undefined
        ? call.fail(
            'E0217',
            call.span,
            'the size of the batch is not known here: it cannot be tiled by itself',
            {
              help: 'give the program a `data` block, whose `batch` is a number',
            },
          )
        : { size: product };
    });
    const wide = call.tensors.broadcast(call.tensors.reshape(id, open), spread);
    return tensor(call.tensors.reshape(wide, result));
  },
};

const reverse: Builtin = {
  parameters: [x, parameter.required('axis', 'axes')],
  run: (call) => {
    const id = call.tensor('x');
    return tensor(call.tensors.reverse(id, call.axes('axis', call.tensors.rank(id))));
  },
};

const split: Builtin = {
  parameters: [
    x,
    parameter.optional('n', 'integer', integer(0)),
    parameter.optional('axis', 'axis', integer(-1)),
    parameter.optional('sizes', 'value'),
  ],
  run: (call) => {
    const id = call.tensor('x');
    const axes = call.tensors.axes(id);
    const axis = call.axis('axis', axes.length);
    const from = axes[axis] ?? ONE;
    if (call.given('n') === call.given('sizes')) {
      call.fail('E0212', call.span, '`split` takes a number of parts or their sizes', {
        help: '`split(x, 3)` or `split(x, sizes = (2, 4))`',
      });
    }
    const parts = call.given('n') ? equalParts(call, from) : givenParts(call, from);
    const starts: Dimension[] = axes.map(() => 0);
    const limits = sizes(axes);
    const steps = axes.map(() => 1);
    let at: Dimension = 0;
    return tuple(
      parts.map((part) => {
        const end = addDimensions(at, part.size);
        const cut = call.tensors.slice(
          id,
          starts.map((start, i) => (i === axis ? at : start)),
          limits.map((limit, i) => (i === axis ? end : limit)),
          steps,
        );
        at = end;
        call.tensors.describe(
          cut,
          call.tensors.axes(cut).map((old, i) => (i === axis ? part : old)),
        );
        return tensor(cut);
      }),
    );
  },
};

function equalParts(call: BuiltinCall, from: Axis): Axis[] {
  const n = call.number('n');
  if (n < 1) call.fail('E0220', call.spanOf('n'), `the number of parts is ${n}`);
  const part = divideDimensions(from.size, n);
  if (part === undefined) {
    call.fail(
      'E0214',
      call.spanOf('n'),
      `an axis of ${printAxis(from)} does not divide into ${n} equal parts`,
      {
        related: originNotes([from]),
      },
    );
  }
  return Array.from({ length: n }, () => ({
    size: part,
    origin: from.origin && { ...from.origin, symbol: undefined },
  }));
}

function givenParts(call: BuiltinCall, from: Axis): Axis[] {
  const { value, span } = call.argument('sizes');
  const items = value.kind === 'tuple' ? value.items : [value];
  const parts = items.map((item) => asAxis(call.context, item, span));
  const total = parts.reduce<Dimension>((sum, part) => addDimensions(sum, part.size), 0);
  if (!equalDimensions(total, from.size)) {
    call.fail(
      'E0214',
      span,
      `the sizes ${parts.map(printAxis).join(' + ')} are ${printAxis({ size: total })}, the axis is ${printAxis(from)}`,
      { related: originNotes([from]) },
    );
  }
  return parts;
}

export const MOVEMENT: Readonly<Record<string, Builtin>> = {
  reshape,
  transpose,
  squeeze,
  unsqueeze,
  expand,
  tile,
  reverse,
  split,
};
