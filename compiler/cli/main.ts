#!/usr/bin/env node
/** Entry of the command line: the real process, its exit code, and nothing else. */
import { runCommandLine } from './command-line.ts';
import { processHost } from './host.ts';

// `netc inspect … | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const exitCode = await runCommandLine(process.argv.slice(2), processHost());
// The device may keep the process alive: leave once both streams are written out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
