/**
 * `set` of a compiled trainer. The `let`s of a program are compiled in: sizes and numbers of its kernels. In: values
 * asked for. Holds: a value that the trainer was compiled with is fine; any other needs a compilation, and says so.
 */
import { nearestName } from '../checkpoint/names.ts';
import { RuntimeFailure } from '../failure.ts';
import type { Listing } from '../plan-format.ts';

export type SettingValue = number | boolean | string;

/** E0201 an unknown name; E0701 another value than the one compiled in. */
export function checkSettings(
  listing: Listing,
  settings: Readonly<Record<string, SettingValue>>,
  kind = 'trainer',
): void {
  const constants = listing.constants ?? {};
  const names = Object.keys(constants);
  for (const [name, wanted] of Object.entries(settings)) {
    const compiled = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (compiled === undefined) {
      const near = nearestName(name, names);
      const list = names.length > 0 ? `There are ${names.join(', ')}.` : 'The program has none.';
      throw new RuntimeFailure('E0201', `no \`let\` of the program is called ${name}`, {
        help: near === undefined ? list : `Did you mean ${near}?`,
      });
    }
    if (same(compiled, wanted)) continue;
    throw new RuntimeFailure('E0701', `${name} is ${compiled} in this ${kind}, not ${wanted}`, {
      help: `Its kernels are compiled for that. Compile it again: netc compile ${listing.source}${kind === 'predictor' ? ' --infer' : ''} --set ${name}=${wanted} -o FOLDER`,
    });
  }
}

/** A value of the command line is text. */
function same(compiled: SettingValue, wanted: SettingValue): boolean {
  if (typeof wanted !== 'string' || typeof compiled === 'string') return compiled === wanted;
  if (typeof compiled === 'boolean') return wanted === String(compiled);
  const plain = wanted.replaceAll('_', '');
  const value = plain.endsWith('%') ? Number(plain.slice(0, -1)) / 100 : Number(plain);
  return plain !== '' && value === compiled;
}
