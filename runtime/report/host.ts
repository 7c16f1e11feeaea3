/**
 * What a command may do to the world outside: write text, read the clock, hear Ctrl-C. The real process
 * stands in node/process-host.ts; tests hand in a recording one.
 */

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width in characters; 80 where it is not known. */
  readonly columns: number;
}

export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the process started. */
  now(): number;
  /** Calls back at every Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** Leaves at once, nothing more is written. */
  leave(exitCode: number): void;
  /** Does work that opens a device, without what drivers print by themselves. */
  quietly<T>(work: () => Promise<T>): Promise<T>;
}

/** Colours only where a person reads: on a terminal, and not where NO_COLOR says otherwise. */
export function wantsColor(output: Output, environment: Host['environment']): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR && environment.FORCE_COLOR !== '0') return true;
  return output.isTerminal && environment.TERM !== 'dumb';
}
