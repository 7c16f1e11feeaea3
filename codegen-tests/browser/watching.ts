/** What a page with a worker that trains comes to see, kept by a script that runs before its own. */

/** What the worker tells the page, and `turn` for every other event that the page has come to. */
export type Seen =
  'turn' | { readonly kind: 'progress'; readonly losses: readonly (readonly [number, number])[] };

/** Keeps that in `seen`, from before the page's own scripts on. */
export const WATCHING = `
  globalThis.seen = [];
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => data.kind === 'progress' && seen.push(data));
    }
  };
  setInterval(() => seen.at(-1) !== 'turn' && seen.push('turn'), 0);
`;

/** Every loss by its step, as they came. */
export const lossesIn = (seen: readonly Seen[]): (readonly [step: number, loss: number])[] =>
  seen.flatMap((each) => (each === 'turn' ? [] : each.losses));
