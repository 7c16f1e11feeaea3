#!/usr/bin/env node
/** Entry of the command line: the real process, its exit code, and nothing else. */
import fs from 'node:fs';
import { runCommandLine } from './command-line.ts';
import { processHost } from '../../runtime/node/process-host.ts';
import { optimizeLater } from './tiering.ts';

optimizeLater(process.versions.node);

// `netc inspect … | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

/** Loaded only where there is a driver to use: most commands need no device. */
async function run(argv: string[]): Promise<number> {
  if (fs.existsSync(new URL('../../../.vulkan/ready', import.meta.url))) {
    const { runWithSoftwareDriver } = await import('./software-driver.ts');
    const exitCode = await runWithSoftwareDriver(argv);
    if (exitCode !== undefined) return exitCode;
  }
  return await runCommandLine(argv, processHost());
}

const exitCode = await run(process.argv.slice(2));
// The device may keep the process alive: leave once both streams are written out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
