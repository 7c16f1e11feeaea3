/**
 * What a trainer's module does by itself once it is loaded: as the main program of Node it is a command, as the worker
 * of its page it trains for the page; imported by another module it does nothing.
 */
import { inNode } from '../in-node.ts';
import type { TrainerProgram } from './trainer-program.ts';

/** The name of the page's worker. */
export const WORKER_NAME = 'netc-training';

export function start(program: TrainerProgram): void {
  if (inNode()) {
    void startInNode(program);
    return;
  }
  const scope = globalThis as { name?: string; document?: unknown };
  if (scope.document === undefined && scope.name === WORKER_NAME) {
    void serveInWorker(program);
  }
}

async function serveInWorker(program: TrainerProgram): Promise<void> {
  const { serve } = await import('../browser/training-worker.ts');
  const { compiledProgram } = await import('../browser/compiled-program.ts');
  serve(compiledProgram(program));
}

async function startInNode(program: TrainerProgram): Promise<void> {
  // Most modules that Node loads are not its main one; a look at the arguments spares them the rest.
  const { isMain, runAsMain } = await import('../node/trainer-main.ts');
  if (isMain(program.base)) await runAsMain(program);
}
