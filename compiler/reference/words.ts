/** The names that a program may use, for editors: completion and what stands beside a name. */
import { BUILTIN_GROUPS } from '../semantics/builtins/table.ts';
import { libraryEntries } from './library.ts';
import { builtinCall } from './tables.ts';

export interface ReferenceWord {
  name: string;
  kind: 'layer' | 'function' | 'builtin';
  /** `dense(units, bias = true)` */
  call: string;
  /** One line or none. */
  meaning: string;
}

/** Layers and functions of std.net, and builtins, by name. */
export function referenceWords(): ReferenceWord[] {
  const library = libraryEntries().map(({ kind, call, shapes, comment }): ReferenceWord => ({
    name: call.split('(')[0] ?? call,
    kind: kind === 'layer' ? 'layer' : 'function',
    call: shapes === '' ? call : `${call}: ${shapes}`,
    meaning: comment,
  }));
  const builtins = Object.entries(BUILTIN_GROUPS).flatMap(([title, group]) =>
    Object.entries(group).flatMap(([name, builtin]): ReferenceWord[] =>
      builtin.internal === true
        ? []
        : [{ name, kind: 'builtin', call: builtinCall(name, builtin), meaning: title }],
    ),
  );
  return [...library, ...builtins].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
