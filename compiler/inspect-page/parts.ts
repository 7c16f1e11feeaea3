/**
 * What the sections of the page are made from. In: a compilation. Out: its report, its stages, and what both say
 * of one dispatch put together.
 */
import type { Compilation, InspectReport } from '../index.ts';
import type { PlannedDispatch, PlannedRoutine } from '../plan/build-routine.ts';
import { html, type Content, type Markup } from '../host/markup.ts';

export type KernelReport = InspectReport['kernels'][number];

/** One dispatch of a routine. */
export interface ShownDispatch {
  readonly report: KernelReport;
  readonly planned: PlannedDispatch;
  /** Which of the page's shader texts it runs. */
  readonly shader: number;
}

export interface ShownRoutine {
  readonly name: string;
  readonly planned: PlannedRoutine;
  readonly dispatches: readonly ShownDispatch[];
  /** Number of its first dispatch among those of all routines. */
  readonly first: number;
}

export interface PageParts {
  readonly file: string;
  readonly text: string;
  readonly compilation: Compilation;
  readonly report: InspectReport;
  readonly routines: readonly ShownRoutine[];
  /** Each shader once. */
  readonly shaders: readonly { readonly names: readonly string[]; readonly code: string }[];
}

export function pageParts(file: string, text: string, compilation: Compilation): PageParts {
  const report = compilation.report();
  const shaders = new Map<string, { number: number; names: Set<string> }>();
  const shaderOf = ({ wgsl, name }: KernelReport): number => {
    const known = shaders.get(wgsl) ?? { number: shaders.size, names: new Set() };
    shaders.set(wgsl, known);
    known.names.add(name);
    return known.number;
  };
  let first = 0;
  const routines = compilation.stages.routines.map((planned): ShownRoutine => {
    const dispatches = planned.dispatches.map((dispatch, i): ShownDispatch => {
      const kernel = report.kernels[first + i]!;
      return { report: kernel, planned: dispatch, shader: shaderOf(kernel) };
    });
    const shown = { name: planned.name, planned, dispatches, first };
    first += dispatches.length;
    return shown;
  });
  return {
    file,
    text,
    compilation,
    report,
    routines,
    shaders: [...shaders].map(([code, { names }]) => ({ names: [...names], code })),
  };
}

/** A value of a routine for readers: the name the program gives it, else what computes it. */
export function valueName({ planned }: ShownRoutine, value: number): string {
  const node = planned.graph.nodes[value];
  if (!node) return `v${value}`;
  return node.label === undefined ? `${node.op} v${value}` : `${node.label} (${node.op} v${value})`;
}

export const bytes = (count: number): string => {
  const units = ['B', 'kB', 'MB', 'GB'];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
};

/** `1,234,567` */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** Finds rows of the element `id` by what stands in them. `more`: further ways to choose. */
export const filters = (
  id: string,
  { placeholder, label, rows }: { placeholder: string; label: string; rows: number },
  more: Content = '',
): Markup =>
  html`<div class="filters">
    <input type="search" placeholder="${placeholder}" aria-label="${label}" data-filter="${id}" />${more}<span
      class="count"
      >${rows} rows</span
    >
  </div>`;

export const section = (id: string, title: string, content: Content): Markup =>
  html`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section>`;
