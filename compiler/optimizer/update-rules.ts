/**
 * The optimizers as element-wise graphs: one row a kind. In: weight, gradient and moments of one segment, the
 * step's scalars. Out: the new weight and moments. PyTorch's update rules (torch.optim, foreach=False), except
 * lion (LANGUAGE.md section 5, after Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms").
 */
import type { ScalarFormula } from '../../runtime/plan-format.ts';
import type { Optimizer } from '../semantics/program.ts';
import type { SlabMath } from './slab-math.ts';

/** One segment's tensors as graph values, and what the rule may ask for. */
export interface UpdateInputs {
  weight: number;
  gradient: number;
  /** Moments under the names of `MOMENTS`. */
  moments: Record<string, number>;
  /** 1 where decoupled decay applies, as a value of the segment's shape; undefined: everywhere. */
  decayed: number | undefined;
  /** A number the host computes for each step, shape []. */
  scalar(name: string, formula: ScalarFormula): number;
}

export interface UpdateOutputs {
  weight: number;
  moments: Record<string, number>;
}

type OptimizerOf<K extends Optimizer['kind']> = Extract<Optimizer, { kind: K }>;

interface UpdateRow<K extends Optimizer['kind']> {
  moments(optimizer: OptimizerOf<K>): readonly string[];
  update(math: SlabMath, optimizer: OptimizerOf<K>, inputs: UpdateInputs): UpdateOutputs;
}

const learningRate = (optimizer: Optimizer, inputs: UpdateInputs): number =>
  inputs.scalar('lr', { kind: 'schedule', schedule: optimizer.lr });

/** weight - rate * direction */
function descend(math: SlabMath, weight: number, rate: number, direction: number): number {
  return math.sub(weight, math.mul(rate, direction));
}

/** decay * old + (1 - decay) * fresh */
function average(math: SlabMath, decay: number, old: number, fresh: number): number {
  return math.add(math.mul(math.number(decay), old), math.mul(math.number(1 - decay), fresh));
}

function adam(
  math: SlabMath,
  optimizer: OptimizerOf<'adam' | 'adamw'>,
  inputs: UpdateInputs,
  weight: number,
): UpdateOutputs {
  const [beta1, beta2] = optimizer.betas;
  const rate = learningRate(optimizer, inputs);
  const correction1 = inputs.scalar('correction1', { kind: 'bias_correction', beta: beta1 });
  const correction2 = inputs.scalar('correction2', { kind: 'bias_correction', beta: beta2 });
  const first = average(math, beta1, inputs.moments['first']!, inputs.gradient);
  const second = average(math, beta2, inputs.moments['second']!, math.mul(inputs.gradient, inputs.gradient));
  const scale = math.add(math.div(math.sqrt(second), math.sqrt(correction2)), math.number(optimizer.eps));
  return {
    weight: descend(math, weight, math.div(rate, correction1), math.div(first, scale)),
    moments: { first, second },
  };
}

export const UPDATE_RULES: { [K in Optimizer['kind']]: UpdateRow<K> } = {
  sgd: {
    moments: (o) => (o.momentum === 0 ? [] : ['momentum']),
    update(math, o, inputs): UpdateOutputs {
      const rate = learningRate(o, inputs);
      if (o.momentum === 0)
        return { weight: descend(math, inputs.weight, rate, inputs.gradient), moments: {} };
      // The buffer starts at zero, so the first turn gives the gradient itself, as PyTorch's clone does.
      const factor = math.number(o.momentum);
      const momentum = math.add(math.mul(factor, inputs.moments['momentum']!), inputs.gradient);
      const direction = o.nesterov ? math.add(inputs.gradient, math.mul(factor, momentum)) : momentum;
      return { weight: descend(math, inputs.weight, rate, direction), moments: { momentum } };
    },
  },
  adam: {
    moments: () => ['first', 'second'],
    update: (math, o, inputs) => adam(math, o, inputs, inputs.weight),
  },
  adamw: {
    moments: () => ['first', 'second'],
    update(math, o, inputs) {
      const shrink = math.mul(learningRate(o, inputs), math.number(o.decay));
      const share = inputs.decayed === undefined ? shrink : math.mul(shrink, inputs.decayed);
      const weight = math.mul(inputs.weight, math.sub(math.number(1), share));
      return adam(math, o, inputs, weight);
    },
  },
  rmsprop: {
    moments: () => ['square'],
    update(math, o, inputs) {
      const square = average(
        math,
        o.alpha,
        inputs.moments['square']!,
        math.mul(inputs.gradient, inputs.gradient),
      );
      const direction = math.div(inputs.gradient, math.add(math.sqrt(square), math.number(o.eps)));
      return {
        weight: descend(math, inputs.weight, learningRate(o, inputs), direction),
        moments: { square },
      };
    },
  },
  adagrad: {
    moments: () => ['sum'],
    update(math, o, inputs) {
      const sum = math.add(inputs.moments['sum']!, math.mul(inputs.gradient, inputs.gradient));
      const direction = math.div(inputs.gradient, math.add(math.sqrt(sum), math.number(o.eps)));
      return { weight: descend(math, inputs.weight, learningRate(o, inputs), direction), moments: { sum } };
    },
  },
  adadelta: {
    moments: () => ['square', 'moved'],
    update(math, o, inputs) {
      const eps = math.number(o.eps);
      const square = average(
        math,
        o.rho,
        inputs.moments['square']!,
        math.mul(inputs.gradient, inputs.gradient),
      );
      const ratio = math.div(
        math.sqrt(math.add(inputs.moments['moved']!, eps)),
        math.sqrt(math.add(square, eps)),
      );
      const direction = math.mul(ratio, inputs.gradient);
      const moved = average(math, o.rho, inputs.moments['moved']!, math.mul(direction, direction));
      return {
        weight: descend(math, inputs.weight, learningRate(o, inputs), direction),
        moments: { square, moved },
      };
    },
  },
  lion: {
    moments: () => ['momentum'],
    update(math, o, inputs) {
      const [beta1, beta2] = o.betas;
      const old = inputs.moments['momentum']!;
      const direction = math.add(
        math.sign(average(math, beta1, old, inputs.gradient)),
        math.mul(math.number(o.decay), inputs.weight),
      );
      return {
        weight: descend(math, inputs.weight, learningRate(o, inputs), direction),
        moments: { momentum: average(math, beta2, old, inputs.gradient) },
      };
    },
  },
};

/** The row of an optimizer, its type narrowed together with it. */
export function updateRow(optimizer: Optimizer): UpdateRow<Optimizer['kind']> {
  return UPDATE_RULES[optimizer.kind] as UpdateRow<Optimizer['kind']>;
}
