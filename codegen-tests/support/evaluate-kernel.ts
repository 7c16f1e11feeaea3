/**
 * Runs kernels on the host, thread by thread, with f32 rounding after every operation: lowering is tested
 * with it where there is no device. In: a kernel, its tensors by place, the uniform block's numbers. Out: the
 * tensors, written to. An access outside of a tensor throws, on a device it would be clamped and hidden.
 */
import { dimensionAt } from '../../compiler/graph/dimension.ts';
import {
  convert,
  divideIntegers,
  erf,
  multiplyIntegers,
  powerIntegers,
  remainderIntegers,
  roundHalfEven,
  wrap,
} from '../../compiler/graph/scalar-functions.ts';
import { threefry2x32 } from '../../compiler/graph/threefry.ts';
import type {
  BinaryFunction,
  BindingTarget,
  Expression,
  Kernel,
  ScalarType,
  Statement,
  UnaryFunction,
} from '../../compiler/kernel/ir.ts';

export interface Memory {
  /** Elements of each tensor, by `place`; bytes one an element. */
  readonly tensors: Map<string, Float64Array>;
  readonly batch: number;
  readonly seed: number;
  readonly draw: number;
  readonly scalars: ReadonlyMap<string, number>;
}

export const place = (target: BindingTarget): string =>
  target.kind === 'named' ? `named:${target.name}` : `value:${target.value}`;

type Value = number | readonly number[];
type Frame = Value[];
type Compute = (frame: Frame) => Value;
type Act = (frame: Frame) => void;

/** One dispatch; `turn` is its number in a loop. */
export function evaluateKernel(kernel: Kernel, memory: Memory, turn = 0): void {
  const compiled = new Compiler(kernel, memory, turn).compile();
  const [x, y, z] = kernel.threads.map((list) =>
    list.reduce<number>((n, d) => n * dimensionAt(d, memory.batch), 1),
  );
  for (let k = 0; k < (z ?? 1); k++) {
    for (let j = 0; j < (y ?? 1); j++) {
      for (let i = 0; i < (x ?? 1); i++) compiled([i, j, k]);
    }
  }
}

class Compiler {
  private readonly slots = new Map<string, number>([['x', 0], ['y', 1], ['z', 2]]); // prettier-ignore
  private readonly arrays = new Map<number, Float64Array>();
  private readonly kernel: Kernel;
  private readonly memory: Memory;
  private readonly turn: number;

  constructor(kernel: Kernel, memory: Memory, turn: number) {
    this.kernel = kernel;
    this.memory = memory;
    this.turn = turn;
  }

  compile(): Act {
    return this.statements(this.kernel.body);
  }

  private slot(name: string): number {
    const slot = this.slots.get(name) ?? this.slots.size;
    this.slots.set(name, slot);
    return slot;
  }

  private statements(list: readonly Statement[]): Act {
    const acts = list.map((statement) => this.statement(statement));
    return (frame) => {
      for (const act of acts) act(frame);
    };
  }

  private statement(s: Statement): Act {
    switch (s.kind) {
      case 'let':
      case 'var':
      case 'assign': {
        const value = this.expression(s.value);
        const slot = this.slot(s.name);
        return (frame) => (frame[slot] = value(frame));
      }
      case 'for': {
        const slot = this.slot(s.variable);
        const [from, to] = [this.expression(s.from), this.expression(s.to)];
        const body = this.statements(s.body);
        return (frame) => {
          const end = to(frame) as number;
          for (let i = from(frame) as number; i < end; i += s.step) {
            frame[slot] = i;
            body(frame);
          }
        };
      }
      case 'if': {
        const condition = this.expression(s.condition);
        const [then, other] = [this.statements(s.then), this.statements(s.else ?? [])];
        return (frame) => (condition(frame) === 1 ? then(frame) : other(frame));
      }
      case 'scratch_store':
      case 'store': {
        const { data, width, name } = s.kind === 'store' ? this.tensor(s.binding) : this.scratch(s.array);
        const [index, value] = [this.expression(s.index), this.expression(s.value)];
        return (frame) => {
          const at = (index(frame) as number) * width;
          if (at + width > data.length)
            throw new Error(`${this.kernel.name} stores past the end of ${name}: ${at}`);
          const stored = value(frame);
          if (typeof stored === 'number') data[at] = stored;
          else data.set(stored, at);
        };
      }
    }
  }

  private tensor(binding: number): { data: Float64Array; width: number; name: string } {
    const bound = this.kernel.bindings[binding];
    const data = bound && this.memory.tensors.get(place(bound.tensor));
    if (!bound || !data) throw new Error(`no tensor for binding ${binding} of ${this.kernel.name}`);
    return { data, width: bound.width, name: place(bound.tensor) };
  }

  /** Threads run one after another, so one array serves all workgroups; NaN shows what was never stored. */
  private scratch(array: number): { data: Float64Array; width: number; name: string } {
    const declared = this.kernel.scratch?.[array];
    if (!declared) throw new Error(`no scratch array ${array} in ${this.kernel.name}`);
    const data =
      this.arrays.get(array) ?? new Float64Array(declared.length * declared.width).fill(Number.NaN);
    this.arrays.set(array, data);
    return { data, width: declared.width, name: declared.name };
  }

