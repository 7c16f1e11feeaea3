/** The page's elements by their ids, and small things done to them. */

/** The element of this id; it is part of the page. */
export function element<E extends HTMLElement>(id: string, kind: abstract new (...args: never[]) => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`internal: the page has no ${id}`);
}

/** Names and values, in the order in which they first came; what is there already is only changed. */
export function showFigures(figures: ReadonlyMap<string, string>): void {
  const list = element('figures', HTMLElement);
  const known = new Map(
    [...list.children].map((entry) => [(entry as HTMLElement).dataset['name'] ?? '', entry]),
  );
  for (const [name, entry] of known) if (!figures.has(name)) entry.remove();
  for (const [name, value] of figures) {
    const entry = known.get(name) ?? list.appendChild(newFigure(name));
    const place = entry.querySelector('dd');
    if (place && place.textContent !== value) place.textContent = value;
  }
}

function newFigure(name: string): HTMLElement {
  const entry = document.createElement('div');
  entry.dataset['name'] = name;
  const term = document.createElement('dt');
  term.textContent = name;
  entry.append(term, document.createElement('dd'));
  return entry;
}

/** Lets the browser save bytes under a name. */
export function saveFile(name: string, bytes: Uint8Array): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
