/** The process that a command runs in: its host, and how it ends. */
import type { Host, Output } from '../report/host.ts';
import { withoutNativeMessages } from './native-messages.ts';

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

/** Runs the command that a process is for, and leaves with its exit code. */
export async function leaveWith(run: () => Promise<number>): Promise<void> {
  // `netc inspect … | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  const exitCode = await run();
  // The device may keep the process alive: leave once both streams are written out.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
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
