/**
 * A chart of the loss. In: losses by step, as they come. Out: a drawing that fits its canvas, in the page's colours,
 * at most once a frame. Holds: however long the run is, few points are kept; neighbours are put together.
 */
import { formatNumber } from '../../report/format.ts';

interface Point {
  step: number;
  /** Mean of `count` losses. */
  loss: number;
  count: number;
}

const MOST_POINTS = 1000;
const MARGIN = { left: 60, right: 8, top: 8, bottom: 22 };

export class LossChart {
  readonly #canvas: HTMLCanvasElement;
  #points: Point[] = [];
  /** Losses in one point. */
  #group = 1;
  #scheduled = false;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#schedule()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#schedule());
  }

  clear(): void {
    this.#points = [];
    this.#group = 1;
    this.#schedule();
  }

  add(losses: readonly (readonly [step: number, loss: number])[]): void {
    for (const [step, loss] of losses) {
      if (!Number.isFinite(loss)) continue;
      const last = this.#points.at(-1);
      if (last && last.count < this.#group) {
        last.count += 1;
        last.loss += (loss - last.loss) / last.count;
        last.step = step;
      } else this.#points.push({ step, loss, count: 1 });
    }
    if (this.#points.length > MOST_POINTS) this.#merge();
    this.#schedule();
  }

  #merge(): void {
    this.#group *= 2;
    this.#points = this.#points.flatMap((point, i, all) => {
      if (i % 2 === 1) return [];
      const next = all[i + 1];
      if (next === undefined) return [point];
      const count = point.count + next.count;
      return [{ step: next.step, loss: (point.loss * point.count + next.loss * next.count) / count, count }];
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const colour = (name: string): string => style.getPropertyValue(name);
    context.font = `12px ${style.fontFamily}`;
    const points = this.#points;
    const last = points.at(-1);
    this.#canvas.setAttribute(
      'aria-label',
      last === undefined ? 'No step yet' : `Loss ${formatNumber(last.loss)} at step ${last.step}`,
    );
    if (last === undefined) {
      context.fillStyle = colour('--quiet');
      context.textAlign = 'center';
      context.fillText('No step yet', width / 2, height / 2);
      return;
    }
    const low = points.reduce((least, { loss }) => Math.min(least, loss), Infinity);
    const high = points.reduce((most, { loss }) => Math.max(most, loss), -Infinity);
    const span = high - low || 1;
    const x = (step: number): number =>
      MARGIN.left + ((width - MARGIN.left - MARGIN.right) * step) / Math.max(1, last.step);
    const y = (loss: number): number =>
      height - MARGIN.bottom - ((height - MARGIN.top - MARGIN.bottom) * (loss - low)) / span;
    context.strokeStyle = colour('--line');
    context.fillStyle = colour('--quiet');
    context.textBaseline = 'middle';
    for (let line = 0; line <= 4; line += 1) {
      const loss = low + (span * line) / 4;
      context.textAlign = 'right';
      context.fillText(formatNumber(loss), MARGIN.left - 6, y(loss));
      context.beginPath();
      context.moveTo(MARGIN.left, y(loss));
      context.lineTo(width - MARGIN.right, y(loss));
      context.stroke();
    }
    context.fillText(`step ${last.step}`, width - MARGIN.right, height - 8);
    context.strokeStyle = colour('--accent');
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.beginPath();
    for (const { step, loss } of points) context.lineTo(x(step), y(loss));
    context.stroke();
  }
}
