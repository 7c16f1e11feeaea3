/** A compiled trainer as the main program of a process: its command line, its exit code, and nothing else. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TrainerProgram } from '../trainer/trainer-program.ts';
import { processHost } from './process-host.ts';
import { runTrainer } from './trainer-command.ts';

/** Whether Node was started with the module of this address; links are followed. */
export function isMain(address: string): boolean {
  const script = process.argv[1];
  if (script === undefined || !address.startsWith('file:')) return false;
  try {
    return fs.realpathSync(script) === fs.realpathSync(fileURLToPath(address));
  } catch {
    return false;
  }
}

export async function runAsMain(program: TrainerProgram): Promise<void> {
  // `node trainer.mjs … | head` closes the pipe early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  const exitCode = await runTrainer(program, process.argv.slice(2), processHost());
  // The device may keep the process alive: leave once both streams are written out.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}
