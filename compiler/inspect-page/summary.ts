/** The figures at the top of the page. */
import { html, type Markup } from '../host/markup.ts';
import { bytes, grouped, section, type PageParts } from './parts.ts';

interface Figure {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export function summary({ compilation, report, routines }: PageParts): Markup {
  const training = routines.filter(({ planned: { role } }) =>
    ['gradient', 'accumulate', 'update'].includes(role),
  );
  const dispatches = training.flatMap((routine) => routine.dispatches);
  const moved = dispatches.reduce((sum, dispatch) => sum + dispatch.report.bytes, 0);
  const { graph, memory, unfused } = report;
  const all = memory.pools.reduce((sum, pool) => sum + pool.bytes, 0);
  const figures: Figure[] = [
    {
      label: 'parameters',
      value: grouped(report.parameters),
      note: `${compilation.program.parameters.length} tensors`,
    },
    {
      label: 'operators',
      value: grouped(graph.forward + graph.backward + graph.update),
      note: `${graph.forward} forward, ${graph.backward} backward, ${graph.update} update`,
    },
    {
      label: 'dispatches in a round of the steps',
      value: grouped(dispatches.length),
      note: `${grouped(unfused.kernels)} without fusion${times(unfused.kernels, dispatches.length)}`,
    },
    {
      label: 'memory traffic in a round',
      value: bytes(moved),
      note: `${bytes(unfused.bytes)} without fusion${times(unfused.bytes, moved)}`,
    },
    {
      label: 'memory of intermediates',
      value: bytes(memory.planned_bytes),
      note: `${bytes(memory.naive_bytes)} naive, at least ${bytes(memory.lower_bound_bytes)}`,
    },
    { label: 'memory of all buffers', value: bytes(all), note: `${memory.pools.length} buffers` },
  ];
  return section(
    'summary',
    'Summary',
    html`<dl class="figures">
      ${figures.map(
        ({ label, value, note }) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
            <dd class="note">${note}</dd>
          </div>`,
      )}
    </dl>`,
  );
}

/** How many times more; nothing where there is nothing to compare. */
const times = (before: number, now: number): string =>
  now > 0 && before > 0 ? ` (${(before / now).toFixed(1)} times)` : '';
