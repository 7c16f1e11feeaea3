/**
 * The optimizers once more, as scalar loops over plain arrays, after the pseudo code of PyTorch's
 * documentation (torch.optim) and, for lion, LANGUAGE.md section 5. Shares nothing with the compiler's rules.
 */
import type { Optimizer } from '../../compiler/semantics/program.ts';

export type Memory = Record<string, number[]>;

/** One update in place. `t` counts from 1; `lr` is this step's rate; `decayed` tells where decay applies. */
export function referenceUpdate(
  o: Optimizer,
  w: number[],
  g: readonly number[],
  memory: Memory,
  t: number,
  lr: number,
  decayed: (i: number) => boolean,
): void {
  const slot = (name: string): number[] => (memory[name] ??= w.map(() => 0));
  for (let i = 0; i < w.length; i++) {
    const grad = g[i]!;
    switch (o.kind) {
      case 'sgd': {
        let d = grad;
        if (o.momentum !== 0) {
          const b = slot('b');
          b[i] = t === 1 ? grad : o.momentum * b[i]! + grad;
          d = o.nesterov ? grad + o.momentum * b[i]! : b[i]!;
        }
        w[i]! -= lr * d;
        break;
      }
      case 'adam':
      case 'adamw': {
        if (o.kind === 'adamw' && decayed(i)) w[i]! -= lr * o.decay * w[i]!;
        const [m, v] = [slot('m'), slot('v')];
        m[i] = o.betas[0] * m[i]! + (1 - o.betas[0]) * grad;
        v[i] = o.betas[1] * v[i]! + (1 - o.betas[1]) * grad ** 2;
        const mHat = m[i]! / (1 - o.betas[0] ** t);
        const vHat = v[i]! / (1 - o.betas[1] ** t);
        w[i]! -= (lr * mHat) / (Math.sqrt(vHat) + o.eps);
        break;
      }
      case 'rmsprop': {
        const v = slot('v');
        v[i] = o.alpha * v[i]! + (1 - o.alpha) * grad ** 2;
        w[i]! -= (lr * grad) / (Math.sqrt(v[i]!) + o.eps);
        break;
      }
      case 'adagrad': {
        const s = slot('s');
        s[i]! += grad ** 2;
        w[i]! -= (lr * grad) / (Math.sqrt(s[i]!) + o.eps);
        break;
      }
      case 'adadelta': {
        const [v, u] = [slot('v'), slot('u')];
        v[i] = o.rho * v[i]! + (1 - o.rho) * grad ** 2;
        const delta = (Math.sqrt(u[i]! + o.eps) / Math.sqrt(v[i]! + o.eps)) * grad;
        u[i] = o.rho * u[i]! + (1 - o.rho) * delta ** 2;
        w[i]! -= lr * delta;
        break;
      }
      case 'lion': {
        const m = slot('m');
        const c = o.betas[0] * m[i]! + (1 - o.betas[0]) * grad;
        w[i]! -= lr * (Math.sign(c) + o.decay * w[i]!);
        m[i] = o.betas[1] * m[i]! + (1 - o.betas[1]) * grad;
        break;
      }
      default:
        o satisfies never;
    }
  }
}
