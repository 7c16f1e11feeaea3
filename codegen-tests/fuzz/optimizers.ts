/** Random optimizers with their transforms, as text. */
import type { Draw } from '../support/draws.ts';

const OPTIMIZERS = [
  'sgd(lr = 0.05)',
  'sgd(lr = 0.05, momentum = 0.9)',
  'sgd(lr = 0.05, momentum = 0.8, nesterov = true)',
  'adam(lr = 0.01)',
  'adam(lr = 0.01, eps = 0.001)',
  'adam(lr = cosine(0.02, warmup = 2), betas = (0.0, 0.9), eps = 0.001)',
  'adamw(lr = 0.01, decay = 0.1, eps = 0.001)',
  'rmsprop(lr = 0.01, eps = 0.01)',
  'adagrad(lr = 0.02, eps = 0.001)',
  'adadelta(lr = 0.5)',
  'lion(lr = 0.002, decay = 0.1)',
] as const;

const TRANSFORMS = [
  '',
  '',
  'clip_norm(0.05) -> ',
  'clip_norm(10.0) -> ',
  'clip_value(0.02) -> ',
  'decay(0.1, on = "*") -> ',
] as const;

export const randomOptimizer = (draw: Draw): string => draw.pick(TRANSFORMS) + draw.pick(OPTIMIZERS);
