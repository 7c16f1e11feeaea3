/**
 * What the page does by itself: filters, shaders copied to where they are looked at, names while pointing, and a
 * link that opens what it leads to. Plain text of JavaScript; it fetches nothing. It listens at the document, so that
 * sections may come and go; an event `reveal` of the document shows the element whose id is its detail.
 */
export const SCRIPT = `
'use strict';
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const wordsOf = new WeakMap();
const rowWords = (row) => {
  if (!wordsOf.has(row)) wordsOf.set(row, (row.querySelector('summary') ?? row).textContent.toLowerCase());
  return wordsOf.get(row);
};
const filter = ({ target }) => {
  const filters = target.closest('.filters');
  if (!filters) return;
  const [search] = all('[data-filter]', filters);
  const [group] = all('[data-groups]', filters);
  const rows = [...document.getElementById(search.dataset.filter).children];
  const wanted = search.value.toLowerCase().split(/\\s+/);
  let shown = 0;
  for (const row of rows) {
    const fits = wanted.every((word) => rowWords(row).includes(word)) && (!group || !group.value || row.dataset.group === group.value);
    row.hidden = !fits;
    shown += Number(fits);
  }
  filters.querySelector('.count').textContent = shown === rows.length ? rows.length + ' rows' : shown + ' of ' + rows.length + ' rows';
};
document.addEventListener('input', filter);
document.addEventListener('change', filter);

const fill = (row) => {
  const place = row.querySelector('[data-shader]');
  const shader = row.open && place && document.getElementById(place.dataset.shader);
  if (!shader) return;
  place.textContent = shader.textContent;
  place.removeAttribute('data-shader');
};

// A graph wider than its frame is first seen where it begins.
const begin = (root) => {
  for (const each of all('#graph .picture', root)) {
    const box = each.querySelector('rect');
    if (box) each.scrollLeft = box.x.baseVal.value + box.width.baseVal.value / 2 - each.clientWidth / 3;
  }
};
begin(document);
document.addEventListener('toggle', ({ target }) => {
  if (target.matches('.row')) fill(target);
  if (target.closest('#graph')) begin(target);
}, true);

const reveal = (id) => {
  const target = id !== '' && document.getElementById(id);
  if (!target) return;
  target.hidden = false;
  for (let each = target; each; each = each.parentElement) if (each.tagName === 'DETAILS') each.open = true;
  target.scrollIntoView();
};
const revealAddress = () => reveal(location.hash.slice(1));
document.addEventListener('reveal', ({ detail }) => reveal(detail));
addEventListener('hashchange', revealAddress);
revealAddress();

const tip = document.getElementById('tip');
const point = (event) => {
  const over = event.target.closest && event.target.closest('[data-tip]');
  tip.hidden = !over;
  if (!over) return;
  tip.textContent = over.dataset.tip;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 12, innerWidth - box.width - 4)) + 'px';
  tip.style.top = (event.clientY + box.height + 20 > innerHeight ? event.clientY - box.height - 8 : event.clientY + 16) + 'px';
};
addEventListener('pointermove', point);
addEventListener('pointerdown', point);
addEventListener('scroll', () => (tip.hidden = true), true);
`;
