/** The parameters of a builtin as argument matching sees them. */
import type { ParameterShape } from '../arguments.ts';
import { builtinNamed } from './table.ts';

/** `fedApart`: what a pipe brings is no argument of the call itself. */
export function builtinShapes(name: string): { shapes: ParameterShape[]; fedApart: boolean } {
  const builtin = builtinNamed(name);
  const shapes = builtin.parameters.map((parameter) => ({
    name: parameter.name,
    required: parameter.default === undefined && parameter.rest === undefined,
    ...(parameter.rest ? { rest: parameter.rest } : {}),
  }));
  return { shapes, fedApart: builtin.piped !== undefined && builtin.piped !== 'first argument' };
}
