/** The table of evaluations, the newest above. */
import { formatNumber } from '../../report/format.ts';
import type { EvaluationEvent } from '../../train/events.ts';
import { element } from './elements.ts';

const PLACE = new Set(['event', 'step', 'epoch', 'name', 'split']);
/** Rows that are kept. */
const MOST = 200;

export function clearEvaluations(): void {
  element('table', HTMLElement).replaceChildren();
  element('evaluations', HTMLElement).hidden = true;
}

export function addEvaluation(event: EvaluationEvent): void {
  const table = element('table', HTMLTableElement);
  const values = Object.entries(event).filter(([name]) => !PLACE.has(name));
  if (table.rows.length === 0) {
    const head = table.createTHead().insertRow();
    for (const name of ['step', 'split', ...values.map(([metric]) => metric)]) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = name;
      head.append(cell);
    }
    table.createTBody();
  }
  const body = table.tBodies[0];
  if (body === undefined) return;
  const row = body.insertRow(0);
  const split = event.name === undefined ? event.split : `${event.split} ${event.name}`;
  const cells = values.map(([, value]) => (typeof value === 'number' ? formatNumber(value) : String(value)));
  for (const text of [String(event.step), split, ...cells]) row.insertCell().textContent = text;
  while (body.rows.length > MOST) body.deleteRow(-1);
  element('evaluations', HTMLElement).hidden = false;
}
