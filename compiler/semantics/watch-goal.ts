/**
 * Whether a watched value is to be small or large, by its name: in `valid.critic.loss`, the last part. Out: the
 * goal of `best`, of `stop` and of the schedule `plateau`, which therefore agree.
 */

/** Words that name a quantity of which less is better. */
const SMALL = new Set(
  (
    'loss losses error errors err perplexity ppl cost penalty residual distance divergence deviation entropy ' +
    'mse mae rmse rmsle mape nll bce kl huber hinge brier wer cer bpc'
  ).split(' '),
);

/** Small is good for losses, errors and perplexities; large for the rest. */
export function goalOf(watch: string): 'min' | 'max' {
  const words = (watch.split('.').at(-1) ?? '').toLowerCase().split(/[_0-9]+/);
  return words.some((word) => SMALL.has(word)) ? 'min' : 'max';
}
