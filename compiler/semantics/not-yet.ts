/** Names of the language that the compiler knows and does not do yet. In: a name. Out: the feature's words. */

const FEATURES: ReadonlyMap<string, string> = new Map([
  ['precision', 'the metric `precision`'],
  ['recall', 'the metric `recall`'],
  ['f1', 'the metric `f1`'],
  ['confusion', 'the metric `confusion`'],
  ['images', 'the data source `images`'],
  ['random_shift', 'the augmentation `random_shift`'],
  ['random_flip', 'the augmentation `random_flip`'],
]);

export function notYet(name: string): string | undefined {
  return FEATURES.get(name);
}
