/** The dispatches as a table whose rows open to what they bind and to their shader. */
import { html, type Markup } from '../host/markup.ts';
import {
  bytes,
  filters,
  grouped,
  section,
  type PageParts,
  type ShownDispatch,
  type ShownRoutine,
} from './parts.ts';

/** Operators named in a row; all of them stand behind it. */
const NAMED = 6;

export function kernels(parts: PageParts): Markup {
  const rows = parts.routines.flatMap((routine) =>
    routine.dispatches.map((dispatch) => row(parts, routine, dispatch)),
  );
  return section(
    'kernels',
    'Kernels',
    html`<p class="note">
        In the order they are dispatched, routine by routine. A row opens to its operators, its tensors and
        its shader.
      </p>
      ${filters('kernel-rows', {
        placeholder: 'filter: matmul, update, k12 …',
        label: 'filter kernels',
        rows: rows.length,
      })}
      <div class="rows head">
        <span>id</span><span>kernel</span><span>phase</span><span>kind</span><span>operators</span
        ><span>source</span><span class="number">groups</span><span class="number">flops</span
        ><span class="number">bytes</span>
      </div>
      <div id="kernel-rows">${rows}</div>`,
  );
}

function row(parts: PageParts, routine: ShownRoutine, { report, shader }: ShownDispatch): Markup {
  const { id, name, kind, phase, ops, dispatch, turns } = report;
  const more = ops.length > NAMED ? ` +${ops.length - NAMED}` : '';
  const repeated = turns === undefined ? '' : ` × ${turns}`;
  const groups = dispatch.join(' × ');
  return html`<details class="row" id="${id}">
    <summary class="rows">
      <span>${id}</span><span>${name}</span><span><span class="key ${phase}">${phase}</span></span
      ><span>${kind}</span><span class="ops">${ops.slice(0, NAMED).join(' ')}${more}</span
      ><span>${lines(parts, report)}</span><span class="number">${groups}${repeated}</span
      ><span class="number">${short(report.flops)}</span><span class="number">${bytes(report.bytes)}</span>
    </summary>
    <div class="inside">
      <p>
        ${routine.name}, workgroup ${report.workgroup.join(' × ')}, vectors of ${report.vector_width},
        ${grouped(report.flops)} flops, ${grouped(report.bytes)} bytes<br />operators: ${ops.join(' ')}
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>tensor</th>
              <th>buffer</th>
              <th class="number">offset</th>
              <th class="number">bytes</th>
              <th>access</th>
            </tr>
          </thead>
          <tbody>
            ${report.bindings.map(
              (b) =>
                html`<tr>
                  <td>${b.tensor}</td>
                  <td>${b.pool}</td>
                  <td class="number">${grouped(b.offset)}</td>
                  <td class="number">${grouped(b.bytes)}</td>
                  <td>${b.access}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <pre class="scroll" data-shader="shader-${shader}"><a href="#shader-${shader}">its shader</a></pre>
    </div>
  </details>`;
}

function lines({ file }: PageParts, { source }: ShownDispatch['report']): Markup[] {
  const own = [...new Set(source.filter((place) => place.file === file).map(({ line }) => line))];
  const other = [...new Set(source.filter((place) => place.file !== file).map((p) => `${p.file}:${p.line}`))];
  return [
    ...own.map((line) => html`<a href="#L${line}">${line}</a> `),
    ...other.map((text) => html`${text} `),
  ];
}

const short = (count: number): string =>
  count >= 1e9
    ? `${(count / 1e9).toFixed(1)} G`
    : count >= 1e6
      ? `${(count / 1e6).toFixed(1)} M`
      : grouped(count);
