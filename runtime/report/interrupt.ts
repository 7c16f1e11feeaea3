/**
 * Ctrl-C in a long command: the first ends it at its next good moment, a second at once. In: a host, what to do at the first.
 * Out: a signal, and what stops listening.
 */
import { EXIT } from './exit-codes.ts';
import type { Host } from './host.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** From here on Ctrl-C does what it does by itself. */
  unhear(): void;
}

export function hearInterrupt(host: Host, tell: () => void): Interrupt {
  const control = new AbortController();
  const unhear = host.onInterrupt(() => {
    if (control.signal.aborted) host.leave(EXIT.interrupted);
    tell();
    control.abort();
  });
  return { signal: control.signal, unhear };
}
