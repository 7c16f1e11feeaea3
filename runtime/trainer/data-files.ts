/** Paths of a program's data as it writes them, each once. */
import type { Listing } from '../plan-format.ts';

export function dataFiles({ data }: Listing): string[] {
  return [
    ...new Set(
      (data?.sources ?? []).flatMap((source) =>
        'files' in source ? source.files.map(({ path }) => path) : [source.file.path],
      ),
    ),
  ];
}
