/**
 * The words a compiled trainer's module is written in: pools of memory, kernels, and the commands of a routine. In:
 * what the compiler printed. Out: the parts of a listing. Each names what it uses, so that a reader follows names
 * where the listing has indices.
 */
import type {
  Access,
  BufferRange,
  BufferRole,
  BufferSpec,
  Command,
  DispatchCommand,
  ListedKernel,
  Span,
} from '../plan-format.ts';

/** One buffer of the device. */
export interface Pool {
  readonly spec: BufferSpec;
  /** A tensor's place in it. */
  at(offset: number, bytes: number): BufferRange;
}

export function pool(index: number, name: string, role: BufferRole, bytes: number): Pool {
  return {
    spec: { name, role, bytes },
    at: (offset, size) => ({ buffer: index, offset, bytes: size }),
  };
}

/** A kernel by its place in the listing. */
export interface KernelWord {
  readonly index: number;
  readonly spec: ListedKernel;
}

/** What a kernel is given beside its tensors. */
export interface KernelTraits {
  uniform?: boolean;
  turns?: number[];
}

const ACCESS: Readonly<Record<string, Access>> = { r: 'read', rw: 'read_write' };

/** `file` holds its text; `access` is a word for each binding: `r` or `rw`. */
export function kernel(
  index: number,
  id: string,
  name: string,
  file: string,
  access: string,
  workgroup: [number, number, number],
  traits: KernelTraits = {},
): KernelWord {
  const words = access === '' ? [] : access.split(' ');
  return {
    index,
    spec: {
      id,
      name,
      code: file,
      access: words.map((word) => ACCESS[word] ?? 'read_write'),
      uniform: traits.uniform ?? false,
      ...(traits.turns === undefined ? {} : { turns: traits.turns }),
      workgroup,
    },
  };
}

/** One dispatch: the kernel, the workgroups, a range of memory for each binding. */
export function run(
  { index }: KernelWord,
  groups: [number, number, number],
  ...bindings: BufferRange[]
): DispatchCommand {
  return { kind: 'dispatch', kernel: index, groups, bindings, comment: '' };
}

/** The turns of a scan. */
export function loop(count: number, ...body: Command[]): Command {
  return { kind: 'loop', count, body };
}

/** A place in the program's text, for messages. */
export function span(file: string, line: number, column: number, endLine: number, endColumn: number): Span {
  return { file, line, column, endLine, endColumn };
}
