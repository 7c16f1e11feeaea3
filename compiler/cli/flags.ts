/**
 * The flags that every command takes, and what their values must look like. Wrong values are E0701, so that
 * they end with the exit code for wrong usage.
 */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { CompileOptions } from '../index.ts';
import { fail } from '../diagnostics.ts';
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
  readonly memory?: string;
}

/** Adds the common flags to a command. */
export function addCommonFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--device <device>', 'where to run').choices(['auto', 'gpu', 'cpu']).default('auto'),
    )
    .option('--set <name=value>', 'sets a `let` constant; may be given several times', assignment)
    .option('--data <folder>', 'folder of the data files, instead of the program’s own')
    .option('--seed <n>', 'seed of the run, instead of the program’s', wholeNumber(0, 0xffff_ffff))
    .addOption(new Option('--fuse <mode>', 'kernel fusion').choices(['on', 'off']))
    .addOption(
      new Option('--class <class>', 'schedules of a device class').choices(['software', 'small', 'large']),
    )
    .option('--memory <size>', 'limit of the memory plan, for example 64MB')
    .option('--json', 'one JSON object a line, for programs')
    .option('--quiet', 'no output but results and errors');
}

/** Collects NAME=VALUE pairs. */
function assignment(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  if (name === '') throw new InvalidArgumentError('It is written NAME=VALUE, for example T=64.');
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`'${name}' is set twice.`);
  return { ...before, [name]: text.slice(at + 1).trim() };
}

/** A parser of whole numbers from `low` to `high`. */
export function wholeNumber(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
    if (!(value >= low && value <= high)) {
      const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
      throw new InvalidArgumentError(`It is a whole number ${range}.`);
    }
    return value;
  };
}

/** Without a device at hand: `--device cpu` is the CPU target, anything else WebGPU. */
function profileOf(flags: CommonFlags): TargetProfile {
  if (flags.device === 'cpu' && flags.class === undefined) return CPU_PROFILE;
  return profileOfClass(flags.class ?? 'software');
}

/** What the flags mean to the compiler; flags that it cannot follow yet are refused. */
export function compileOptionsOf(flags: CommonFlags): CompileOptions {
  if (flags.memory !== undefined)
    fail('E0901', undefined, 'a limit of the memory plan (--memory) is not supported yet');
  return {
    settings: { ...flags.set },
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    profile: profileOf(flags),
    ...(flags.fuse === undefined ? {} : { fuse: flags.fuse === 'on' }),
  };
}
