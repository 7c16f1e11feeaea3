/**
 * The panels of views that the compiler's worker prints. In: which one is looked at, when there is a new compilation.
 * Out: what is to be printed, and it shown. What is not looked at is not printed. Folds and places stay as they were.
 */
import { PRINTED_VIEWS, type PrintedView } from '../messages.ts';
import { element } from '../../../runtime/browser/page/elements.ts';

/** Whose parts are looked at in others: a row of the kernels takes its shader from there. */
const NEEDED: Readonly<Partial<Record<PrintedView, PrintedView>>> = { kernels: 'wgsl' };

/** Where elements with ids of these beginnings are. */
const PLACES: readonly [RegExp, PrintedView][] = [
  [/^k\d+$/, 'kernels'],
  [/^shader-/, 'wgsl'],
  [/^stage-/, 'stages'],
];

const panelOf = (view: PrintedView): HTMLElement => element(`view-${view}`, HTMLElement);
const isPrinted = (view: string): view is PrintedView => PRINTED_VIEWS.some((known) => known === view);

export class ViewPanels {
  readonly #print: (view: PrintedView) => void;
  /** Views that show the newest compilation, or are about to. */
  readonly #fresh = new Set<PrintedView>();
  /** An element to be shown once it is there. */
  #wanted: string | undefined;

  constructor(print: (view: PrintedView) => void) {
    this.#print = print;
  }

  /** There is a newer compilation. */
  renew(looking: string): void {
    this.#fresh.clear();
    this.look(looking);
  }

  /** The view of this name is looked at. */
  look(name: string): void {
    if (!isPrinted(name)) return;
    for (const view of [NEEDED[name], name]) {
      if (view === undefined || this.#fresh.has(view)) continue;
      this.#fresh.add(view);
      this.#print(view);
    }
  }

  printed(view: PrintedView, markup: string): void {
    const panel = panelOf(view);
    const folds = [...panel.querySelectorAll('details')].map(({ open }) => open);
    const top = panel.scrollTop;
    // Markup of `inspect-page/markup.ts`, which escapes whatever comes from the program.
    panel.innerHTML = markup;
    const details = [...panel.querySelectorAll('details')];
    if (details.length === folds.length) details.forEach((each, i) => (each.open = folds[i] ?? false));
    panel.scrollTop = top;
    if (this.#wanted !== undefined) this.reveal(this.#wanted);
  }

  /** The view that has the element of this id. */
  placeOf(id: string): PrintedView | undefined {
    return PLACES.find(([pattern]) => pattern.test(id))?.[1];
  }

  /** Shows an element of a view, now or when it has been printed. */
  reveal(id: string): void {
    this.#wanted = document.getElementById(id) ? undefined : id;
    if (this.#wanted === undefined) document.dispatchEvent(new CustomEvent('reveal', { detail: id }));
  }

  /** Marks the kernels that compute what stands on a line. */
  mark(line: number): void {
    for (const row of panelOf('kernels').querySelectorAll('.row')) {
      row.classList.toggle('here', row.querySelector(`summary a[href="#L${line}"]`) !== null);
    }
  }
}
