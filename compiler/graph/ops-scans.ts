/**
 * Rows of the loop over time and of what its body reads. A scan has several results, so the interpreter runs
 * it apart (`interpret.ts`); the primitives of laid-out loops are a form for scheduling and have no value here.
 */
import { equalDimensions, equalShapes, printShape } from './dimension.ts';
import type { TensorType } from './ir.ts';
import { broken, nth, type GivenType, type OpRow } from './op-row.ts';
import { argumentLeaves, argumentType, outputType } from './scan.ts';

function given(type: GivenType, what: string): TensorType {
  if (!type.shape || !type.dtype) broken(`the type of ${what} must be given`);
  return { shape: type.shape, dtype: type.dtype };
}

const same = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && equalShapes(a.shape, b.shape);

const print = ({ dtype, shape }: TensorType): string => `${dtype}${printShape(shape)}`;

const argument: OpRow<'argument'> = {
  kind: 'leaf',
  arity: 0,
  infer: (_inputs, _attributes, type) => given(type, 'an argument'),
  evaluate: (e) => nth(e.environment.arguments ?? [], e.attributes.index).data,
};

const scan: OpRow<'scan'> = {
  kind: 'scan',
  arity: 'several',
  infer(inputs, attributes) {
    const { turns, carries, sequences, body } = attributes;
    if (!Number.isInteger(turns) || turns < 1) broken(`a scan of ${turns} turns`);
    if (carries + sequences > inputs.length) broken(`a scan with ${inputs.length} inputs`);
    for (const input of inputs.slice(carries, carries + sequences)) {
      if (!equalDimensions(input.shape[0] ?? 0, turns))
        broken(`a sequence ${print(input)} of ${turns} turns`);
    }
    for (const leaf of argumentLeaves(body)) {
      const { index } = leaf.attributes;
      const due = argumentType(attributes, index, nth(inputs, index));
      if (!same(due, leaf.type))
        broken(`argument ${index} of a scan is ${print(leaf.type)}, not ${print(due)}`);
    }
    if (body.outputs.length < carries) broken(`a body with ${body.outputs.length} outputs`);
    for (let carry = 0; carry < carries; carry++) {
      const next = outputType(body, carry);
      if (!same(next, nth(inputs, carry))) {
        broken(`carry ${carry} is ${print(nth(inputs, carry))}, its next value ${print(next)}`);
      }
    }
    return { dtype: 'f32', shape: [] };
  },
  evaluate: () => broken('a scan is run by the interpreter itself'),
};

const scanResult: OpRow<'scan_result'> = {
  kind: 'scan',
  arity: 1,
  /** Held against the scan by `verifyGraph`, which sees it. */
  infer: (_inputs, _attributes, type) => given(type, 'a result of a scan'),
  evaluate: () => broken('a scan is run by the interpreter itself'),
};

const atTurn: OpRow<'at_turn'> = {
  kind: 'loop',
  arity: 1,
  infer(inputs, { turns }) {
    const { dtype, shape } = nth(inputs, 0);
    if (!equalDimensions(shape[0] ?? 0, turns)) broken(`a turn of ${printShape(shape)}`);
    return { dtype, shape: shape.slice(1) };
  },
  evaluate: () => broken('a laid-out loop has no value turn by turn'),
};

const carried: OpRow<'carried'> = {
  kind: 'loop',
  arity: 0,
  infer: (_inputs, _attributes, type) => given(type, 'a carry'),
  evaluate: () => broken('a laid-out loop has no value turn by turn'),
};

const overTurns: OpRow<'over_turns'> = {
  kind: 'loop',
  arity: 'several',
  infer(inputs, { slots }) {
    const { dtype, shape } = nth(inputs, 0);
    const initial = inputs[1];
    if (initial && !same(initial, { dtype, shape })) broken(`a carry of ${print(initial)} and ${dtype}`);
    return { dtype, shape: [slots, ...shape] };
  },
  evaluate: () => broken('a laid-out loop has no value turn by turn'),
};

export const SCAN_ROWS = {
  argument,
  scan,
  scan_result: scanResult,
  at_turn: atTurn,
  carried,
  over_turns: overTurns,
};
