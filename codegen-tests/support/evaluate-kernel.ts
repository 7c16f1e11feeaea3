/**
 * Runs kernels on the host, with f32 rounding after every operation: lowering is tested with it where there is no
 * device. In: a kernel, its tensors by place, the uniform block's numbers. Out: the tensors, written to. An access
 * outside of a tensor throws, on a device it would be clamped and hidden. Threads run one after another; those of a
 * workgroup with barriers from barrier to barrier (`workgroup.ts`).
 */
import { dimensionAt } from '../../compiler/graph/dimension.ts';
import { convert } from '../../compiler/graph/scalar-functions.ts';
import { threefry2x32 } from '../../compiler/graph/threefry.ts';
import { GROUP_IDS, LOCAL_ID, THREAD_IDS } from '../../compiler/kernel/thread-ids.ts';
import { hasBarrier } from '../../compiler/kernel/uniformity.ts';
import type { BindingTarget, Expression, Kernel, Statement } from '../../compiler/kernel/ir.ts';
import { binaryOf, round, unaryOf } from './evaluate-scalars.ts';

import { SharedArray, Workgroup, type Steps } from './workgroup.ts';

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

/** One dispatch; `turns` are its numbers in loops, from the outermost inwards. */
export function evaluateKernel(kernel: Kernel, memory: Memory, turns: readonly number[] = []): void {
  const workgroup = new Workgroup();
  const compiler = new Compiler(kernel, memory, turns, workgroup);
  const extents = kernel.threads.map((list) =>
    list.reduce<number>((n, d) => n * dimensionAt(d, memory.batch), 1),
  );
  if (!hasBarrier(kernel.body)) {
    const run = compiler.compile();
    forAll(extents, (at) => run(frameOf(at, kernel.workgroup)));
    return;
  }
  const run = compiler.compileSteps();
  const { workgroup: size } = kernel;
  const groups = extents.map((n, axis) => n / (size[axis] as number));
  forAll(groups, (group) => {
    const threads: Steps[] = [];
    forAll(size, (at) => {
      const thread = at.map((i, axis) => (group[axis] as number) * (size[axis] as number) + i);
      threads.push(run(frameOf(thread, size)));
    });
    workgroup.run(threads);
  });
}

/** The first extent fastest. */
function forAll([x, y, z]: readonly number[], visit: (at: readonly number[]) => void): void {
  for (let k = 0; k < (z ?? 1); k++)
    for (let j = 0; j < (y ?? 1); j++) for (let i = 0; i < (x ?? 1); i++) visit([i, j, k]);
}

/** The values of `THREAD_IDS`, in their order. */
function frameOf(thread: readonly number[], size: Kernel['workgroup']): Frame {
  const groups = GROUP_IDS.map((_, axis) => Math.floor((thread[axis] as number) / (size[axis] as number)));
  const [i, j, k] = thread.map((n, axis) => n % (size[axis] as number)) as [number, number, number];
  return [...thread, ...groups, i + size[0] * (j + size[1] * k)];
}

const LOCAL_SLOT = THREAD_IDS.indexOf(LOCAL_ID);

interface Place {
  readonly data: Float64Array;
  readonly width: number;
  readonly name: string;
  /** Of memory that the threads of a workgroup share. */
  readonly shared?: SharedArray;
}

class Compiler {
  private readonly slots = new Map<string, number>(THREAD_IDS.map((id, slot) => [id, slot]));
  private readonly arrays = new Map<number, SharedArray>();
  private readonly kernel: Kernel;
  private readonly memory: Memory;
  private readonly turns: readonly number[];
  private readonly workgroup: Workgroup;

  constructor(kernel: Kernel, memory: Memory, turns: readonly number[], workgroup: Workgroup) {
    this.workgroup = workgroup;
    this.kernel = kernel;
    this.memory = memory;
    this.turns = turns;
  }

  compile(): Act {
    return this.statements(this.kernel.body);
  }

  compileSteps(): (frame: Frame) => Steps {
    return this.steps(this.kernel.body);
  }

  /** As `statements`, with a stop at each barrier. */
  private steps(list: readonly Statement[]): (frame: Frame) => Steps {
    const parts = list.map((s) =>
      hasBarrier([s]) ? { stops: this.stepsOf(s) } : { act: this.statement(s) },
    );
    return function* (frame) {
      for (const { stops, act } of parts) {
        if (stops) yield* stops(frame);
        else act(frame);
      }
    };
  }

  private stepsOf(s: Statement): (frame: Frame) => Steps {
    switch (s.kind) {
      case 'barrier':
        return function* () {
          yield s;
        };
      case 'for': {
        const slot = this.slot(s.variable);
        const [from, to] = [this.expression(s.from), this.expression(s.to)];
        const body = this.steps(s.body);
        return function* (frame) {
          const end = to(frame) as number;
          for (let i = from(frame) as number; i < end; i += s.step) {
            frame[slot] = i;
            yield* body(frame);
          }
        };
      }
      case 'if': {
        const condition = this.expression(s.condition);
        const [then, other] = [this.steps(s.then), this.steps(s.else ?? [])];
        return (frame) => (condition(frame) === 1 ? then(frame) : other(frame));
      }
      default:
        throw new Error(`${s.kind} holds no barrier`);
    }
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
        const { data, width, name, shared } =
          s.kind === 'store' ? this.tensor(s.binding) : this.scratch(s.array);
        const [index, value] = [this.expression(s.index), this.expression(s.value)];
        return (frame) => {
          const at = (index(frame) as number) * width;
          shared?.noteStore(at, frame[LOCAL_SLOT] as number);
          if (at + width > data.length)
            throw new Error(`${this.kernel.name} stores past the end of ${name}: ${at}`);
          const stored = value(frame);
          if (typeof stored === 'number') data[at] = stored;
          else data.set(stored, at);
        };
      }
      case 'barrier':
        throw new Error('a barrier where threads run one after another');
    }
  }

  private tensor(binding: number): Place {
    const bound = this.kernel.bindings[binding];
    const data = bound && this.memory.tensors.get(place(bound.tensor));
    if (!bound || !data) throw new Error(`no tensor for binding ${binding} of ${this.kernel.name}`);
    return { data, width: bound.width, name: place(bound.tensor) };
  }

  /** Workgroups run one after another, so one array serves all of them. */
  private scratch(array: number): Place {
    const declared = this.kernel.scratch?.[array];
    if (!declared) throw new Error(`no scratch array ${array} in ${this.kernel.name}`);
    const shared =
      this.arrays.get(array) ??
      new SharedArray(this.workgroup, declared.name, declared.length * declared.width);
    this.arrays.set(array, shared);
    return { data: shared.data, width: declared.width, name: declared.name, shared };
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
        return () => this.turns[e.depth] ?? NaN;
      case 'scalar': {
        const value = this.memory.scalars.get(e.name);
        if (value === undefined) throw new Error(`no scalar ${e.name}`);
        return () => Math.fround(value);
      }
      case 'scratch_load':
      case 'load': {
        const { data, width, name, shared } =
          e.kind === 'load' ? this.tensor(e.binding) : this.scratch(e.array);
        const index = this.expression(e.index);
        return (frame) => {
          const at = (index(frame) as number) * width;
          shared?.noteLoad(at, frame[LOCAL_SLOT] as number);
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
