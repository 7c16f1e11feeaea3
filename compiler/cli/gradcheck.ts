/**
 * `netc gradcheck FILE`: the gradients that training uses against central differences, in double precision
 * on the processor. In: a program; its data files are not read. Out: a line a weight, exit code 1 where one
 * is wrong.
 *
 * The batch is made small and the values are random: bytes, labels below their limit, normal numbers.
 * Weights stand as initialized, moved a little, so that zeros are no special case.
 */
import { Generator } from '../../runtime/random/generator.ts';
import { initialize } from '../../runtime/train/initialize.ts';
import type { GradientReport } from '../autodiff/check.ts';
import { checkGradients } from '../autodiff/check.ts';
import { CompileError, errorAt, fail } from '../diagnostics.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { dimensionAt } from '../graph/dimension.ts';
import type { HostTensor } from '../graph/host-tensor.ts';
import { elementCount, hostTensor } from '../graph/host-tensor.ts';
import { environment } from '../graph/interpret.ts';
import type { NodeOf } from '../graph/ir.ts';
import type { CompileOptions, SourceText } from '../index.ts';
import { elaborate } from '../semantics/elaborate.ts';
import type { Program, StepProgram } from '../semantics/program.ts';
import { standardLibrary } from '../semantics/library.ts';
import type { SourceFile } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import type { Context } from './context.ts';
import { formatNumber } from '../../runtime/report/format.ts';
import { programOptions, readProgram } from './read-program.ts';

/** Records of the batch: enough to tell them apart, few enough to be quick. */
const BATCH = 4;
/** Standard deviation of what is added to the initial weights. */
const SHIFT = 0.05;

export function runGradcheck(file: string, context: Context): number {
  const program = elaborateSmall(readProgram(file, context), programOptions(context));
  const steps = program.steps.filter((step) => step.train.outputs.some(({ name }) => name === 'loss'));
  if (steps.length === 0) fail('E0301', undefined, `${file} has no step with a loss to differentiate`);
  const found = steps.map((step) => ({ step, reports: checkStep(step, program) }));
  if (context.flags.json) context.print(`${JSON.stringify(toJson(program, found))}\n`);
  else for (const { step, reports } of found) printReports(step, reports, context);
  const wrong = found.flatMap(({ reports }) => reports.filter((report) => !report.passed));
  context.report(wrong.map((report) => wrongGradient(report, program)));
  return wrong.length > 0 ? 1 : 0;
}

/** The program with a batch of its own. */
function elaborateSmall(source: SourceText, options: CompileOptions): Program {
  const tree = parseOrFail(source);
  for (const declaration of tree.declarations) {
    if (declaration.kind !== 'data') continue;
    for (const statement of declaration.body.statements) {
      if (statement.kind !== 'binding') continue;
      for (const entry of statement.entries) {
        const { target, value } = entry;
        if (target.kind !== 'name' || target.name.text !== 'batch') continue;
        entry.value = { kind: 'number', value: BATCH, integer: true, text: String(BATCH), span: value.span };
      }
    }
  }
  return elaborate(tree, { ...options, standardLibrary: standardLibrary() });
}

function parseOrFail({ text, file }: SourceText): SourceFile {
  const { tree, diagnostics } = parse(text, file);
  if (diagnostics.some(({ severity }) => severity === 'error')) throw new CompileError(diagnostics);
  return tree;
}

function checkStep(step: StepProgram, program: Program): GradientReport[] {
  const seed = program.training?.seed ?? 0;
  const inputs = new Map<string, HostTensor>();
  for (const node of step.train.nodes) {
    if (node.op === 'input') inputs.set(node.attributes.name, randomInput(node, program, seed));
  }
  const parameters = new Map(
    program.parameters.map((parameter) => {
      const random = new Generator(seed, `gradcheck ${parameter.name}`);
      const values = Array.from(initialize(parameter, seed), (value) => value + SHIFT * random.normal());
      return [parameter.name, hostTensor(parameter.shape, values)];
    }),
  );
  const states = new Map(
    program.states.map((state) => [state.name, hostTensor(state.shape, Array.from(initialize(state, seed)))]),
  );
  const given = environment({ batch: BATCH, seed, draw: 0, inputs, parameters, states, exact: true });
  return checkGradients({ graph: step.train, output: 'loss', environment: given, orders: 1 });
}

/** Values such as the input could hold. */
function randomInput(node: NodeOf<'input'>, program: Program, seed: number): HostTensor {
  const { name, storage } = node.attributes;
  const shape = node.type.shape.map((size) => dimensionAt(size, BATCH));
  const random = new Generator(seed, `gradcheck input ${name}`);
  const below = program.data?.fields.find((field) => field.name === name)?.below;
  const draw = (): number => {
    if (storage === 'f32') return random.normal();
    return Math.floor(random.uniform() * (below ?? (storage === 'u8' ? 256 : 2)));
  };
  return hostTensor(shape, Array.from({ length: elementCount(shape) }, draw), node.type.dtype);
}

function printReports(step: StepProgram, reports: readonly GradientReport[], context: Context): void {
  const width = Math.max(6, ...reports.map(({ name }) => name.length));
  const where = `${step.span.file}:${step.span.line}`;
  const lines = [
    `step${step.name === undefined ? '' : ` ${step.name}`} (${where}), batch ${BATCH}`,
    `  ${'weight'.padEnd(width)}  entries  kinks  worst relative error`,
    ...reports.map((report) => {
      const { entries, kinks, worst, analytic, numeric } = report;
      const row = `  ${report.name.padEnd(width)}  ${String(entries).padStart(7)}  ${String(kinks).padStart(5)}  ${worst.toExponential(2)}`;
      return report.passed
        ? `${row}  ok`
        : `${row}  WRONG at [${report.where.join(', ')}]: analytic ${formatNumber(analytic)}, numeric ${formatNumber(numeric)}`;
    }),
  ];
  context.print(`${lines.join('\n')}\n`);
}

function wrongGradient(report: GradientReport, program: Program): Diagnostic {
  const span = program.parameters.find(({ name }) => name === report.name)?.span;
  const message = `internal error: the gradient of ${report.name} is ${report.analytic} where differences give ${report.numeric}`;
  return errorAt('E0703', span, message, {
    help: 'this is a fault of netc, not of the program: please report it with the program',
  });
}

function toJson(
  program: Program,
  found: readonly { step: StepProgram; reports: readonly GradientReport[] }[],
) {
  return {
    program: program.name,
    batch: BATCH,
    weights: found.flatMap(({ step, reports }) =>
      reports.map(({ name, passed, entries, kinks, worst, where, analytic, numeric }) => ({
        ...(step.name === undefined ? {} : { step: step.name }),
        name,
        passed,
        entries,
        kinks,
        worst_relative_error: worst,
        where,
        analytic,
        numeric,
      })),
    ),
  };
}
