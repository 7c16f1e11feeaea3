/** `[NAME=]path` of the command line: which tensor a file is for. */
import { fail } from '../diagnostics.ts';
import { didYouMean } from '../semantics/nearest.ts';

export interface NamePath {
  name?: string;
  path: string;
}

/** `x=a.npy` and `a.npy`; a name is a name of the language, so that paths may hold `=`. */
export function parseNamePath(text: string): NamePath {
  const found = /^([A-Za-z_]\w*)=(.+)$/s.exec(text);
  return found ? { name: found[1], path: found[2] ?? '' } : { path: text };
}

/**
 * Gives each file to one of the known names. A file without a name stands for the only known one.
 * E0701: an unknown name, a name twice, a name missing where several are known.
 */
export function assignPaths(
  given: readonly NamePath[],
  known: readonly string[],
  words: { flag: string; what: string },
): Map<string, string> {
  const assigned = new Map<string, string>();
  for (const { name, path } of given) {
    const chosen = name ?? (known.length === 1 ? known[0] : undefined);
    const list = known.join(', ');
    if (chosen === undefined) {
      return fail('E0701', undefined, `${words.flag} ${path}: which ${words.what} is it?`, {
        help: `write ${words.flag} NAME=${path}; there are ${list}`,
      });
    }
    if (!known.includes(chosen)) {
      const help = didYouMean(chosen, known) ?? `there ${known.length === 1 ? 'is' : 'are'} ${list}`;
      fail('E0701', undefined, `${words.flag} ${chosen}=…: no ${words.what} has that name`, { help });
    }
    if (assigned.has(chosen)) fail('E0701', undefined, `${words.flag}: ${chosen} is given twice`);
    assigned.set(chosen, path);
  }
  return assigned;
}
