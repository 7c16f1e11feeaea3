/**
 * What two compilations must have in common for one to go on with a run of the other. In: a checked program. Out: a hash of
 * everything it computes and of how it trains, but for how long, for its seed and for what a device decides.
 */
import { exactNumber } from '../graph/print.ts';
import type { Node } from '../graph/ir.ts';
import type { Program } from '../index.ts';
import { hashOf } from './hash.ts';

export function fingerprintOf(program: Program): string {
  const { parameters, states, data, statistics, precision, steps } = program;
  const { seed: _seed, epochs: _epochs, steps: _steps, ...training } = program.training ?? {};
  const whole = { parameters, states, data, statistics, precision, steps, training };
  return hashOf([JSON.stringify(whole, withoutPlaces)]);
}

/** Where it stands in the text, and what readers call it, is not what a program computes. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'span' || key === 'fixedBy') return undefined;
  if (key !== 'nodes') return exactNumber(value);
  return (value as Node[]).map(({ op, inputs, attributes, type }) => ({ op, inputs, attributes, type }));
}
