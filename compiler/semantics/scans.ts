/**
 * `scan`: a loop over time. In: the statement, the names in view. Out: one `scan` node whose body is
 * elaborated once; the carries' names hold their last values afterwards, and what is emitted, stacked along
 * the axis that the sequences have it on, is the statement's value.
 */
import { equalDimensions, equalShapes, printDimension } from '../graph/dimension.ts';
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { announceNames } from './announce.ts';
import { blame } from './arguments.ts';
import { bindNewest, bindStates, carriedStates, leaveStates } from './carried-states.ts';
import type { Context, Place } from './context.ts';
import { asAxis, asTensor, numberAs } from './convert.ts';
import { dtypeOf } from './dtypes.ts';
import { resolveName } from './names.ts';
import { Poisoned, Scope } from './scope.ts';
import { originNotes } from './shape-errors.ts';
import { printDeclared } from './signature.ts';
import { printAxes, printAxis, sizes } from './tensors.ts';
import type { Turn } from './turn.ts';
import { describeValue, tensor, tuple, type Axis, type Value } from './values.ts';

/** What the body of a scan emits; once in its text, so once a turn. */
export class EmitRecorder {
  emitted: { readonly values: readonly number[]; readonly isTuple: boolean; readonly span: Span } | undefined;

  emit(context: Context, statement: Extract<ast.Statement, { kind: 'return' | 'emit' }>, place: Place): void {
    const { emitted } = this;
    if (emitted) {
      context.fail('E0202', statement.span, 'this scan emits twice', {
        help: 'emit a tuple: `emit (a, b)`',
        related: [{ message: 'the first time', span: emitted.span }],
      });
    }
    const span = blame(context, statement.value, place);
    const value = context.evaluate(statement.value, place);
    const items = value.kind === 'tuple' ? value.items : [value];
    const values = items.map((item) => asTensor(context, item, span));
    this.emitted = { values, isTuple: value.kind === 'tuple', span: statement.span };
  }
}

interface Sequence {
  readonly name: ast.Identifier;
  readonly id: number;
  /** The axis that is run along. */
  readonly axis: number;
}

interface Carry {
  readonly declared: ast.Tensor;
  readonly name: ast.Identifier;
  readonly axes: readonly Axis[];
  readonly initial: number;
}

/** The value of the statement: what is emitted; undefined where nothing is. */
export function runScan(context: Context, statement: ast.ScanStatement, place: Place): Value | undefined {
  const { tensors } = context.graph(statement.span);
  const time = turnsOf(context, statement.along, place);
  const sequences = statement.sequences.map((sequence) =>
    readSequence(context, sequence, time, statement, place),
  );
  const carries = statement.carries.map((carry) => readCarry(context, carry, place));
  context.current = statement.span;
  const turn = tensors.enterTurn(`turn of ${statement.along.text}`, time.size as number);
  const errors = context.session.diagnostics.size;
  const scope = new Scope(place.scope);
  const recorder = new EmitRecorder();
  try {
    bindStates(context, place, scope, statement.span);
    for (const { name, id, axis } of sequences)
      scope.bind(name.text, sequenceLeaf(context, turn, { name, id, axis }), name.span);
    const leaves = carries.map(({ name, axes, initial }) => {
      const leaf = turn.carry(initial);
      tensors.describe(leaf, axes);
      tensors.label(leaf, name.text);
      scope.bind(name.text, tensor(leaf), name.span);
      return leaf;
    });
    announceNames(statement.body, scope);
    const { step: _step, ...around } = place;
    context.session.machine.run(context, statement.body, { ...around, scope, tail: false, emits: recorder });
    if (context.session.diagnostics.size > errors) throw new Poisoned();
    const states = carriedStates(context, turn, statement.span);
    const next = new Map([
      ...carries.map((carry, i): [number, number] => [
        turn.local(leaves[i] as number),
        turn.local(nextValue(context, carry, scope, statement)),
      ]),
      ...states.map((state): [number, number] => [turn.local(state.leaf), turn.local(state.next)]),
    ]);
    const emitted = recorder.emitted?.values ?? [];
    const emittedAxes = emitted.map((id) => tensors.axes(id));
    if (next.size + emitted.length === 0) {
      // In evaluation mode a loop that only updates states does nothing.
      if (turn.states.size > 0) return undefined;
      context.fail('E0227', statement.span, 'this scan has no carry and emits nothing', { help: EMIT_HELP });
    }
    const scan = turn.scan.finish(
      next,
      emitted.map((id) => turn.local(id)),
    );
    leaveStates(context, turn, statement.span);
    tensors.leaveTurn(turn);
    carries.forEach(({ name, axes }, i) => {
      const last = tensors.scanResult(scan, i);
      tensors.describe(last, axes);
      place.scope.bind(name.text, tensor(last), name.span);
    });
    states.forEach(({ name, leaf }, i) => {
      const last = tensors.scanResult(scan, carries.length + i);
      tensors.describe(last, tensors.axes(leaf));
      bindNewest(context, place, name, last, statement.span);
    });
    if (!recorder.emitted) return undefined;
    const stacked = emittedAxes.map((axes, i) => {
      const id = tensors.scanResult(scan, next.size + i);
      tensors.describe(id, [time, ...axes]);
      return tensor(moveFirst(context, id, Math.min(sequences[0]?.axis ?? 0, axes.length), statement.span));
    });
    return recorder.emitted.isTuple ? tuple(stacked) : stacked[0];
  } finally {
    if (tensors.innermost === turn) leaveStates(context, turn, statement.span);
    tensors.leaveTurn(turn);
  }
}

