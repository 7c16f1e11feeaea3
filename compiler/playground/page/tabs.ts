/**
 * The tabs of the page, by pointer and by keyboard (arrows, Home, End). In: buttons of the role `tab`, each with a panel.
 * Out: which one is shown. On a narrow page the program itself is a tab.
 */

export class Tabs {
  readonly #tabs: readonly HTMLElement[];
  readonly #shown: (name: string) => void;
  #current = '';

  constructor(list: HTMLElement, shown: (name: string) => void) {
    this.#tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
    this.#shown = shown;
    list.addEventListener('click', ({ target }) => {
      const tab = (target as HTMLElement).closest<HTMLElement>('[role="tab"]');
      if (tab) this.show(tab.dataset['view'] ?? '');
    });
    list.addEventListener('keydown', (event) => {
      const seen = this.#tabs.filter((tab) => tab.offsetParent !== null);
      const at = seen.findIndex((tab) => tab.dataset['view'] === this.#current);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: seen.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const tab = seen[(next + seen.length) % seen.length];
      tab?.focus();
      this.show(tab?.dataset['view'] ?? '');
    });
  }

  get current(): string {
    return this.#current;
  }

  show(name: string): void {
    if (name === this.#current) return;
    this.#current = name;
    document.body.dataset['view'] = name;
    for (const tab of this.#tabs) {
      const selected = tab.dataset['view'] === name;
      tab.setAttribute('aria-selected', String(selected));
      tab.tabIndex = selected ? 0 : -1;
      if (selected) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
    this.#shown(name);
  }
}
