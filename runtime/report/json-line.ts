/** JSON for programs: what JSON cannot say of numbers becomes a string. */
export function toJsonLine(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'number' || Number.isFinite(part)) return part;
    return Number.isNaN(part) ? 'NaN' : part > 0 ? 'Infinity' : '-Infinity';
  });
}
