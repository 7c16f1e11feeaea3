/** A compiled trainer as the main program of a process: its command line, its exit code, and nothing else. */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TrainerProgram } from '../trainer/trainer-program.ts';
import { leaveWith, processHost } from './process-host.ts';
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
  await leaveWith(() => runTrainer(program, process.argv.slice(2), processHost()));
}
