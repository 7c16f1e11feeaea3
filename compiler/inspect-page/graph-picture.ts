/**
 * A graph as a picture: boxes in layers, coloured by phase, backward beside forward. In: boxes with their words, and
 * edges. Out: an SVG that needs nothing around it but the page's colours.
 */
import type { LayoutEdge, Point } from './layered-layout.ts';
import { html, type Markup } from '../host/markup.ts';
import { twoColumns } from './two-columns.ts';

export interface PictureBox {
  readonly title: string;
  readonly note?: string;
  readonly phase: string;
  /** What is shown while pointing at it. */
  readonly tip: string;
  readonly href?: string;
}

export interface PictureEdge extends LayoutEdge {
  readonly tip: string;
}

const MARGIN = 8;
/** Of a character at 11 and at 9 pixels. */
const TITLE_ADVANCE = 6.7;
const NOTE_ADVANCE = 5.5;

export function graphPicture(boxes: readonly PictureBox[], edges: readonly PictureEdge[]): Markup {
  const sizes = boxes.map(({ title, note = '' }) => ({
    width: Math.ceil(Math.max(title.length * TITLE_ADVANCE, note.length * NOTE_ADVANCE) + 14),
    height: note === '' ? 20 : 32,
  }));
  const layout = twoColumns(sizes, edges, (box) => boxes[box]!.phase === 'backward');
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const lines = edges.map(
    ({ from, tip }, i) =>
      html`<path class="${boxes[from]!.phase}" d="${curve(layout.edges[i]!)}" data-tip="${tip}" />`,
  );
  const drawn = boxes.map((box, i) => {
    const { x, y } = layout.boxes[i]!;
    const { width, height } = sizes[i]!;
    const at = (dx: number, dy: number): Markup =>
      html`x="${round(x + MARGIN + dx)}" y="${round(y + MARGIN + dy)}"`;
    const note = box.note ? html`<text class="small" ${at(width / 2, 26)}>${box.note}</text>` : '';
    const shape = html`<g class="${box.phase}" data-tip="${box.tip}"
      ><rect ${at(0, 0)} width="${width}" height="${height}" rx="4" /><text ${at(width / 2, 14)}
        >${box.title}</text
      >${note}</g
    >`;
    return box.href === undefined ? shape : html`<a href="${box.href}">${shape}</a>`;
  });
  return html`<div class="scroll picture">
    <svg class="graph" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
      ${lines}${drawn}
    </svg>
  </div>`;
}

const round = (value: number): number => Math.round(value);

/** Through all points, upright at each; across, level at both ends. */
function curve({ points, across }: { points: readonly Point[]; across: boolean }): string {
  const at = ({ x, y }: Point): string => `${round(x + MARGIN)} ${round(y + MARGIN)}`;
  const [from, to] = points;
  if (across && from && to) {
    const half = (from.x + to.x) / 2;
    return `M${at(from)}C${at({ x: half, y: from.y })} ${at({ x: half, y: to.y })} ${at(to)}`;
  }
  return points
    .map((point, i) => {
      const before = points[i - 1];
      if (!before) return `M${at(point)}`;
      if (round(before.x) === round(point.x)) return `L${at(point)}`;
      const half = (before.y + point.y) / 2;
      return `C${at({ x: before.x, y: half })} ${at({ x: point.x, y: half })} ${at(point)}`;
    })
    .join('');
}
