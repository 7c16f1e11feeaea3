/**
 * The listing: what a compilation ends in. In: the program, planned routines, places. Out: plain JSON that
 * `Program` of the runtime executes and `netc compile` will print. Nothing is decided here.
 */
import type {
  Command,
  DispatchCommand,
  Listing,
  Routine,
  ScalarSpec,
  StepListing,
} from '../../runtime/plan-format.ts';
import type { TargetProfile } from '../kernel/profile.ts';
import { lossScaleOf } from '../optimizer/loss-scale.ts';
import type { PlannedDispatch, PlannedRoutine } from '../plan/build-routine.ts';
import type { StoredTensors } from '../plan/place-tensors.ts';
import type { Places } from '../plan/places.ts';
import type { Program } from '../semantics/program.ts';
import { buildCpuPlan, type CpuPlan } from '../targets/wasm/program.ts';
import { describeKernel, ShaderTable } from './shaders.ts';

/** u32 seed, draw, batch and a spare word; see UniformSpec. */
const UNIFORM_HEAD = 16;

export interface ListingParts {
  program: Program;
  /** Whether the models' own routines are among `routines`. */
  predictions: boolean;
  routines: readonly PlannedRoutine[];
  places: Places;
  stored: StoredTensors;
  scalars: readonly ScalarSpec[];
  profile: TargetProfile;
}

function stepListings(program: Program, routines: readonly PlannedRoutine[]): StepListing[] {
  return program.steps.map((step, s): StepListing => {
    const find = (role: PlannedRoutine['role'], averages = false): number | undefined => {
      const index = routines.findIndex(
        (r) => r.role === role && r.step === step.name && (r.averages ?? false) === averages,
      );
      return index < 0 ? undefined : index;
    };
    const [accumulate, update] = [find('accumulate'), find('update')];
    const evaluateAverages = find('evaluate', true);
    return {
      ...(step.name === undefined ? {} : { name: step.name }),
      times: step.times,
      gradient: find('gradient')!,
      ...(accumulate === undefined ? {} : { accumulate }),
      ...(update === undefined ? {} : { update }),
      evaluate: find('evaluate')!,
      ...(evaluateAverages === undefined ? {} : { evaluateAverages }),
      ...(update !== undefined && program.precision === 'f16' ? { lossScale: lossScaleOf(s) } : {}),
      metrics: step.metrics,
    };
  });
}

/** The code of a listing, for WebGPU or the CPU: its kernels, and which of them each dispatch runs. */
interface ListedCode {
  features: string[];
  kernels: Listing['kernels'];
  cpu?: Listing['cpu'];
  /** By routine, then by dispatch. */
  dispatches: CpuPlan['dispatches'];
}

function listCode(parts: ListingParts, uniformBytes: number): ListedCode {
  const { routines, places, profile } = parts;
  const scalars = parts.scalars.map((scalar) => scalar.name);
  if (profile.deviceClass === 'cpu') {
    const { buffers } = places;
    const { relaxedSimd: relaxed } = profile;
    const plan = buildCpuPlan({ routines, buffers, scalars, uniformBytes, relaxed });
    return { kernels: plan.kernels, features: [], cpu: plan.module, dispatches: plan.dispatches };
  }
  const shaders = new ShaderTable(scalars, profile);
  const dispatches = routines.map((routine) =>
    routine.dispatches.map((dispatch) => shaders.print(routine, dispatch)),
  );
  return { kernels: shaders.kernels, features: [...shaders.features].sort(), dispatches };
}

/** The commands of a routine's dispatches, those of a loop put together. */
function inLoops(
  { dispatches, loops }: PlannedRoutine,
  print: (dispatch: PlannedDispatch, at: number) => DispatchCommand,
): Command[] {
  const commands: Command[] = [];
  const open: { body: Command[]; last: number }[] = [{ body: commands, last: Infinity }];
  dispatches.forEach((dispatch, at) => {
    for (const { first, last, turns } of loops) {
      if (first !== at) continue;
      const body: Command[] = [];
      open.at(-1)?.body.push({ kind: 'loop', count: turns, body });
      open.push({ body, last });
    }
    open.at(-1)?.body.push(print(dispatch, at));
    while ((open.at(-1)?.last ?? Infinity) <= at) open.pop();
  });
  return commands;
}

/** The dispatches of a routine in order, each once. */
export const dispatchCommands = (commands: readonly Command[]): DispatchCommand[] =>
  commands.flatMap((command) => (command.kind === 'loop' ? dispatchCommands(command.body) : [command]));

export function buildListing(parts: ListingParts): Listing {
  const { program, places, stored } = parts;
  const uniformBytes = Math.ceil((UNIFORM_HEAD + 4 * parts.scalars.length) / 16) * 16;
  const { kernels, features, cpu, dispatches } = listCode(parts, uniformBytes);
  const routines = parts.routines.map((routine, r): Routine => ({
    name: routine.name,
    batch: routine.batch,
    dynamicBatch: routine.dynamicBatch,
    ...(routine.fixedBy === undefined ? {} : { fixedBy: routine.fixedBy }),
    inputs: routine.inputs,
    commands: inLoops(routine, (dispatch, d): DispatchCommand => {
      const { kernel, groups } = dispatches[r]![d]!;
      return {
        kind: 'dispatch',
        kernel,
        groups,
        bindings: dispatch.ranges,
        comment: describeKernel(dispatch),
      };
    }),
    outputs: routine.outputs,
  }));
  const byName = new Map(program.parameters.map((parameter) => [parameter.name, parameter]));
  const initializers = new Map(program.states.map((state) => [state.name, state.initializer]));
  return {
    format: 1,
    program: program.name,
    source: program.source,
    ...(program.constants ? { constants: program.constants } : {}),
    buffers: places.buffers,
    kernels,
    ...(features.length > 0 ? { features } : {}),
    ...(cpu === undefined ? {} : { cpu }),
    routines,
    uniform: {
      bytes: uniformBytes,
      scalars: [...parts.scalars],
    },
    parameters: stored.parameters.map((tensor) => {
      const { initializer, span } = byName.get(tensor.name)!;
      return { ...tensor, initializer, span };
    }),
    states: stored.states.map((tensor) => ({ ...tensor, initializer: initializers.get(tensor.name)! })),
    optimizer: stored.optimizer,
    ...(stored.averages ? { averages: stored.averages } : {}),
    steps: stepListings(program, parts.routines),
    models: (parts.predictions ? program.models : []).map(({ name }) => {
      const find = (role: 'predict' | 'prepare'): number =>
        parts.routines.findIndex((r) => r.role === role && r.name === `${name}.${role}`);
      const prepare = find('prepare');
      return { name, predict: find('predict'), ...(prepare < 0 ? {} : { prepare }) };
    }),
    ...(program.data ? { data: program.data } : {}),
    ...(program.statistics
      ? {
          standardize: {
            routine: parts.routines.findIndex(({ role }) => role === 'statistics'),
            tensors: program.statistics.tensors,
          },
        }
      : {}),
    ...(program.training ? { training: program.training } : {}),
  };
}
