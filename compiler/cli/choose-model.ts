/** Which model of a program a command is about. */
import { fail } from '../diagnostics.ts';
import { didYouMean } from '../semantics/nearest.ts';
import type { ModelProgram, Program } from '../semantics/program.ts';

/** The model of this name, or the only one. `purpose`: what for, as messages say it. E0701. */
export function chooseModel(program: Program, wanted: string | undefined, purpose: string): ModelProgram {
  const names = program.models.map(({ name }) => name);
  if (names.length === 0) fail('E0701', undefined, `${program.source} has no model to ${purpose} with`);
  const list = `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  if (wanted === undefined && names.length > 1) {
    fail('E0701', undefined, 'which model is meant?', { help: `write --model NAME; ${list}` });
  }
  const model = program.models.find(({ name }) => name === (wanted ?? names[0]));
  if (model) return model;
  const help = didYouMean(wanted ?? '', names) ?? list;
  return fail('E0701', undefined, `no model is called ${wanted}`, { help });
}