const EMIT_HELP = 'end its body with `emit …`';

/** The axis that the loop runs along, by the name of its size. */
function turnsOf(context: Context, along: ast.Identifier, place: Place): Axis {
  const value = resolveName(context, { kind: 'name', name: along.text, span: along.span }, place, false);
  if (value.kind === 'dimension') {
    context.fail(
      'E0217',
      along.span,
      'the size of the batch is not known here: a `scan` cannot run along it',
      {
        help: 'run along another axis, or give the program a `data` block, whose `batch` is a number',
      },
    );
  }
  if (value.kind !== 'number') {
    context.fail('E0213', along.span, `\`${along.text}\` is no number: \`along\` names the size of an axis`, {
      help: `this is ${describeValue(value)}; for example \`scan xt in x along T\` where x[B, T, D]`,
    });
  }
  return asAxis(context, value, along.span);
}

function readSequence(
  context: Context,
  { name, value }: ast.ScanStatement['sequences'][number],
  time: Axis,
  { along }: ast.ScanStatement,
  place: Place,
): Sequence {
  const span = blame(context, value, place);
  const id = asTensor(context, context.evaluate(value, place), span);
  const axes = context.tensors(span).axes(id);
  const fitting = axes.flatMap((axis, i) => (equalDimensions(axis.size, time.size) ? [i] : []));
  // By where the size comes from; of several, one that is not the batch.
  const named = fitting.filter((i) => axes[i]?.origin !== undefined && axes[i]?.origin === time.origin);
  const axis = named[0] ?? fitting.find((i) => axes[i]?.origin?.symbol !== 'B');
  if (axis === undefined) {
    return context.fail(
      'E0204',
      span,
      `no axis of \`${name.text}\`'s sequence ${printAxes(axes)} has \`${along.text}\` = ${printAxis(time)} elements`,
      { related: originNotes([time]), help: 'all sequences of a scan have the axis it runs along' },
    );
  }
  return { name, id, axis };
}

/** The slice of this turn. */
function sequenceLeaf(context: Context, turn: Turn, { name, id, axis }: Sequence): Value {
  const { tensors } = context.graph(context.current as Span);
  const axes = tensors.axes(id);
  const first = tensors.around(() => tensors.transpose(id, [axis, ...others(axes.length, axis)]));
  const leaf = turn.sequence(first);
  tensors.describe(
    leaf,
    axes.filter((_, i) => i !== axis),
  );
  tensors.label(leaf, name.text);
  return tensor(leaf);
}

const others = (rank: number, axis: number): number[] => [...Array(rank).keys()].filter((i) => i !== axis);

