/** Which of a program's models a command means. E0701 where that is open. */
import { fail } from '../diagnostics.ts';
import { didYouMean } from '../semantics/nearest.ts';
import type { ModelProgram, Program } from '../semantics/program.ts';

export function chooseModel(program: Program, wanted: string | undefined): ModelProgram {
  const names = program.models.map(({ name }) => name);
  if (names.length === 0) fail('E0701', undefined, `${program.source} has no model to predict with`);
  const list = `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  if (wanted === undefined && names.length > 1) {
    fail('E0701', undefined, 'which model is meant?', { help: `write --model NAME; ${list}` });
  }
  const model = program.models.find(({ name }) => name === (wanted ?? names[0]));
  if (model) return model;
  const help = didYouMean(wanted ?? '', names) ?? list;
  return fail('E0701', undefined, `no model is called ${wanted}`, { help });
}
