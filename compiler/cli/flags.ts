/**
 * The flags that every command takes, and what their values must look like. Wrong values are E0701, so that
 * they end with the exit code for wrong usage.
 */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { ASSIGNMENT, assignmentOf, rangeText, wholeNumberIn } from '../../runtime/node/flag-values.ts';
import type { CompileOptions } from '../index.ts';
import { CPU_PROFILE, profileOfClass, type TargetProfile } from '../kernel/profile.ts';

export interface CommonFlags {
  readonly device: 'auto' | 'gpu' | 'cpu';
  readonly set?: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly seed?: number;
  readonly fuse?: 'on' | 'off';
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly class?: 'software' | 'small' | 'large';
  /** In bytes. */
  readonly memory?: number;
}

export type CommonFlag = keyof CommonFlags;

/** Total, in the order of the help. */
const OPTIONS: Readonly<Record<CommonFlag, () => Option>> = {
  device: () =>
    new Option('--device <device>', 'where to run').choices(['auto', 'gpu', 'cpu']).default('auto'),
  set: () =>
    new Option('--set <name=value>', 'sets a `let` constant; may be given several times').argParser(
      assignment,
    ),
  data: () => new Option('--data <folder>', 'folder of the data files, instead of the program’s own'),
  seed: () =>
    new Option('--seed <n>', 'seed of the run, instead of the program’s').argParser(
      wholeNumber(0, 0xffff_ffff),
    ),
  fuse: () => new Option('--fuse <mode>', 'kernel fusion').choices(['on', 'off']),
  class: () =>
    new Option('--class <class>', 'schedules of a device class').choices(['software', 'small', 'large']),
  memory: () =>
    new Option('--memory <size>', 'limit of what intermediates take, for example 64MB').argParser(byteCount),
  json: () => new Option('--json', 'one JSON object a line, for programs'),
  quiet: () => new Option('--quiet', 'no output but results and errors'),
};

/** Every command takes them all, so that a script can give them to any; the help shows those that do something there. */
export function addCommonFlags(command: Command, heeded: readonly CommonFlag[]): Command {
  for (const [name, option] of Object.entries(OPTIONS))
    command.addOption(option().hideHelp(!heeded.includes(name as CommonFlag)));
  return command;
}

/** Collects NAME=VALUE pairs. */
function assignment(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name, value] = assignmentOf(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError(`It is ${ASSIGNMENT}.`);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`'${name}' is set twice.`);
  return { ...before, [name]: value };
}

/** A parser of whole numbers from `low` to `high`. */
export function wholeNumber(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = wholeNumberIn(text, low, high);
    if (value === undefined) throw new InvalidArgumentError(`It is a whole number ${rangeText(low, high)}.`);
    return value;
  };
}

/** A number that is not below 0. */
export function notNegative(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value < Infinity)) throw new InvalidArgumentError('It is a number from 0.');
  return value;
}

const BYTES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ...['K', 'M', 'G'].flatMap((prefix, i): [string, number][] => [
    [`${prefix}B`, 1000 ** (i + 1)],
    [`${prefix}iB`.toUpperCase(), 1024 ** (i + 1)],
  ]),
]);

/** 64MB, 1GiB, 1.5 GB or a plain number of bytes. */
export function byteCount(text: string): number {
  const [, digits = '', unit = ''] = /^([\d_]*\.?\d+)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(digits.replaceAll('_', '')) * (BYTES.get(unit.toUpperCase()) ?? NaN));
  if (digits === '' || !(bytes > 0)) {
    throw new InvalidArgumentError('It is a size such as 64MB, 1GiB or a number of bytes.');
  }
  return bytes;
}

/** Without a device at hand: `--device cpu` is the CPU target, anything else WebGPU. */
function profileOf(flags: CommonFlags): TargetProfile {
  if (flags.device === 'cpu' && flags.class === undefined) return CPU_PROFILE;
  return profileOfClass(flags.class ?? 'software');
}

/** What the flags mean to the compiler; flags that it cannot follow yet are refused. */
export function compileOptionsOf(flags: CommonFlags): CompileOptions {
  return {
    settings: { ...flags.set },
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    profile: profileOf(flags),
    ...(flags.fuse === undefined ? {} : { fuse: flags.fuse === 'on' }),
    ...(flags.memory === undefined ? {} : { memory: flags.memory }),
  };
}
