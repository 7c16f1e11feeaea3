/**
 * Programs for the tests of elaboration. In: statements of a step, columns and weights they use. Out: the
 * value of any name the step binds, by the interpreter in double precision, as the training graph and as the
 * evaluation graph (over a batch of open size) compute it.
 */
import { checkGradients, type GradientReport } from '../../compiler/autodiff/check.ts';
import { expandGradients } from '../../compiler/autodiff/gradient.ts';
import { hostTensor, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import {
  environment,
  evaluateNode,
  interpret,
  interpretNodes,
  type Environment,
} from '../../compiler/graph/interpret.ts';
import type { Graph } from '../../compiler/graph/ir.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import type { ElaborateOptions } from '../../compiler/semantics/elaborate.ts';
import type { Program, StepProgram } from '../../compiler/semantics/program.ts';
import { initialize } from '../../runtime/train/initialize.ts';
import { elaborateText } from './elaborating.ts';

export type Nested = number | readonly Nested[];

/** An expression over small tensors and its value. */
export type Row = readonly [expression: string, due: Nested, dtype?: HostTensor['dtype']];

/** A tensor of nested arrays. */
export function array(nested: Nested, dtype: HostTensor['dtype'] = 'f32'): HostTensor {
  const shape: number[] = [];
  for (let at: Nested | undefined = nested; Array.isArray(at); at = (at as readonly Nested[])[0])
    shape.push(at.length);
  return hostTensor(shape, flat(nested), dtype);
}

const flat = (nested: Nested): number[] => (typeof nested === 'number' ? [nested] : nested.flatMap(flat));

/** The other way round. */
export function nested({ shape, data }: Pick<HostTensor, 'shape' | 'data'>): Nested {
  const [size, ...rest] = shape;
  if (size === undefined) return data[0] ?? NaN;
  const length = data.length / size;
  return Array.from({ length: size }, (_, i) =>
    nested({ shape: rest, data: data.subarray(i * length, (i + 1) * length) }),
  );
}

/** Numbers in [-1, 1), the same every time. */
export function numbers(count: number, seed = 1): number[] {
  let state = (seed * 2654435761) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround((state >>> 8) / 2 ** 23 - 1);
  });
}

export function random(shape: readonly number[], seed = 1): HostTensor {
  return hostTensor(
    shape,
    numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
  );
}

export interface Calculation {
  /** The statements of the step. */
  readonly body: string;
  /** `fn`, `layer`, `model` and `let` before it. */
  readonly declarations?: string;
  /** Columns; the first axis is the batch, the same in all. */
  readonly columns?: Readonly<Record<string, HostTensor>>;
  /** Weights of the model `p`, bound by their names. */
  readonly weights?: Readonly<Record<string, HostTensor>>;
  /** Values of other weights, by checkpoint name. */
  readonly values?: Readonly<Record<string, HostTensor>>;
  /** Values of layer states, by checkpoint name; others are as the layer starts them. */
  readonly states?: Readonly<Record<string, HostTensor>>;
  readonly options?: Omit<ElaborateOptions, 'standardLibrary'>;
  readonly seed?: number;
  readonly draw?: number;
  /** Rounds every value to single precision. */
  readonly single?: boolean;
}

export function sourceOf(calculation: Calculation): string {
  const { body, declarations = '', columns = {}, weights = {} } = calculation;
  const batch = Object.values(columns)[0]?.shape[0] ?? 1;
  const columnLines = Object.entries(columns).map(
    ([name, { shape, dtype }]) => `  ${name}[${['B', ...shape.slice(1)].join(', ')}] ${dtype}`,
  );
  const names = Object.keys(weights);
  const params = names.map((name) => `  param ${name}[${weights[name]?.shape.join(', ')}] = zeros()`);
  const own = names.length === 0 ? '' : `model p: z[B] -> [B] {\n${params.join('\n')}\n  return z\n}\n`;
  const met =
    names.length === 0 ? [] : ['  met_p = p(zeros(B))', ...names.map((name) => `  ${name} = p.${name}`)];
  return `${declarations}
data d {
${columnLines.join('\n')}
${columnLines.length === 0 ? '  record[B]\n' : ''}  batch = ${batch}
}
${own}train on d {
  steps = 1
  step {
${met.join('\n')}
${body}
    metric done = 0
  }
}
`;
}

