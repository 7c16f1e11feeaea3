/**
 * The settings of a `train` block. In: its bindings. Out: `TrainingSpec`. The steps are read elsewhere.
 * Numbers that are watched (`valid.loss`) must be reported by some step for some split.
 */
import type { Duration, SaveSpec, Span, TrainingSpec } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import type { Context } from './context.ts';
import { asInteger, asNumber } from './convert.ts';
import { placeIn } from './file-scope.ts';
import { Scope } from './scope.ts';
import { readSettings, type Setting } from './settings.ts';
import { describeValue, type RuleValue, type Value, type Watch } from './values.ts';
import { goalOf } from './watch-goal.ts';

type TrainDeclaration = Extract<ast.Declaration, { kind: 'train' }>;

export const TRAIN_SETTINGS = [
  'epochs',
  'steps',
  'seed',
  'accumulate',
  'precision',
  'ema',
  'eval',
  'save',
  'stop',
] as const;
const NOT_YET = ['resume', 'tune'];

export interface TrainBlock {
  readonly spec: TrainingSpec;
  readonly precision: 'f32' | 'f16';
  /** Watched numbers, with the place that names them. */
  readonly watches: readonly Watch[];
}

export function readTrainBlock(
  context: Context,
  declaration: TrainDeclaration,
  scope: Scope,
  seed: number | undefined,
): TrainBlock {
  const list = context.session.diagnostics;
  const bindings = declaration.body.statements.flatMap((s) => (s.kind === 'binding' ? s.entries : []));
  const errors = list.size;
  const settings = readSettings(context, 'train', bindings, TRAIN_SETTINGS, NOT_YET);
  const misspelt = list.size > errors;
  const place = placeIn(scope);
  const watches: Watch[] = [];
  const read = <T>(name: string, work: (setting: Setting) => T): T | undefined => {
    const setting = settings.get(name);
    return setting && list.guard(() => work(setting));
  };
  const whole = (name: string, low: number): number | undefined =>
    read(name, ({ value }) => {
      const written = context.evaluate(value, place);
      // `steps = 5000 steps` says the same twice; `steps = 2 epochs` does not.
      const unit = name === 'epochs' ? 'epoch' : 'step';
      const plain: Value =
        written.kind === 'amount' && written.unit === unit && (name === 'epochs' || name === 'steps')
          ? { kind: 'number', value: written.count, integer: Number.isInteger(written.count) }
          : written;
      const count = asInteger(context, plain, value.span, `\`${name}\``);
      if (count < low) context.fail('E0220', value.span, `\`${name}\` is ${low} or more, this is ${count}`);
      if (name === 'seed' && count >= 2 ** 32) context.fail('E0220', value.span, '`seed` is below 2^32');
      return count;
    });

  const [epochs, steps] = [whole('epochs', 1), whole('steps', 1)];
  // A setting that was not understood may have been the one that is missing.
  if (!misspelt) list.guard(() => checkLength(context, declaration, settings));
  const ownSeed = whole('seed', 0);
  const accumulate = whole('accumulate', 1) ?? 1;
  const precision = read('precision', ({ value }) => {
    const word = value.kind === 'name' ? value.name : undefined;
    if (word === 'f16' || word === 'f32') return word;
    return context.fail('E0213', value.span, '`precision` is f32 or f16');
  });
  const ema = read('ema', ({ value }) => readAverage(context, value, place.scope));
  const evaluate = read('eval', ({ value }) => readEvaluation(context, value, place.scope));
  const save = read('save', ({ value }) => readSaves(context, value, place.scope, watches)) ?? [];
  const stop = read('stop', ({ value }) => readStop(context, value, scope, watches));
  const spec: TrainingSpec = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined || epochs !== undefined ? {} : { steps }),
    seed: seed ?? ownSeed ?? 0,
    accumulate,
    ...(ema === undefined ? {} : { ema }),
    ...(evaluate ? { evaluate } : {}),
    save,
    ...(stop ? { stop } : {}),
  };
  return { spec, precision: precision ?? 'f32', watches };
}

function checkLength(
  context: Context,
  declaration: TrainDeclaration,
  settings: ReadonlyMap<string, Setting>,
): void {
  const [epochs, steps] = [settings.get('epochs'), settings.get('steps')];
  if (epochs && steps) {
    const [first, second] = isBefore(epochs.name.span, steps.name.span) ? [epochs, steps] : [steps, epochs];
    const [is, was] = [second.name.text, first.name.text];
    context.fail(
      'E0218',
      second.name.span,
      `\`${is}\` beside \`${was}\`: the length of the run is set twice`,
      {
        related: [{ message: `\`${was}\` is set here`, span: first.name.span }],
      },
    );
  }
  if (!epochs && !steps) {
    context.fail('E0219', headOf(declaration), '`train` needs the setting `epochs` or `steps`', {
      help: 'for example `epochs = 10`',
    });
  }
}

