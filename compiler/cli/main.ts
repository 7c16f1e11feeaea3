#!/usr/bin/env node
/** Entry of the command line: the real process, its exit code, and nothing else. */
import fs from 'node:fs';
import { runCommandLine } from './command-line.ts';
import { leaveWith, processHost } from '../../runtime/node/process-host.ts';
import { optimizeLater } from './tiering.ts';

optimizeLater(process.versions.node);

/** Loaded only where there is a driver to use: most commands need no device. */
async function run(argv: string[]): Promise<number> {
  if (fs.existsSync(new URL('../../../.vulkan/ready', import.meta.url))) {
    const { runWithSoftwareDriver } = await import('./software-driver.ts');
    const exitCode = await runWithSoftwareDriver(argv);
    if (exitCode !== undefined) return exitCode;
  }
  return await runCommandLine(argv, processHost());
}

await leaveWith(() => run(process.argv.slice(2)));
