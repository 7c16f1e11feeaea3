/** Watched numbers (`valid.loss`) must be reported: a split that is evaluated, a step, a metric of it. */
import type { Context } from './context.ts';
import type { DataBlock } from './data-parts.ts';
import { didYouMean } from './nearest.ts';
import type { StepProgram } from './program.ts';
import type { Watch } from './values.ts';

export function checkWatches(
  context: Context,
  watches: readonly Watch[],
  steps: readonly StepProgram[],
  data: DataBlock | undefined,
  averaged: boolean,
): void {
  if (!data) return;
  const splits = [
    ...new Set([...data.sources.map((s) => s.split), ...data.splits.map((s) => s.split)]),
  ].filter((split) => split !== 'train' && split !== 'all');
  const reported = averaged ? splits.flatMap((split) => [split, `${split}.ema`]) : splits;
  const known = steps.flatMap((step) =>
    step.metrics.flatMap((metric) =>
      reported.map((split) =>
        [split, ...(step.name === undefined ? [] : [step.name]), metric.name].join('.'),
      ),
    ),
  );
  for (const { path, span } of watches) {
    const name = path.join('.');
    if (known.includes(name)) continue;
    context.session.diagnostics.guard(() =>
      context.fail('E0201', span, `nothing reports \`${name}\``, {
        help:
          didYouMean(name, known) ??
          (splits.length === 0
            ? 'the data has no split besides train: add `split valid = 10%`'
            : `reported are ${known.slice(0, 6).join(', ')}${known.length > 6 ? ', …' : ''}`),
      }),
    );
  }
}