  private expression(e: Expression): Compute {
    switch (e.kind) {
      case 'literal': {
        const value = round(e.value, e.type.scalar);
        return () => value;
      }
      case 'variable': {
        const slot = this.slots.get(e.name);
        if (slot === undefined) throw new Error(`${e.name} is not bound`);
        return (frame) => frame[slot] as Value;
      }
      case 'batch':
        return () => this.memory.batch;
      case 'turn':
        return () => this.turn;
      case 'scalar': {
        const value = this.memory.scalars.get(e.name);
        if (value === undefined) throw new Error(`no scalar ${e.name}`);
        return () => Math.fround(value);
      }
      case 'scratch_load':
      case 'load': {
        const { data, width, name } = e.kind === 'load' ? this.tensor(e.binding) : this.scratch(e.array);
        const index = this.expression(e.index);
        return (frame) => {
          const at = (index(frame) as number) * width;
          if (at + width > data.length)
            throw new Error(`${this.kernel.name} loads past the end of ${name}: ${at}`);
          return width === 1 ? (data[at] as number) : Array.from(data.subarray(at, at + width));
        };
      }
      case 'unary': {
        const f = unaryOf(e.function, e.operand.type.scalar);
        return mapped([this.expression(e.operand)], (a) => f(a as number));
      }
      case 'binary': {
        const f = binaryOf(e.function, e.left.type.scalar);
        return mapped([this.expression(e.left), this.expression(e.right)], (a, b) =>
          f(a as number, b as number),
        );
      }
      case 'fma': {
        const parts = [e.a, e.b, e.c].map((part) => this.expression(part));
        return mapped(parts, (a, b, c) => Math.fround((a as number) * (b as number) + (c as number)));
      }
      case 'select': {
        const parts = [e.condition, e.whenTrue, e.whenFalse].map((part) => this.expression(part));
        return mapped(parts, (condition, a, b) => (condition === 1 ? a : b) as number);
      }
      case 'cast': {
        const [from, to] = [e.operand.type.scalar, e.type.scalar];
        return mapped([this.expression(e.operand)], (a) => round(convert(a as number, from, to), to));
      }
      case 'splat': {
        const operand = this.expression(e.operand);
        return (frame) => {
          const value = operand(frame) as number;
          return [value, value, value, value];
        };
      }
      case 'vector': {
        const lanes = e.lanes.map((lane) => this.expression(lane));
        return (frame) => lanes.map((lane) => lane(frame) as number);
      }
      case 'lane': {
        const operand = this.expression(e.operand);
        return (frame) => (operand(frame) as readonly number[])[e.lane] as number;
      }
      case 'random_bits': {
        const element = this.expression(e.element);
        const { seed, draw } = this.memory;
        return (frame) => threefry2x32(seed, draw, e.stream, element(frame) as number)[0];
      }
    }
  }
}

/** Lane by lane where the operands are vectors. */
function mapped(parts: readonly Compute[], f: (...values: (number | undefined)[]) => number): Compute {
  const [first, second, third] = parts;
  return (frame) => {
    const [a, b, c] = [first?.(frame), second?.(frame), third?.(frame)];
    const wide = [a, b, c].some((value) => typeof value === 'object');
    if (!wide) return f(a as number, b as number | undefined, c as number | undefined);
    return [0, 1, 2, 3].map((lane) => f(at(a, lane), at(b, lane), at(c, lane)));
  };
}

const at = (value: Value | undefined, lane: number): number | undefined =>
  typeof value === 'object' ? value[lane] : value;

function round(value: number, scalar: ScalarType): number {
  return scalar === 'f32' || scalar === 'f16' ? Math.fround(value) : wrap(value, scalar);
}

const bit = (truth: boolean): number => (truth ? 1 : 0);

function unaryOf(name: UnaryFunction, scalar: ScalarType): (x: number) => number {
  if (name === 'is_nan') return (x) => bit(Number.isNaN(x));
  if (name === 'is_inf') return (x) => bit(Math.abs(x) === Infinity);
  if (name === 'not') return (x) => 1 - x;
  const functions = {
    neg: (x: number) => -x,
    abs: Math.abs,
    sign: Math.sign,
    floor: Math.floor,
    ceil: Math.ceil,
    round: roundHalfEven,
    exp: Math.exp,
    log: Math.log,
    sqrt: Math.sqrt,
    rsqrt: (x: number) => 1 / Math.sqrt(x),
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    sinh: Math.sinh,
    cosh: Math.cosh,
    tanh: Math.tanh,
    erf,
  };
  const f = functions[name];
  return (x) => round(f(x), scalar);
}

function binaryOf(name: BinaryFunction, scalar: ScalarType): (a: number, b: number) => number {
  const float = scalar === 'f32' || scalar === 'f16';
  switch (name) {
    case 'add':
      return (a, b) => round(a + b, scalar);
    case 'sub':
      return (a, b) => round(a - b, scalar);
    case 'mul':
      return float ? (a, b) => Math.fround(a * b) : (a, b) => multiplyIntegers(a, b, scalar);
    case 'div':
      return float ? (a, b) => Math.fround(a / b) : (a, b) => divideIntegers(a, b, scalar);
    case 'mod':
      return float ? (a, b) => Math.fround(a % b) : remainderIntegers;
    case 'pow':
      return float
        ? (a, b) => (a === 1 || b === 0 ? 1 : Math.fround(a ** b))
        : (a, b) => powerIntegers(a, b, scalar);
    case 'min':
      return (a, b) => Math.min(a, b);
    case 'max':
      return (a, b) => Math.max(a, b);
    case 'and':
      return (a, b) => a * b;
    case 'or':
      return (a, b) => Math.max(a, b);
    case 'eq':
      return (a, b) => bit(a === b);
    case 'ne':
      return (a, b) => bit(a !== b);
    case 'lt':
      return (a, b) => bit(a < b);
    case 'le':
      return (a, b) => bit(a <= b);
    case 'gt':
      return (a, b) => bit(a > b);
    case 'ge':
      return (a, b) => bit(a >= b);
  }
}
