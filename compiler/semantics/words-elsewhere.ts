/** What other libraries call things that have another name here. In: a name. Out: a help line that says how to write it. */

export const WORDS_ELSEWHERE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '`x -> dense(units)`': ['linear', 'fully_connected', 'affine'],
    '`a @ b`': ['matmul', 'dot', 'mm', 'bmm', 'batch_matmul'],
    '`x ^ n`': ['pow', 'power'],
    '`x ^ 2`': ['square', 'sqr'],
    '`log(x) / log(10)`': ['log10'],
    '`log(x) / log(2)`': ['log2'],
    '`log(1 + x)`': ['log1p'],
    '`exp(x) - 1`': ['expm1'],
    '`concat`': ['concatenate', 'cat', 'hstack'],
    '`reshape`': ['view'],
    '`transpose`': ['permute', 'swapaxes'],
    '`unsqueeze(x, axis)`': ['expand_dims'],
    '`expand`': ['broadcast_to'],
    '`reverse`': ['flip'],
    '`take` or `gather`': ['index_select', 'gather_nd', 'take_along_axis'],
    '`iota(n)`': ['arange', 'range'],
    '`one_hot(iota(n), n)`': ['eye', 'identity'],
    '`clamp`': ['clip', 'clip_by_value'],
    '`min` or `max`': ['minimum', 'maximum', 'amin', 'amax'],
    '`sum`': ['reduce_sum'],
    '`mean`': ['reduce_mean', 'average'],
    '`max`': ['reduce_max'],
    '`top_k`': ['sort', 'argsort'],
    '`detach`': ['stop_gradient', 'no_grad'],
    '`random.normal(dims…)`': ['randn'],
    '`random.uniform(dims…)`': ['rand'],
    '`silu`': ['swish'],
    '`attention(heads)`': ['self_attention', 'multi_head_attention', 'multihead_attention'],
    '`attend(q, k, v)`': ['scaled_dot_product_attention'],
    '`global_avgpool`': ['global_average_pooling', 'adaptive_avg_pool', 'global_average_pooling2d'],
    '`maxpool`': ['max_pooling2d', 'max_pool2d', 'max_pool1d'],
    '`avgpool`': ['average_pooling2d', 'avg_pool2d', 'avg_pool1d'],
    '`batchnorm`': ['batch_normalization', 'batch_norm2d'],
    '`layernorm`': ['layer_normalization'],
    '`cross_entropy(logits, label)`': [
      'softmax_cross_entropy',
      'cross_entropy_loss',
      'categorical_crossentropy',
      'sparse_categorical_crossentropy',
    ],
    '`bce_logits(logit, y)`': ['bce', 'binary_crossentropy', 'bce_with_logits', 'sigmoid_cross_entropy'],
    '`mse(a, b)`': ['mse_loss', 'mean_squared_error'],
    '`mae(a, b)`': ['l1_loss', 'mean_absolute_error'],
    '`huber(a, b)`': ['smooth_l1', 'smooth_l1_loss'],
    '`kl(log_p, q)`': ['kl_div', 'kl_divergence'],
    '`l2(net)`': ['weight_decay', 'l2_norm', 'l2_loss'],
    '`mean(argmax(logits) == label)`': ['accuracy'],
    '`every(1 epoch, to = "…")` or `best(valid.loss, to = "…")`': ['last', 'checkpoint', 'model_checkpoint'],
    '`plateau(valid.loss, patience = 5)`': ['early_stopping', 'early_stop'],
    '`cosine(base)`': ['cosine_annealing', 'cosine_decay'],
    '`clip_norm(v)`': ['clip_grad_norm', 'clip_gradients'],
  }).flatMap(([here, elsewhere]) => elsewhere.map((name) => [name, here])),
);

/** A name of a class is also looked up as that of a function: Keras' `MultiHeadAttention`. */
export function wordHere(name: string): string | undefined {
  const here =
    WORDS_ELSEWHERE.get(name) ??
    WORDS_ELSEWHERE.get(name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase());
  return here === undefined ? undefined : `here that is ${here}`;
}