export interface Calculated {
  readonly program: Program;
  /** The newest value bound to the name; the evaluation graph's where `mode` says so. */
  readonly get: (name: string, mode?: 'train' | 'evaluate') => HostTensor;
  readonly list: (name: string, mode?: 'train' | 'evaluate') => Nested;
  /** A layer state after the step; undefined where the step leaves it alone. */
  readonly after: (state: string) => HostTensor | undefined;
}

export function environmentOf(calculation: Calculation, made: Program): Environment {
  const { columns = {}, weights = {}, values = {}, states: given = {}, seed = 1, draw = 1 } = calculation;
  const parameters = new Map<string, HostTensor>();
  for (const { name, shape } of made.parameters) {
    const own = name.startsWith('p.') ? weights[name.slice(2)] : undefined;
    parameters.set(name, own ?? values[name] ?? random(shape, name.length));
  }
  const states = new Map(
    made.states.map((state) => [
      state.name,
      given[state.name] ?? hostTensor(state.shape, [...initialize(state, seed)]),
    ]),
  );
  const batch = Object.values(columns)[0]?.shape[0] ?? 1;
  return environment({ batch, seed, draw, parameters, states, inputs: new Map(Object.entries(columns)) });
}

function valuesOf(graph: Graph, given: Environment, single: boolean): (name: string) => HostTensor {
  const expanded = expandGradients(graph);
  verifyGraph(expanded);
  const values = single ? singleValues(expanded, given) : interpretNodes(expanded, given);
  return (name) => {
    const node = expanded.nodes.findLast(({ label }) => label === name);
    const value = node && values[node.id];
    if (!value) throw new Error(`nothing is called ${name}`);
    return value;
  };
}

/** Every value rounded to single precision: what kernels hold, apart from the order of sums. */
function singleValues(graph: Graph, given: Environment): HostTensor[] {
  const rounded = (...[node, values, around]: Parameters<typeof evaluateNode>): HostTensor => {
    const exact = evaluateNode(node, values, around, rounded);
    return exact.dtype === 'f32' ? { ...exact, data: exact.data.map(Math.fround) } : exact;
  };
  return interpretNodes(graph, given, rounded);
}

export function calculate(calculation: Calculation): Calculated {
  const made = elaborateText(sourceOf(calculation), calculation.options);
  const [step] = made.steps as [StepProgram];
  const given = environmentOf(calculation, made);
  const { single = false } = calculation;
  const found = {
    train: valuesOf(step.train, given, single),
    evaluate: valuesOf(step.evaluate, given, single),
  };
  return {
    program: made,
    get: (name, mode = 'train') => found[mode](name),
    list: (name, mode = 'train') => nested(found[mode](name)),
    after: (state) => interpret(expandGradients(step.train), given).get(state),
  };
}

/** The value of one expression, equal in training and evaluation. */
export function valueOf(expression: string, calculation: Omit<Calculation, 'body'> = {}): HostTensor {
  const { get } = calculate({ ...calculation, body: `    result = ${expression}` });
  const [trained, evaluated] = [get('result'), get('result', 'evaluate')];
  if (JSON.stringify([...trained.data]) !== JSON.stringify([...evaluated.data]))
    throw new Error(`${expression}: [${trained.data.join()}] in training, [${evaluated.data.join()}] after`);
  return trained;
}

/** Nested arrays of `valueOf`. */
export const listOf = (expression: string, calculation: Omit<Calculation, 'body'> = {}): Nested =>
  nested(valueOf(expression, calculation));

/** Derivatives of the scalar `loss` that the body binds, against differences. */
export function gradientsOf(
  calculation: Calculation,
  options: {
    orders?: 1 | 2;
    variables?: readonly string[];
    tolerance?: number;
    graph?: 'train' | 'evaluate';
  } = {},
): GradientReport[] {
  const made = elaborateText(sourceOf(calculation), calculation.options);
  const [step] = made.steps as [StepProgram];
  const { graph: mode = 'train', ...rest } = options;
  const given = environmentOf(calculation, made);
  return checkGradients({ graph: step[mode], output: 'loss', environment: given, ...rest });
}
