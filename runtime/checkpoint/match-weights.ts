/**
 * Weights of a file for the parameters of a program. In: the file, the parameters and layer states. Out: values
 * by name. Holds: every parameter has a value of its own shape, and nothing in the file goes unused, both as
 * far as `only` reaches.
 */
import { RuntimeFailure } from '../failure.ts';
import type { Span } from '../plan-format.ts';
import { matchesPattern, nearestName } from './names.ts';
import type { SafetensorsFile } from './safetensors.ts';

export interface WeightTarget {
  name: string;
  shape: readonly number[];
  span?: Span;
  /** Layer state: it may be missing, and starts as the layer says. */
  optional?: boolean;
}

export interface MatchOptions {
  /** Only what matches this pattern is taken; `*` matches dots too. */
  only?: string;
  /** Names that the file may have though nothing reads them here. */
  others?: readonly string[];
  /** There is no way to take a part of the file: help speaks of none. */
  whole?: boolean;
}

const OTHER_PROGRAM = 'The file is of another program, or this one has changed since it was trained.';

/** E0503 a weight is missing; E0504 another shape; E0505 the file names what the program has not. */
export function matchWeights(
  file: SafetensorsFile,
  targets: readonly WeightTarget[],
  options: MatchOptions = {},
): Map<string, Float32Array> {
  const { only, whole = false } = options;
  const others = new Set(options.others);
  const isWanted = ({ name }: { name: string }): boolean =>
    !others.has(name) && (only === undefined || matchesPattern(only, name));
  const wanted = targets.filter(isWanted);
  const found = new Map(file.tensors.filter(isWanted).map((tensor) => [tensor.name, tensor]));
  if (only !== undefined && wanted.length === 0) {
    throw new RuntimeFailure('E0505', `no weight of the program matches "${only}"`, {
      help: `Its weights are ${listed(targets.map((target) => target.name))}.`,
    });
  }
  checkMissing(file, wanted, found, whole);
  for (const target of wanted) {
    const tensor = found.get(target.name);
    if (tensor === undefined || tensor.shape.join() === target.shape.join()) continue;
    const [has, needs] = [`[${tensor.shape.join(', ')}]`, `[${target.shape.join(', ')}]`];
    throw new RuntimeFailure(
      'E0504',
      `${target.name} is ${has} in ${file.file} and ${needs} in the program`,
      {
        span: target.span,
      },
    );
  }
  checkUnknown(file, wanted, found, whole);
  return new Map([...found].map(([name, tensor]) => [name, tensor.data]));
}

function checkMissing(
  file: SafetensorsFile,
  wanted: readonly WeightTarget[],
  found: ReadonlyMap<string, unknown>,
  whole: boolean,
): void {
  const missing = wanted.filter(({ name, optional }) => optional !== true && !found.has(name));
  const [first] = missing;
  if (first === undefined) return;
  const known = new Set(wanted.map(({ name }) => name));
  const unused = [...found.keys()].filter((name) => !known.has(name));
  const near = nearestName(first.name, unused);
  throw new RuntimeFailure('E0503', `${file.file} has no ${listed(missing.map(({ name }) => name))}`, {
    span: first.span,
    help:
      near === undefined
        ? whole
          ? OTHER_PROGRAM
          : '--init-only PATTERN takes only the weights that match and leaves the rest as initialized.'
        : `The file has ${near}; weights are named by the program's names and labels.`,
  });
}

function checkUnknown(
  file: SafetensorsFile,
  wanted: readonly WeightTarget[],
  found: ReadonlyMap<string, unknown>,
  whole: boolean,
): void {
  const known = wanted.map(({ name }) => name);
  const knownSet = new Set(known);
  const unknown = [...found.keys()].filter((name) => !knownSet.has(name));
  const [first] = unknown;
  if (first === undefined) return;
  const near = nearestName(first, known);
  throw new RuntimeFailure('E0505', `${file.file} has ${listed(unknown)}, which the program has not`, {
    help:
      near === undefined
        ? whole
          ? OTHER_PROGRAM
          : '--init-only PATTERN takes only the weights that match and ignores the others.'
        : `The program's nearest name is ${near}.`,
  });
}

/** The first names of a list, and how many more there are. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
