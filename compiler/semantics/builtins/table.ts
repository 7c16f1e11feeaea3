/** The builtin table: every function of the language that is not written in std.net, and the constants. */
import { NAMESPACES } from '../members.ts';
import { Scope } from '../scope.ts';
import { NONE, boolean, float, text, type Value } from '../values.ts';
import { ATTENTION } from './attention.ts';
import { CONVOLUTION } from './convolution.ts';
import { DATA } from './data.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { JOINING } from './joining.ts';
import { EINSUM } from './einsum.ts';
import { LOOK_UPS } from './look-ups.ts';
import { MOVEMENT } from './movement.ts';
import { PADDING } from './padding.ts';
import { UPSAMPLE } from './upsample.ts';
import { OPTIMIZERS } from './optimizers.ts';
import { POOLING } from './pooling.ts';
import { RANDOM } from './random.ts';
import { REDUCTIONS } from './reductions.ts';
import { SCHEDULES } from './schedules.ts';
import type { Builtin } from './spec.ts';
import { TRAINING } from './training.ts';
import { WEIGHTS } from './weights.ts';

/** By what they are for, as a reader meets them. */
export const BUILTIN_GROUPS = {
  'Element by element': ELEMENTWISE,
  Reductions: REDUCTIONS,
  Movement: { ...MOVEMENT, ...PADDING, ...UPSAMPLE },
  'Joining and cutting': JOINING,
  'Looking up': LOOK_UPS,
  Products: { ...EINSUM, ...ATTENTION },
  'Convolution and pooling': { ...CONVOLUTION, ...POOLING },
  'Random numbers': RANDOM,
  'Initializers and weights': WEIGHTS,
  Schedules: SCHEDULES,
  'Gradient transforms and optimizers': OPTIMIZERS,
  'Data sources and columns': DATA,
  'Training rules and metrics': TRAINING,
} as const satisfies Readonly<Record<string, Readonly<Record<string, Builtin>>>>;

const BUILTINS: Readonly<Record<string, Builtin>> = Object.assign(
  {},
  ...Object.values(BUILTIN_GROUPS),
) as Record<string, Builtin>;

const CONSTANTS: Readonly<Record<string, Value>> = {
  true: boolean(true),
  false: boolean(false),
  none: NONE,
  inf: float(Infinity),
  pi: float(Math.PI),
  training: { kind: 'training' },
  /** A padding by which a window of stride 1 has a place at every element. */
  same: text('same'),
};

export function builtinNamed(name: string): Builtin {
  const builtin = BUILTINS[name];
  if (!builtin) throw new Error(`internal: no builtin ${name}`);
  return builtin;
}

export const builtinNames = (): string[] => Object.keys(BUILTINS);

/** A scope of everything that is built in. The standard library sees more than a program. */
export function builtinScope(standard: boolean): Scope {
  const scope = new Scope();
  for (const [name, value] of Object.entries(CONSTANTS)) scope.bind(name, value);
  for (const name of Object.keys(NAMESPACES)) scope.bind(name, { kind: 'namespace', name });
  for (const [name, builtin] of Object.entries(BUILTINS)) {
    if (name.includes('.') || (builtin.internal && !standard)) continue;
    scope.bind(name, { kind: 'builtin', name });
  }
  return scope;
}
