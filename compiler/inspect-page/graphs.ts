/**
 * The graphs of the routines: one picture of kernels each, and one of operators where they are few enough to be
 * looked at.
 */
import type { Node } from '../graph/ir.ts';
import { printType } from '../graph/print.ts';
import { tensorName } from '../host/report.ts';
import { graphPicture, type PictureBox, type PictureEdge } from './graph-picture.ts';
import { html, type Markup } from '../host/markup.ts';
import { bytes, section, valueName, type PageParts, type ShownDispatch, type ShownRoutine } from './parts.ts';

/** More operators than these make no picture that says anything. */
const MOST_OPERATORS = 300;

export function graphs({ routines, compilation }: PageParts): Markup {
  const { lowered } = compilation.stages;
  const shown = routines.map((routine, i) => {
    const nodes = lowered[i]!.optimized.nodes;
    const operators =
      nodes.length > MOST_OPERATORS
        ? html`<p class="note">
            The ${nodes.length} operators of this routine are too many for a picture; they stand in
            <a href="#stage-passes">the stage passes</a>.
          </p>`
        : html`<details>
            <summary>${nodes.length} operators, one box each but for numbers</summary>
            ${operatorPicture(nodes)}
          </details>`;
    return html`<details${i === 0 ? open : ''}><summary>${routine.name}: ${counted(routine.dispatches.length)}</summary>${kernelPicture(routine)}${operators}</details>`;
  });
  return section(
    'graph',
    'Graph',
    html`<p class="note">
        A line is a tensor in memory: forward runs down, backward runs up beside it.
        <span class="key forward">forward</span> <span class="key backward">backward</span>
        <span class="key update">update</span>
        <span class="key evaluate">evaluation</span>
      </p>
      ${shown}`,
  );
}

const open = html` open`;

const counted = (kernels: number): string => `${kernels} kernel${kernels === 1 ? '' : 's'}`;

const WIDEST_TITLE = 28;

const short = (text: string): string =>
  text.length > WIDEST_TITLE ? `${text.slice(0, WIDEST_TITLE - 1)}…` : text;

function kernelPicture(routine: ShownRoutine): Markup {
  const edges: PictureEdge[] = [];
  const inputs = new Map<string, number>();
  const boxes: PictureBox[] = [];
  const writers = new Map<string, number>();
  // What comes from outside and is no weight stands as a box of its own.
  for (const { name } of routine.planned.inputs) {
    inputs.set(name, boxes.length);
    writers.set(name, boxes.length);
    boxes.push({ title: name, phase: 'input', tip: `${name}: a field of the data` });
  }
  for (const dispatch of routine.dispatches) {
    const box = boxes.length;
    const { bindings } = dispatch.planned.kernel;
    bindings.forEach((binding, b) => {
      const name = tensorName(binding);
      const from = writers.get(name);
      if (!binding.reads || from === undefined || from === box) return;
      const value = binding.tensor.kind === 'value' ? valueName(routine, binding.tensor.value) : name;
      const size = bytes(dispatch.planned.ranges[b]!.bytes);
      if (!edges.some((edge) => edge.from === from && edge.to === box && edge.tip.startsWith(value)))
        edges.push({ from, to: box, tip: `${value}, ${size}` });
    });
    for (const binding of bindings) if (binding.writes) writers.set(tensorName(binding), box);
    boxes.push(kernelBox(dispatch));
  }
  return graphPicture(boxes, edges);
}

function kernelBox({ report }: ShownDispatch): PictureBox {
  const { id, name, kind, phase, ops, source, turns } = report;
  const lines = [...new Set(source.map(({ file, line }) => `${file}:${line}`))].join(', ');
  return {
    title: short(name),
    note: `${id} · ${kind} · ${bytes(report.bytes)}${turns ? ` · ${turns} turns` : ''}`,
    phase,
    tip: `${id} ${name}\n${ops.join(' ')}\n${lines}`,
    href: `#${id}`,
  };
}

/** All but numbers and what is made of numbers alone, which says little and is most of a graph. */
function drawnNodes(nodes: readonly Node[]): Node[] {
  const known = new Set<number>();
  for (const { id, op, inputs } of nodes) {
    if (op === 'constant' || (inputs.length > 0 && inputs.every((input) => known.has(input)))) known.add(id);
  }
  return nodes.filter(({ id }) => !known.has(id));
}

function operatorPicture(nodes: readonly Node[]): Markup {
  const drawn = drawnNodes(nodes);
  const boxOf = new Map(drawn.map(({ id }, i) => [id, i]));
  const boxes = drawn.map((node): PictureBox => ({
    title: short(titleOf(node)),
    note: short(printType(node.type)),
    phase: node.inputs.length === 0 ? 'input' : node.phase,
    tip: `%${node.id} ${titleOf(node)} ${printType(node.type)}\n${placeOf(node)}`,
    ...(node.source[0] ? { href: `#L${node.source[0].line}` } : {}),
  }));
  const edges = drawn.flatMap((node, to) =>
    node.inputs.flatMap((input): PictureEdge[] => {
      const from = boxOf.get(input);
      return from === undefined ? [] : [{ from, to, tip: printType(nodes[input]!.type) }];
    }),
  );
  return graphPicture(boxes, edges);
}

function titleOf(node: Node): string {
  if ('name' in node.attributes && typeof node.attributes.name === 'string') return node.attributes.name;
  return node.label === undefined ? node.op : `${node.op} ${node.label}`;
}

const placeOf = ({ source: [place] }: Node): string => (place ? `${place.file}:${place.line}` : '');
