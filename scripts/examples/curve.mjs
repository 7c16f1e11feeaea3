/** The curve of a training as a small picture that goes with light and dark pages. In: points. Out: SVG. */
import { short } from './judge.mjs';

const WIDTH = 240;
const HEIGHT = 90;
/** Of the plot: room for the numbers beside it. */
const PLOT = { left: 44, right: WIDTH - 4, top: 6, bottom: HEIGHT - 16 };
/** Losses that fall below this share of where they began are drawn by their logarithms. */
const WIDE = 0.02;

const between = (low, high, share) => (low + (high - low) * share).toFixed(1);

/** `points`: [step, value]; `what`: of what, for the title. */
export function curve(points, what = 'loss') {
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const logarithmic = low > 0 && low < WIDE * high;
  const scale = logarithmic ? Math.log : (value) => value;
  const share = (value) => (high === low ? 0.5 : (scale(high) - scale(value)) / (scale(high) - scale(low)));
  const last = points.at(-1)?.[0] ?? 1;
  const place = ([step, value]) =>
    `${between(PLOT.left, PLOT.right, step / last)},${between(PLOT.top, PLOT.bottom, share(value))}`;
  const axes = `M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}`;
  const label = (x, y, anchor, text) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<title>${what} by step, from ${short(values[0] ?? 0)} to ${short(values.at(-1) ?? 0)}</title>`,
    `<path d="${axes}" fill="none" stroke="#888" stroke-width="1"/>`,
    '<g font-family="sans-serif" font-size="10" fill="#888">',
    label(PLOT.left - 4, PLOT.top + 6, 'end', brief(high)),
    label(PLOT.left - 4, PLOT.bottom, 'end', brief(low)),
    label(PLOT.left, HEIGHT - 4, 'start', logarithmic ? `${what}, logarithmic` : what),
    label(PLOT.right, HEIGHT - 4, 'end', `step ${last.toLocaleString('en')}`),
    '</g>',
    `<polyline fill="none" stroke="#3b82c4" stroke-width="1.5" points="${points.map(place).join(' ')}"/>`,
    '</svg>\n',
  ].join('\n');
}

/** Two digits that count, few characters. */
const brief = (value) =>
  value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(2)));
