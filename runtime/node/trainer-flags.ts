/**
 * The command line of a compiled trainer: the flags of `netc train`. In: arguments. Out: flags, checked. What only a
 * compilation could follow is refused and says so. E0701 with the flag and what it takes.
 */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearestName } from '../checkpoint/names.ts';
import { GPU_CLASSES, type GpuClass } from '../device-class.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';
import type { DeviceChoice } from '../trainer/trainer-program.ts';
import { checkSettings } from '../trainer/settings.ts';
import { ASSIGNMENT, assignmentOf, rangeText, wholeNumberIn } from './flag-values.ts';
import type { TrainCommandFlags } from './train-command.ts';

export interface TrainerFlags extends TrainCommandFlags {
  readonly device: DeviceChoice;
  readonly seed?: number;
  /** One that the trainer has kernels for. */
  readonly class?: GpuClass;
  readonly help: boolean;
  readonly version: boolean;
}

const OPTIONS = {
  device: { type: 'string' },
  set: { type: 'string', multiple: true },
  data: { type: 'string' },
  seed: { type: 'string' },
  fuse: { type: 'string' },
  class: { type: 'string' },
  memory: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  steps: { type: 'string' },
  init: { type: 'string' },
  'init-only': { type: 'string' },
  out: { type: 'string' },
  resume: { type: 'string' },
  'log-every': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

const COMPILED_IN = ['fuse', 'memory'] as const;

/** `classes`: those that the trainer has kernels for. */
export function readFlags(
  argv: readonly string[],
  listing: Listing,
  classes: readonly GpuClass[],
): TrainerFlags {
  const values = parse(argv);
  const device = values.device ?? 'auto';
  if (device !== 'auto' && device !== 'gpu' && device !== 'cpu') {
    throw usage(`--device is auto, gpu or cpu, not '${device}'`);
  }
  checkSettings(listing, settingsOf(values.set ?? []));
  for (const name of COMPILED_IN) {
    if (values[name] === undefined) continue;
    throw compiledIn(`--${name} is a matter of the kernels, which are compiled already`, listing, `--${name} ${values[name]}`); // prettier-ignore
  }
  const deviceClass = GPU_CLASSES.find((each) => each === values.class);
  if (values.class !== undefined && deviceClass === undefined) {
    throw usage(`--class is ${GPU_CLASSES.join(', ')}, not '${values.class}'`);
  }
  if (deviceClass !== undefined && !classes.includes(deviceClass)) {
    throw compiledIn(
      `this trainer has no kernels for class ${deviceClass}`,
      listing,
      `--class ${deviceClass}`,
    );
  }
  const count = (name: 'steps' | 'log-every' | 'seed', low: number, high?: number): number | undefined =>
    wholeNumber(name, values[name], low, high);
  const given = {
    class: deviceClass,
    seed: count('seed', 0, 0xffff_ffff),
    steps: count('steps', 1),
    logEvery: count('log-every', 1),
    data: values.data,
    init: values.init,
    initOnly: values['init-only'],
    out: values.out,
    resume: values.resume,
  };
  return {
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Partial<TrainerFlags>),
    device,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    const code = (error as { code?: string }).code;
    const message = error instanceof Error ? error.message : String(error);
    const flag = /'(--?[^' ]+)/.exec(message)?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      const near = nearestName(flag.replace(/^-+/, ''), Object.keys(OPTIONS));
      throw usage(`unknown flag '${flag}'`, near === undefined ? undefined : `did you mean '--${near}'?`);
    }
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      throw usage(`'${/'([^']*)'/.exec(message)?.[1] ?? ''}' is no flag; the program is this trainer itself`);
    }
    throw usage(message.split('. ')[0] ?? message);
  }
}

function settingsOf(pairs: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const pair of pairs) {
    const [name, value] = assignmentOf(pair) ?? [];
    if (name === undefined || value === undefined) throw usage(`--set '${pair}' is ${ASSIGNMENT}`);
    if (Object.hasOwn(settings, name)) throw usage(`--set: '${name}' is set twice`);
    settings[name] = value;
  }
  return settings;
}

function wholeNumber(
  name: string,
  text: string | undefined,
  low: number,
  high = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined;
  const value = wholeNumberIn(text, low, high);
  if (value !== undefined) return value;
  throw usage(`--${name} '${text}' is no whole number ${rangeText(low, high)}`);
}

const compiledIn = (message: string, { source }: Listing, flag: string): RuntimeFailure =>
  usage(message, `Compile the program again: netc compile ${source} ${flag} -o FOLDER`);

const usage = (
  message: string,
  help: string | undefined = 'node trainer.mjs --help lists the flags',
): RuntimeFailure => new RuntimeFailure('E0701', message, { help });
