/**
 * The text of every stage, for `inspect`. In: what the compilation kept. Out: text, stable to the byte.
 */
import type { Listing } from '../../runtime/plan-format.ts';
import type { Graph } from '../graph/ir.ts';
import { printGraph } from '../graph/print.ts';
import type { Kernel } from '../kernel/ir.ts';
import { printKernel } from '../kernel/print.ts';
import type { PlannedRoutine } from '../plan/build-routine.ts';
import { dispatchCommands } from './listing.ts';
import type { SourceFile } from '../syntax/ast.ts';
import { printAst } from '../syntax/print-ast.ts';
import { tensorName } from './report.ts';

export const STAGE_NAMES = [
  'ast',
  'graph',
  'backward',
  'passes',
  'kernels',
  'plan',
  'memory',
  'wgsl',
  'host',
] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** The forms one routine takes. */
export interface RoutineStages {
  name: string;
  elaborated: Graph;
  expanded: Graph;
  optimized: Graph;
  kernels: Kernel[];
}

export interface Stages {
  tree: SourceFile;
  lowered: readonly RoutineStages[];
  routines: readonly PlannedRoutine[];
  listing: Listing;
}

const section = (title: string, body: string): string => `== ${title}\n${body.trimEnd()}\n`;

function planText(routines: readonly PlannedRoutine[], listing: Listing): string {
  return routines
    .map((routine, r) => {
      const commands = dispatchCommands(listing.routines[r]!.commands);
      const lines = routine.dispatches.map((dispatch, d) => {
        const command = commands[d]!;
        const bindings = dispatch.ranges.map((range, i) => {
          const buffer = listing.buffers[range.buffer]!;
          const access = dispatch.access[i] === 'read' ? 'r ' : 'rw';
          return `    ${access} ${tensorName(dispatch.kernel.bindings[i]!)} = ${buffer.name}[${range.offset} +${range.bytes}]`;
        });
        const head = `${String(d).padStart(3)} ${listing.kernels[command.kernel]!.id} ${dispatch.kernel.name} <${command.groups.join(', ')}>`;
        const loops = routine.loops.filter(({ first, last }) => first <= d && d <= last);
        const text = [`${head}  # ${command.comment}`, ...bindings].map(
          (line) => '  '.repeat(loops.length) + line,
        );
        const begins = loops.flatMap(({ first, turns }, depth) =>
          first === d ? [`${'  '.repeat(depth)}loop of ${turns} turns`] : [],
        );
        return [...begins, ...text].join('\n');
      });
      return section(
        `${routine.name} (${routine.role}), ${routine.dispatches.length} dispatches`,
        lines.join('\n'),
      );
    })
    .join('\n');
}

function memoryText(routines: readonly PlannedRoutine[], listing: Listing): string {
  const buffers = listing.buffers.map((b) => `${b.name.padEnd(18)} ${String(b.bytes).padStart(12)} bytes`);
  const tables = routines.map((routine) => {
    const lines = routine.memory.values.map(
      (v) =>
        `v${String(v.value).padEnd(5)} pool ${v.pool} offset ${String(v.offset).padStart(10)} bytes ${String(v.bytes).padStart(10)} live ${v.first}..${v.last}`,
    );
    const sums = `naive ${routine.memory.naiveBytes}, planned ${routine.memory.pools.join(' + ')}, lower bound ${routine.memory.lowerBoundBytes}`;
    return section(routine.name, [...lines, sums].join('\n'));
  });
  return [section('buffers', buffers.join('\n')), ...tables].join('\n');
}

/** The listing without shaders, which have a stage of their own. */
function hostText(listing: Listing): string {
  const kernels = listing.kernels.map(({ code, ...rest }) => ({
    ...rest,
    code: `${code.length} characters`,
  }));
  return `${JSON.stringify({ ...listing, kernels }, null, 1)}\n`;
}

export function printStage(name: StageName, stages: Stages): string {
  const { lowered, routines, listing } = stages;
  const graphs = (pick: (r: RoutineStages) => Graph): string =>
    lowered.map((r) => section(r.name, printGraph(pick(r)))).join('\n');
  switch (name) {
    case 'ast':
      return printAst(stages.tree);
    case 'graph':
      return graphs((r) => r.elaborated);
    case 'backward':
      return graphs((r) => r.expanded);
    case 'passes':
      return graphs((r) => r.optimized);
    case 'kernels':
      return lowered.map((r) => section(r.name, r.kernels.map(printKernel).join('\n'))).join('\n');
    case 'plan':
      return planText(routines, listing);
    case 'memory':
      return memoryText(routines, listing);
    case 'wgsl':
      return listing.kernels.map((k) => section(`${k.id} ${k.name}`, k.code)).join('\n');
    case 'host':
      return hostText(listing);
    default:
      return name satisfies never;
  }
}
