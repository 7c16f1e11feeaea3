/**
 * The steps of a `train` block. In: their blocks and the data. Out: for every step a training graph of fixed
 * batch with its gradients, and the same step in evaluation mode, over a batch of open size where that is possible.
 */
import { BATCH, type Dimension } from '../graph/dimension.ts';
import type { MetricSpec } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { announceNames } from './announce.ts';
import { bindColumns } from './columns.ts';
import { Context, type Session } from './context.ts';
import { asInteger } from './convert.ts';
import type { DataBlock } from './data-parts.ts';
import { placeIn } from './file-scope.ts';
import { resolveMinimize } from './minimize.ts';
import { didYouMean } from './nearest.ts';
import { gradientOutput, type MinimizeProgram, type StepProgram } from './program.ts';
import { Scope } from './scope.ts';
import { outputStates } from './state.ts';
import { Recorder, type RecordedMinimize } from './step-recorder.ts';

type StepStatement = Extract<ast.Statement, { kind: 'step' }>;

interface StepHead {
  readonly statement: StepStatement;
  readonly name: string | undefined;
  readonly times: number;
}

export interface StepSurroundings {
  readonly session: Session;
  readonly constants: Context;
  readonly file: Scope;
  readonly data: DataBlock;
}

/** The steps in order; an erroneous step is left out, its errors kept. */
export function readSteps(
  around: StepSurroundings,
  declaration: Extract<ast.Declaration, { kind: 'train' }>,
): StepProgram[] {
  const { session, constants } = around;
  const list = session.diagnostics;
  const heads: StepHead[] = [];
  for (const statement of declaration.body.statements) {
    if (statement.kind === 'binding') continue;
    list.guard(() => {
      if (statement.kind !== 'step')
        return constants.fail(
          'E0108',
          statement.span,
          `\`${statement.kind}\` has no place in a \`train\` block`,
        );
      heads.push(readHead(around, statement, heads));
      return undefined;
    });
  }
  if (heads.length === 0 && list.size === 0) {
    list.guard(() => constants.fail('E0219', declaration.data.span, '`train` needs a `step`'));
  }
  return heads.flatMap((head) => list.guard(() => elaborateStep(around, head)) ?? []);
}

function readHead(
  { constants, file }: StepSurroundings,
  statement: StepStatement,
  before: readonly StepHead[],
): StepHead {
  const name = statement.name?.text;
  const span = statement.name?.span ?? statement.span;
  const same = before.find((head) => head.name === name);
  if (same) {
    constants.fail(
      'E0202',
      span,
      name === undefined ? 'two steps without a name' : `the step \`${name}\` is declared twice`,
      {
        help: name === undefined ? 'name them: `step critic { … }`' : undefined,
        related: [{ message: 'the first one', span: same.statement.name?.span ?? same.statement.span }],
      },
    );
  }
  let times = 1;
  for (const argument of statement.arguments) {
    const given = argument.name;
    if (given?.text !== 'times') {
      constants.fail(
        'E0210',
        given?.span ?? argument.span,
        `a step has no argument ${given ? `\`${given.text}\`` : 'without a name'}`,
        {
          help: (given && didYouMean(given.text, ['times'])) ?? 'for example `step critic(times = 5) { … }`',
        },
      );
    }
    const { value } = argument;
    times = asInteger(constants, constants.evaluate(value, placeIn(file)), value.span, '`times`');
    if (times < 1) constants.fail('E0220', value.span, `\`times\` is 1 or more, this is ${times}`);
  }
  return { statement, name, times };
}

interface ElaboratedStep {
  readonly context: Context;
  readonly metrics: MetricSpec[];
  readonly minimizes: readonly MinimizeProgram[];
}

/** Runs the body once, for one mode. */
function runStep(
  around: StepSurroundings,
  head: StepHead,
  training: boolean,
  batch: Dimension,
): ElaboratedStep {
  const { statement } = head;
  const unit = head.name ?? 'step';
  const context = new Context({
    session: around.session,
    graph: training ? unit : `${unit}.evaluate`,
    training,
    batch,
    unit,
  });
  const scope = new Scope(around.file);
  bindColumns(context, around.data, around.file, scope);
  const body = new Scope(scope);
  const recorder = new Recorder(context);
  announceNames(statement.body, body);
  const place = { ...placeIn(body), step: recorder };
  context.current = statement.span;
  const errors = around.session.diagnostics.size;
  around.session.machine.run(context, statement.body, place);
  const list = around.session.diagnostics;
  if (list.size > errors) {
    // What was recorded stands on its own: its mistakes belong to the same report.
    if (training) for (const each of recorder.minimizes) list.guard(() => resolveMinimize(context, each));
    return { context, metrics: [], minimizes: [] };
  }

  if (training) outputStates(context, statement.span);
  const loss = recorder.loss(body);
  const { builder } = context.graph(statement.span).tensors;
  const metrics: MetricSpec[] = [];
  const report = (name: string, id: number, after: MetricSpec['after']): void => {
    builder.output(name, id, 'result');
    metrics.push({ name, output: name, after });
  };
  if (loss !== undefined) report('loss', loss, 'identity');
  for (const { name, id, after } of recorder.metrics) report(name.text, id, after);
  if (metrics.length === 0) {
    context.fail(
      'E0219',
      statement.name?.span ?? statement.span,
      'this step computes nothing that is reported',
      {
        help: 'bind a `loss`, or add a `metric`',
      },
    );
  }
  return { context, metrics, minimizes: training ? gradients(context, recorder) : [] };
}

/** Adds the gradients of everything that moves, all at the same point. */
function gradients(context: Context, recorder: Recorder): MinimizeProgram[] {
  const movers = new Map<string, number>();
  const list = context.session.diagnostics;
  const gradientsOf = (recorded: RecordedMinimize): MinimizeProgram => {
    const minimize = resolveMinimize(context, recorded);
    context.current = recorded.span;
    const { tensors, weights } = context.graph(recorded.span);
    for (const name of minimize.parameters) {
      const weight = weights.get(name);
      if (weight === undefined) throw new Error(`internal: no node of ${name}`);
      const mover = movers.get(name) ?? 0;
      movers.set(name, mover + 1);
      const output = gradientOutput(name, mover);
      tensors.builder.output(output, tensors.gradient(recorded.loss, weight), 'gradient');
    }
    return minimize;
  };
  return recorder.minimizes.flatMap((recorded) => list.guard(() => gradientsOf(recorded)) ?? []);
}

function elaborateStep(around: StepSurroundings, head: StepHead): StepProgram | undefined {
  const { diagnostics } = around.session;
  const errors = diagnostics.size;
  const trained = runStep(around, head, true, around.data.batch);
  if (diagnostics.size > errors) return undefined;
  // What cuts or indexes the batch, or asks for its size, is possible for a batch of the size that training has.
  const open = diagnostics.attempt(() => runStep(around, head, false, BATCH));
  const evaluated = 'value' in open ? open.value : runStep(around, head, false, around.data.batch);
  if (diagnostics.size > errors) return undefined;
  const { statement } = head;
  return {
    ...(head.name === undefined ? {} : { name: head.name }),
    times: head.times,
    train: trained.context.graph(statement.span).tensors.builder.finish(),
    evaluate: evaluated.context.graph(statement.span).tensors.builder.finish(),
    ...('refused' in open ? { fixedBy: open.refused.span ?? statement.span } : {}),
    metrics: trained.metrics,
    minimizes: [...trained.minimizes],
    span: statement.name?.span ?? statement.span,
  };
}
