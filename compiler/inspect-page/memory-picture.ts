/**
 * The memory plan as a picture: the number of the dispatch to the right, the offset in the pool upwards, a
 * rectangle a tensor.
 */
import { html, type Markup } from '../host/markup.ts';
import { bytes, section, valueName, type PageParts, type ShownRoutine } from './parts.ts';

const HEIGHT = 220;
/** Of the names of the routines below, in two lines. */
const [LINE, BELOW] = [12, 28];
/** Pixels a dispatch is wide at least, and a picture at most where they are many. */
const [NARROWEST, WIDEST] = [4, 2400];

export function memoryPicture({ report, routines, compilation }: PageParts): Markup {
  const { memory } = report;
  const activations = compilation.listing.buffers.filter(({ role }) => role === 'activations');
  const figures = [
    ['naive', memory.naive_bytes, 'every intermediate in a place of its own'],
    ['planned', memory.planned_bytes, 'what the pools take'],
    ['lower bound', memory.lower_bound_bytes, 'the most that is live at any kernel'],
  ] as const;
  const most = Math.max(1, ...figures.map(([, size]) => size));
  const bars = figures.map(
    ([name, size, note]) =>
      html`<div class="bar" data-tip="${note}">
        <span>${name}</span
        ><span class="track"><span style="width:${((100 * size) / most).toFixed(1)}%"></span></span
        ><span class="number">${bytes(size)}</span>
      </div>`,
  );
  const pools = activations.map((pool, i) => poolPicture(pool.name, pool.bytes, i, routines));
  const buffers = memory.pools.map(
    ({ name, bytes: size }) =>
      html`<tr>
        <td>${name}</td>
        <td class="number">${bytes(size)}</td>
      </tr>`,
  );
  return section(
    'memory',
    'Memory',
    html`<div class="bars">${bars}</div>
      <p class="note">
        A rectangle is a tensor: from the dispatch that makes it to the last one that reads it, and as high as
        it is large. Point at it for its name.
      </p>
      ${pools}
      <details>
        <summary>${memory.pools.length} buffers</summary>
        <table>
          <tbody>
            ${buffers}
          </tbody>
        </table>
      </details>`,
  );
}

function poolPicture(name: string, size: number, pool: number, routines: readonly ShownRoutine[]): Markup {
  const last = routines.at(-1);
  const count = last ? last.first + last.dispatches.length : 0;
  if (count === 0 || size === 0) return html`<p class="note">${name} is empty.</p>`;
  const step = Math.max(NARROWEST, Math.min(24, WIDEST / count, 960 / count));
  const width = Math.ceil(step * count);
  const tensors = routines.flatMap((routine) =>
    routine.planned.memory.values
      .filter((value) => value.pool === pool)
      .map((value) => {
        const phase = routine.dispatches[value.first]?.report.phase ?? 'forward';
        const place = {
          x: (routine.first + value.first) * step,
          y: HEIGHT * (1 - (value.offset + value.bytes) / size),
          width: (value.last - value.first + 1) * step,
          height: (HEIGHT * value.bytes) / size,
        };
        const tip = `${valueName(routine, value.value)}\n${routine.name}, ${bytes(value.bytes)} at ${value.offset}, dispatches ${value.first} to ${value.last}`;
        return html`<rect
          class="${phase}"
          x="${two(place.x)}"
          y="${two(place.y)}"
          width="${two(place.width)}"
          height="${two(Math.max(1, place.height))}"
          data-tip="${tip}"
        />`;
      }),
  );
  // Names on two lines in turn: a routine of one dispatch has no room for its own.
  const borders = routines.map(({ first, name: routine }, i) => {
    const x = two(first * step);
    const line = HEIGHT + LINE * (1 + (i % 2));
    return html`<path class="border" d="M${x} 0V${line}" /><text x="${two(first * step + 3)}" y="${line}"
        >${routine}</text
      >`;
  });
  return html`<h3>${name}, ${bytes(size)}</h3>
    <div class="scroll picture">
      <svg
        class="memory"
        width="${width}"
        height="${HEIGHT + BELOW}"
        viewBox="0 0 ${width} ${HEIGHT + BELOW}"
      >
        <rect class="ground" width="${width}" height="${HEIGHT}" />
        ${tensors}${borders}
      </svg>
    </div>`;
}

const two = (value: number): string => String(Math.round(value * 100) / 100);