/** The first axis put in place `to`. */
function moveFirst(context: Context, id: number, to: number, span: Span): number {
  const { tensors } = context.graph(span);
  const rest = others(tensors.rank(id), 0);
  return tensors.transpose(id, [...rest.slice(0, to), 0, ...rest.slice(to)]);
}

function readCarry(
  context: Context,
  { tensor: declared, value }: ast.ScanStatement['carries'][number],
  place: Place,
): Carry {
  const { name } = declared;
  if (!name) return context.fail('E0102', declared.span, 'a carry needs a name');
  const axes = declared.dims.map((dim) => {
    if (dim.kind === 'rest') context.fail('E0213', dim.span, 'the shape of a carry is written out');
    return asAxis(context, context.evaluate(dim.value, place), blame(context, dim.value, place));
  });
  const dtype = dtypeOf(context, declared.dtype);
  const span = blame(context, value, place);
  const initial = initialOf(context, context.evaluate(value, place), span);
  const { tensors } = context.graph(span);
  context.current = span;
  if (initial.kind === 'number') {
    const number = numberAs(context, initial, dtype, span);
    return { declared, name, axes, initial: tensors.broadcast(number, axes) };
  }
  const id = asTensor(context, initial, span, dtype);
  const what = `the carry \`${name.text}\` is declared ${printDeclared(declared)}`;
  if (tensors.dtype(id) !== dtype) {
    context.fail('E0209', span, `${what} of ${dtype}, it starts as ${tensors.dtype(id)}`, {
      help: `cast it: \`${dtype}(…)\``,
    });
  }
  if (!equalShapes(tensors.shape(id), sizes(axes))) {
    context.fail('E0204', span, `${what}, it starts as ${printAxes(tensors.axes(id))}`, {
      related: [{ message: `declared ${printDeclared(declared)}`, span: declared.span }],
    });
  }
  return { declared, name, axes, initial: id };
}

/** `zeros()`, `ones()` and `constant(v)` fill the declared shape, as a number does. */
function initialOf(context: Context, value: Value, span: Span): Value {
  if (value.kind !== 'initializer') return value;
  const { initializer } = value;
  const filled = { zeros: 0, ones: 1 } as const;
  if (initializer.kind === 'zeros' || initializer.kind === 'ones')
    return { kind: 'number', value: filled[initializer.kind], integer: true };
  if (initializer.kind === 'constant') return { kind: 'number', value: initializer.value, integer: false };
  return context.fail('E0213', span, `a carry cannot start as \`${initializer.kind}\``, {
    help: 'start it with `zeros()`, a number or a tensor, for example `random.normal(B, U)`',
  });
}

/** What the carry's name means when the turn ends. */
function nextValue(context: Context, carry: Carry, scope: Scope, statement: ast.ScanStatement): number {
  const { name, axes, initial, declared } = carry;
  const binding = scope.local(name.text);
  if (!binding) throw new Error(`internal: the carry ${name.text} is not bound`);
  const span = binding.span ?? statement.span;
  const { tensors } = context.graph(span);
  const dtype = tensors.dtype(initial);
  const value = binding.get();
  context.current = span;
  if (value.kind === 'number') return tensors.broadcast(numberAs(context, value, dtype, span), axes);
  const id = asTensor(context, value, span, dtype);
  const what = `the carry \`${name.text}\` is declared ${printDeclared(declared)}`;
  const related = [{ message: `declared ${printDeclared(declared)}`, span: declared.span }];
  if (tensors.dtype(id) !== dtype) {
    context.fail('E0209', span, `${what} of ${dtype}, its next value is ${tensors.dtype(id)}`, { related });
  }
  const given = tensors.axes(id);
  if (!equalShapes(sizes(given), sizes(axes))) {
    const differs = axes.findIndex((axis, i) => !equalDimensions(axis.size, given[i]?.size ?? -1));
    const notes = originNotes([axes[differs], given[differs]]) ?? [];
    context.fail('E0204', span, `${what}, its next value is ${printAxes(given)}`, {
      related: [...related, ...notes],
      help: `every turn starts with ${name.text}[${axes.map((axis) => printDimension(axis.size)).join(', ')}]`,
    });
  }
  return id;
}
