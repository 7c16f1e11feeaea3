/**
 * Keeps what graphics drivers print by themselves away from standard error, where only diagnostics belong.
 * In: work that opens a device. Out: its result. The file descriptor points elsewhere meanwhile; where the
 * system does not let it be reopened (a socket, another user's terminal), the messages are left alone.
 */
import fs from 'node:fs';

const STANDARD_ERROR = 2;
/** Appends, so that a log file keeps what it has. */
const FLAGS = fs.constants.O_WRONLY | fs.constants.O_APPEND | fs.constants.O_NOCTTY;

/** No other file may be opened while the work begins and ends: a free descriptor goes to whoever comes first. */
export async function withoutNativeMessages<T>(work: () => Promise<T>): Promise<T> {
  const kept = reopen(STANDARD_ERROR);
  if (kept === undefined) return work();
  replaceStandardError('/dev/null');
  try {
    return await work();
  } finally {
    replaceStandardError(`/dev/fd/${kept}`);
    fs.closeSync(kept);
  }
}

function reopen(descriptor: number): number | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    return fs.openSync(`/dev/fd/${descriptor}`, FLAGS);
  } catch {
    return undefined;
  }
}

/** The lowest free descriptor is the one just closed. */
function replaceStandardError(path: string): void {
  fs.closeSync(STANDARD_ERROR);
  const opened = fs.openSync(path, FLAGS);
  if (opened !== STANDARD_ERROR) throw new Error('internal: standard error could not be put back');
}
