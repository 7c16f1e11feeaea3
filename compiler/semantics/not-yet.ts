/** Names of the language that the compiler knows and does not do yet. In: a name. Out: the feature's words. */

const FEATURES: ReadonlyMap<string, string> = new Map([
  ['conv1d', 'the layer `conv1d`'],
  ['conv2d', 'the layer `conv2d`'],
  ['conv_transpose1d', 'the layer `conv_transpose1d`'],
  ['conv_transpose2d', 'the layer `conv_transpose2d`'],
  ['conv', 'the function `conv`'],
  ['conv_transpose', 'the function `conv_transpose`'],
  ['maxpool', 'the layer `maxpool`'],
  ['avgpool', 'the layer `avgpool`'],
  ['pool_max', 'the function `pool_max`'],
  ['pool_mean', 'the function `pool_mean`'],
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
