/** Every pair that the fuser looked at, with its reason. Those that stay apart come first. */
import { html, type Content, type Markup } from '../host/markup.ts';
import { filters, section, valueName, type PageParts, type ShownRoutine } from './parts.ts';

export function fusion({ compilation, routines }: PageParts): Markup {
  const { lowered } = compilation.stages;
  const decisions = routines.flatMap((routine, i) =>
    lowered[i]!.decisions.map((decision) => ({ ...decision, routine })),
  );
  if (decisions.length === 0) return section('fusion', 'Fusion', html`<p>Nothing was to be fused.</p>`);
  const apart = decisions.filter(({ fused }) => !fused);
  const together = decisions.filter(({ fused }) => fused);
  const reasons = new Map<string, number>();
  for (const { reason } of [...apart, ...together]) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const rows = [...apart, ...together].map(
    ({ routine, fused, producer, consumer, reason }) =>
      html`<tr data-group="${reason}">
        <td>${fused ? 'fused' : 'apart'}</td>
        <td>${routine.name}</td>
        <td>${value(routine, producer)}</td>
        <td>${value(routine, consumer)}</td>
        <td>${reason}</td>
      </tr>`,
  );
  return section(
    'fusion',
    'Fusion',
    html`<p class="note">
        ${together.length} pairs of a producer and a consumer became one kernel, ${apart.length} stay apart.
      </p>
      ${filters(
        'fusion-rows',
        {
          placeholder: 'filter: apart, logits, bindings …',
          label: 'filter decisions',
          rows: decisions.length,
        },
        html`<select aria-label="reason" data-groups="fusion-rows">
          <option value="">every reason</option>
          ${[...reasons].map(
            ([reason, count]) => html`<option value="${reason}">${reason} (${count})</option>`,
          )}
        </select>`,
      )}
      <div class="scroll tall">
        <table>
          <thead>
            <tr>
              <th></th>
              <th>routine</th>
              <th>producer</th>
              <th>consumer</th>
              <th>reason</th>
            </tr>
          </thead>
          <tbody id="fusion-rows">
            ${rows}
          </tbody>
        </table>
      </div>`,
  );
}

/** A value with the line of the program it comes from. */
function value(routine: ShownRoutine, id: number): Content {
  const place = routine.planned.graph.nodes[id]?.source[0];
  const line = place ? html` <a href="#L${place.line}">${place.line}</a>` : '';
  return [valueName(routine, id), line];
}