const isBefore = (a: Span, b: Span): boolean => a.line < b.line || (a.line === b.line && a.column < b.column);

/** The block's first line, without its body. */
const headOf = (declaration: TrainDeclaration): Span => (declaration.name ?? declaration.data).span;

function ruleOf(
  context: Context,
  value: Value,
  span: Span,
  wanted: readonly RuleValue['rule'][],
  help: string,
): RuleValue {
  if (value.kind === 'rule' && wanted.includes(value.rule)) return value;
  return context.fail(
    'E0213',
    span,
    `${describeValue(value)} where ${wanted.map((w) => `\`${w}\``).join(' or ')} is due`,
    {
      help,
    },
  );
}

/** The share of the old average that an update keeps. */
function readAverage(context: Context, expression: ast.Expression, scope: Scope): number {
  const { span } = expression;
  const keep = asNumber(context, context.evaluate(expression, placeIn(scope)), span, '`ema`');
  if (keep > 0 && keep < 1) return keep;
  return context.fail('E0220', span, `\`ema\` lies between 0 and 1, this is ${keep}`, {
    help: 'for example `ema = 0.999`: what an average keeps of itself in every step',
  });
}

function readEvaluation(
  context: Context,
  expression: ast.Expression,
  scope: Scope,
): { every: Duration; batches?: number } {
  const { span } = expression;
  const value = context.evaluate(expression, placeIn(scope));
  const rule = ruleOf(context, value, span, ['every'], 'for example `eval = every(1 epoch)`');
  if (rule.rule !== 'every') throw new Error('internal: a rule of another kind');
  if (rule.to !== undefined || rule.keep !== undefined) {
    context.fail('E0210', span, '`every` of `eval` takes `batches` beside its rhythm');
  }
  return { every: rule.every, ...(rule.batches === undefined ? {} : { batches: rule.batches }) };
}

function readSaves(context: Context, expression: ast.Expression, scope: Scope, watches: Watch[]): SaveSpec[] {
  const parts = expression.kind === 'tuple' ? expression.items : [expression];
  return parts.map((part): SaveSpec => {
    const help = 'for example `best(valid.loss, to = "out/best.safetensors")`';
    const rule = ruleOf(context, context.evaluate(part, placeIn(scope)), part.span, ['best', 'every'], help);
    if (rule.rule === 'best') {
      watches.push(rule.watch);
      const watch = rule.watch.path.join('.');
      return { kind: 'best', watch, goal: goalOf(watch), to: rule.to };
    }
    if (rule.rule !== 'every') throw new Error('internal: a rule of another kind');
    const { to, keep, every } = rule;
    if (to === undefined) {
      return context.fail('E0212', part.span, '`every` of `save` needs `to`', {
        help: 'for example `every(1 epoch, to = "out/net-{epoch}.safetensors")`',
      });
    }
    if (rule.batches !== undefined)
      context.fail('E0210', part.span, '`every` of `save` has no argument `batches`');
    if (keep !== undefined && !/\{(epoch|step)\}/.test(to)) {
      context.fail(
        'E0220',
        part.span,
        '`keep` needs a path with `{epoch}` or `{step}`: one file is written over',
      );
    }
    return { kind: 'every', every, to, ...(keep === undefined ? {} : { keep }) };
  });
}

function readStop(
  context: Context,
  expression: ast.Expression,
  file: Scope,
  watches: Watch[],
): TrainingSpec['stop'] {
  // As a setting `plateau` is a rule, elsewhere a schedule.
  const scope = new Scope(file);
  scope.bind('plateau', { kind: 'builtin', name: 'stop.plateau' });
  const value = context.evaluate(expression, placeIn(scope));
  const rule = ruleOf(
    context,
    value,
    expression.span,
    ['plateau'],
    'for example `stop = plateau(valid.loss, patience = 5)`',
  );
  if (rule.rule !== 'plateau') throw new Error('internal: a rule of another kind');
  watches.push(rule.watch);
  const watch = rule.watch.path.join('.');
  return { watch, goal: goalOf(watch), patience: rule.patience, restore: rule.restore };
}
