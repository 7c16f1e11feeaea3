/**
 * What the page does by itself: filters, shaders copied to where they are looked at, names while pointing, and a
 * link that opens what it leads to. Plain text of JavaScript; it fetches nothing.
 */
export const SCRIPT = `
'use strict';
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

for (const filters of all('.filters')) {
  const [search] = all('[data-filter]', filters);
  const [group] = all('[data-groups]', filters);
  const rows = [...document.getElementById(search.dataset.filter).children];
  const words = rows.map((row) => (row.querySelector('summary') ?? row).textContent.toLowerCase());
  const apply = () => {
    const wanted = search.value.toLowerCase().split(/\\s+/);
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = wanted.every((word) => words[i].includes(word)) && (!group || !group.value || row.dataset.group === group.value);
      row.hidden = !fits;
      shown += Number(fits);
    });
    filters.querySelector('.count').textContent = shown === rows.length ? rows.length + ' rows' : shown + ' of ' + rows.length + ' rows';
  };
  search.addEventListener('input', apply);
  if (group) group.addEventListener('change', apply);
  apply();
}

for (const row of all('.row')) {
  const fill = () => {
    const place = row.querySelector('[data-shader]');
    if (!row.open || !place) return;
    place.textContent = document.getElementById(place.dataset.shader).textContent;
    place.removeAttribute('data-shader');
  };
  row.addEventListener('toggle', fill);
  fill();
}

const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  target.hidden = false;
  for (let each = target; each; each = each.parentElement) if (each.tagName === 'DETAILS') each.open = true;
  target.scrollIntoView();
};
addEventListener('hashchange', reveal);
reveal();

// A graph wider than its frame is first seen where it begins.
const begin = (root) => {
  for (const each of all('#graph .picture', root)) {
    const box = each.querySelector('rect');
    if (box) each.scrollLeft = box.x.baseVal.value + box.width.baseVal.value / 2 - each.clientWidth / 3;
  }
};
begin(document);
for (const details of all('#graph details')) details.addEventListener('toggle', () => begin(details));

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
