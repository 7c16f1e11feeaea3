/**
 * The page of a compiled trainer. In: the trainer's own module beside the page, run as a worker. Out: a panel that
 * trains it.
 */
import { formatCount } from '../../report/format.ts';
import type { ProgramSummary, TrainingMessage } from '../messages.ts';
import { element } from './elements.ts';
import { TrainingPanel } from './training-panel.ts';
import { startWorker } from './start-worker.ts';

const panel = new TrainingPanel((message) => worker.postMessage(message));
const worker = startWorker(receive, (reason) =>
  panel.fail({ severity: 'error', code: 'E0703', message: reason }),
);

function receive(message: TrainingMessage): void {
  if (message.kind === 'ready') ready(message.about);
  else panel.receive(message);
}

function ready(about: ProgramSummary): void {
  const { parameters, length, batch, netc, targets } = about;
  const kernels = [targets.webgpu ? 'WebGPU' : '', targets.cpu ? 'the CPU' : '']
    .filter(Boolean)
    .join(' and ');
  element('about', HTMLElement).textContent =
    `${formatCount(parameters)} parameters, ${length}, batches of ${batch}; compiled for ${kernels} by netc ${netc}. Trains in this tab.`;
  panel.offer(about);
}
