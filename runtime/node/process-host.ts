/** The process that a command runs in, as its host. */
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
