/**
 * What a command may do to the world outside: write text, read the clock, hear Ctrl-C. The real process
 * stands in main.ts; tests hand in a recording one.
 */
import { withoutNativeMessages } from './native-messages.ts';

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

/** The real process. */
export function processHost(): Host {
  return {
    stdout: processOutput(process.stdout),
    stderr: processOutput(process.stderr),
    environment: process.env,
    now: () => performance.now(),
    onInterrupt(handler) {
      process.on('SIGINT', handler);
      return () => process.off('SIGINT', handler);
    },
    leave: (exitCode) => process.exit(exitCode),
    quietly: (work) => (process.env.NETC_DEBUG === '1' ? work() : withoutNativeMessages(work)),
  };
}

function processOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns || 80;
    },
  };
}
