/**
 * A listing as the statements of a module. In: a listing, names that are free. Out: one constant a pool, a kernel, a
 * routine, and the listing that is made of them. Nothing is decided here: what the statements evaluate to is the
 * listing, with the name of a file in place of each kernel's code.
 */
import type { BufferRange, Command, Listing, Routine, Span } from '../../../runtime/plan-format.ts';
import { dispatchCommands } from '../listing.ts';
import { Code, printLiteral, printString } from './literal.ts';
import type { Names } from './names.ts';

/** `const <name> = <text>`, with a comment above it. */
export interface Statement {
  name: string;
  text: string;
  comment?: string;
}

export interface ListingText {
  /** In the order in which they need each other; the last is the listing. */
  statements: Statement[];
  /** The name of the listing's own constant. */
  name: string;
}

export const CPU_MODULE = 'kernels.wasm';

export interface ListingWords {
  /** Wanted for the listing's own constant. */
  name: string;
  /** Before the names of everything else, where a module holds several listings. */
  prefix: string;
  /** The file of each kernel's text, by its place; none for the CPU, whose kernels are one module. */
  files: readonly string[];
}

export function listingText(listing: Listing, given: ListingWords, names: Names): ListingText {
  const { prefix, files } = given;
  const name = names.fresh(given.name);
  const pools = listing.buffers.map((buffer) => names.fresh(prefix + buffer.name));
  const kernels = listing.kernels.map((kernel) => names.fresh(`${prefix}${kernel.id}_${kernel.name}`));
  const words = (value: unknown): unknown => withWords(value, pools);
  const routines = listing.routines.map((routine) => names.fresh(prefix + routine.name));
  const spec = (each: string): Code => new Code(`${each}.spec`);
  const { buffers: _b, kernels: _k, routines: _r, cpu, ...rest } = listing;
  const whole = {
    ...(words(rest) as object),
    buffers: pools.map(spec),
    kernels: kernels.map(spec),
    ...(cpu === undefined ? {} : { cpu: { ...cpu, module: CPU_MODULE } }),
    routines: routines.map((routine) => new Code(routine)),
  };
  return {
    name,
    statements: [
      ...listing.buffers.map(({ name: label, role, bytes }, i) => ({
        name: pools[i]!,
        text: `pool(${i}, ${printString(label)}, ${printString(role)}, ${bytes})`,
        ...(i === 0 ? { comment: `Memory: ${listing.buffers.length} buffers, allocated once.` } : {}),
      })),
      ...listing.kernels.map((kernel, i) => ({
        name: kernels[i]!,
        text: kernelText(kernel, i, files[i] ?? ''),
        ...(i === 0 ? { comment: `Kernels: what each is given, r to read, rw to write as well.` } : {}),
      })),
      ...listing.routines.map((routine, i) => ({
        name: routines[i]!,
        text: routineText(routine, kernels, pools),
        comment: aboutRoutine(routine),
      })),
      { name, text: printLiteral(whole), comment: 'The whole program, as the runtime executes it.' },
    ],
  };
}

function kernelText(kernel: Listing['kernels'][number], index: number, file: string): string {
  const access = kernel.access.map((each) => (each === 'read' ? 'r' : 'rw')).join(' ');
  const traits = {
    ...(kernel.uniform ? { uniform: true } : {}),
    ...(kernel.turns === undefined ? {} : { turns: kernel.turns }),
  };
  const parts = [
    String(index),
    printString(kernel.id),
    printString(kernel.name),
    printString(file),
    printString(access),
    printLiteral(kernel.workgroup, 0, Number.NEGATIVE_INFINITY),
    ...(Object.keys(traits).length > 0 ? [printLiteral(traits, 0, Number.NEGATIVE_INFINITY)] : []),
  ];
  return `kernel(${parts.join(', ')})`;
}

function routineText(routine: Routine, kernels: readonly string[], pools: readonly string[]): string {
  const { commands, ...rest } = routine;
  const parts = Object.entries(withWords(rest, pools) as object).map(
    ([key, value]) => `  ${key}: ${printLiteral(value, 2, key.length + 3)},`,
  );
  const lines = commandLines(commands, kernels, pools, '    ');
  return ['{', ...parts, '  commands: [', ...lines, '  ],', '}'].join('\n');
}

/** One line a dispatch, its operators and the program's lines behind it. */
function commandLines(
  commands: readonly Command[],
  kernels: readonly string[],
  pools: readonly string[],
  pad: string,
): string[] {
  return commands.flatMap((command) => {
    if (command.kind === 'loop') {
      const body = commandLines(command.body, kernels, pools, `${pad}  `);
      return [`${pad}loop(`, `${pad}  ${command.count},`, ...body, `${pad}),`];
    }
    const ranges = command.bindings.map((range) => rangeText(range, pools));
    const parts = [kernels[command.kernel]!, `[${command.groups.join(', ')}]`, ...ranges];
    return [`${pad}run(${parts.join(', ')}), // ${oneLine(command.comment)}`];
  });
}

/** Names of files may hold anything. */
const oneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029]/g, ' ');

function aboutRoutine({ name, batch, dynamicBatch, commands }: Routine): string {
  const count = dispatchCommands(commands).length;
  const records = `${dynamicBatch ? 'up to ' : ''}${batch} ${batch === 1 ? 'record' : 'records'}`;
  return `${oneLine(name)}: ${count} ${count === 1 ? 'dispatch' : 'dispatches'} for ${records}.`;
}

const rangeText = ({ buffer, offset, bytes }: BufferRange, pools: readonly string[]): string =>
  `${pools[buffer]!}.at(${offset}, ${bytes})`;

/** The same data with ranges of memory and places in the text as the words they are made by. */
function withWords(value: unknown, pools: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => withWords(each, pools));
  if (isRange(value)) return new Code(rangeText(value, pools));
  if (isSpan(value)) {
    const { file, line, column, endLine, endColumn } = value;
    return new Code(`span(${printString(file)}, ${line}, ${column}, ${endLine}, ${endColumn})`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withWords(each, pools)]));
}

const hasKeys = (value: object, keys: readonly string[]): boolean =>
  Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));

const isRange = (value: object): value is BufferRange => hasKeys(value, ['buffer', 'offset', 'bytes']);

const isSpan = (value: object): value is Span =>
  hasKeys(value, ['file', 'line', 'column', 'endLine', 'endColumn']);
