/** A host that keeps what a command writes, for tests that run commands in this process. */
import type { Host, Output } from '../../runtime/report/host.ts';
import { runCommandLine } from '../../compiler/cli/command-line.ts';

export interface Recorded {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Recording {
  host: Host;
  readonly written: { stdout: string; stderr: string };
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
  readonly left: number[];
}

export function recordingHost(
  options: { terminal?: boolean; environment?: Host['environment'] } = {},
): Recording {
  const written = { stdout: '', stderr: '' };
  const handlers = new Set<() => void>();
  const left: number[] = [];
  const output = (name: 'stdout' | 'stderr'): Output => ({
    write: (text) => void (written[name] += text),
    isTerminal: options.terminal ?? false,
    columns: 100,
  });
  let clock = 0;
  return {
    host: {
      stdout: output('stdout'),
      stderr: output('stderr'),
      environment: options.environment ?? {},
      now: () => (clock += 1),
      onInterrupt(handler) {
        handlers.add(handler);
        return () => void handlers.delete(handler);
      },
      leave: (exitCode) => void left.push(exitCode),
      quietly: (work) => work(),
    },
    written,
    interrupt: () => handlers.forEach((handler) => handler()),
    left,
  };
}

/** A recording's host on which Ctrl-C is pressed so many times as soon as a text is written to standard output. */
export function interruptedAt({ host, interrupt }: Recording, text: string, times = 1): Host {
  let pressed = false;
  const write = (part: string): void => {
    host.stdout.write(part);
    if (pressed || !part.includes(text)) return;
    pressed = true;
    for (let i = 0; i < times; i++) interrupt();
  };
  return { ...host, stdout: { ...host.stdout, write } };
}

/** Runs a command line and returns what it wrote. */
export async function netc(...argv: string[]): Promise<Recorded> {
  const { host, written } = recordingHost();
  const exitCode = await runCommandLine(argv, host);
  return { exitCode, ...written };
}
