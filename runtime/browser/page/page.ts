/**
 * The page of a compiled trainer. In: what the user does, messages of the worker that trains. Out: what is to be seen.
 * Nothing is computed here, so the page answers at any time.
 */
import { formatBytes, formatCount, formatNumber, formatRate, formatSeconds } from '../../report/format.ts';
import type { Diagnostic } from '../../plan-format.ts';
import type { Progress, TrainEvent } from '../../train/events.ts';
import type { ChosenFile, PageMessage, ProgramSummary, TrainingMessage } from '../messages.ts';
import { LossChart } from './loss-chart.ts';
import { addEvaluation, clearEvaluations } from './evaluations.ts';
import { element, saveFile, showFigures } from './elements.ts';
import { startWorker } from './start-worker.ts';

type State = 'loading' | 'idle' | 'preparing' | 'running' | 'pausing' | 'paused' | 'stopping';

const buttons = {
  start: element('start', HTMLButtonElement),
  pause: element('pause', HTMLButtonElement),
  stop: element('stop', HTMLButtonElement),
  save: element('save', HTMLButtonElement),
};
const chart = new LossChart(element('chart', HTMLCanvasElement));
const figures = new Map<string, string>();
const chosen: ChosenFile[] = [];
const worker = startWorker(receive, (reason) => fail({ severity: 'error', code: 'E0703', message: reason }));
let state: State = 'loading';
let about: ProgramSummary | undefined;
/** The newest weights that the worker has handed over, for the time after a run. */
let weights: { name: string; bytes: Uint8Array } | undefined;
/** The user has asked for weights that are on their way. */
let wanted = false;

const send = (message: PageMessage): void => worker.postMessage(message);

buttons.start.addEventListener('click', start);
buttons.pause.addEventListener('click', () => {
  const pausing = state === 'running';
  send({ kind: pausing ? 'pause' : 'resume' });
  if (pausing) setState('pausing');
});
buttons.stop.addEventListener('click', () => {
  send({ kind: 'stop' });
  setState('stopping');
});
buttons.save.addEventListener('click', () => {
  if (state === 'idle' && weights) return saveFile(weights.name, weights.bytes);
  wanted = true;
  send({ kind: 'save' });
});
for (const id of ['choose', 'choose-folder']) {
  const input = element(id, HTMLInputElement);
  input.addEventListener('change', () => choose([...(input.files ?? [])]));
}

function receive(message: TrainingMessage): void {
  switch (message.kind) {
    case 'ready':
      return ready(message.about);
    case 'note':
      return note(message.text);
    case 'event':
      return event(message.event);
    case 'progress':
      if (state === 'preparing') setState('running');
      chart.add(message.losses);
      return showProgress(message.progress);
    case 'paused':
      return setState('paused');
    case 'resumed':
      return state === 'stopping' ? undefined : setState('running');
    case 'weights':
      weights = message;
      if (wanted) saveFile(message.name, message.bytes);
      wanted = false;
      return;
    case 'failed':
      return fail(message.diagnostic);
    case 'ended':
      setState(
        'idle',
        message.interrupted ? 'Stopped' : message.stopped ? 'Done: no further improvement' : 'Done',
      );
      return;
    default:
      return message satisfies never;
  }
}

function ready(summary: ProgramSummary): void {
  about = summary;
  const { parameters, length, batch, netc, targets } = summary;
  const kernels = [targets.webgpu ? 'WebGPU' : '', targets.cpu ? 'the CPU' : '']
    .filter(Boolean)
    .join(' and ');
  element('about', HTMLElement).textContent =
    `${formatCount(parameters)} parameters, ${length}, batches of ${batch}; compiled for ${kernels} by netc ${netc}. Trains in this tab.`;
  element('seed', HTMLInputElement).placeholder = String(summary.seed);
  element('steps', HTMLInputElement).placeholder = length;
  for (const [name, there] of Object.entries({ gpu: targets.webgpu, cpu: targets.cpu })) {
    const option = document.querySelector<HTMLOptionElement>(`#device option[value="${name}"]`);
    if (option) option.disabled = !there;
  }
  element('data', HTMLElement).hidden = summary.files.length === 0;
  listFiles();
  setState('idle', 'Ready');
}

function start(): void {
  const seed = element('seed', HTMLInputElement);
  const steps = element('steps', HTMLInputElement);
  for (const input of [seed, steps]) if (!input.reportValidity()) return;
  const [file] = element('weights', HTMLInputElement).files ?? [];
  weights = undefined;
  chart.clear();
  figures.clear();
  showFigures(figures);
  clearEvaluations();
  note('');
  element('problem', HTMLElement).hidden = true;
  setState('preparing');
  send({
    kind: 'start',
    device: element('device', HTMLSelectElement).value as 'auto' | 'gpu' | 'cpu',
    files: chosen,
    ...(file === undefined ? {} : { weights: { name: file.name, contents: file } }),
    ...(seed.value === '' ? {} : { seed: Number(seed.value) }),
    ...(steps.value === '' ? {} : { steps: Number(steps.value) }),
  });
}

function choose(files: readonly File[]): void {
  for (const file of files) {
    const name = file.webkitRelativePath || file.name;
    const before = chosen.findIndex((known) => known.name === name);
    if (before >= 0) chosen.splice(before, 1);
    chosen.push({ name, contents: file });
  }
  listFiles();
}

/** What the program reads, and whether it was chosen. */
function listFiles(): void {
  const list = element('files', HTMLElement);
  list.replaceChildren(
    ...(about?.files ?? []).map((path) => {
      const item = document.createElement('li');
      const base = path.split('/').at(-1);
      const found = chosen.some(({ name }) => name.split('/').at(-1) === base);
      item.className = found ? 'found' : 'wanted';
      item.textContent = `${path}: ${found ? 'chosen' : 'from beside this page'}`;
      return item;
    }),
  );
}

function event(found: TrainEvent): void {
  switch (found.event) {
    case 'start':
      figures.set('Device', found.device);
      figures.set('Memory', formatBytes(found.memory_bytes));
      return showFigures(figures);
    case 'eval':
      return addEvaluation(found);
    case 'end':
      figures.set('Steps/s', formatRate(found.steps_per_second));
      figures.set('Time', formatSeconds(found.seconds));
      figures.delete('Left');
      return showFigures(figures);
    case 'step':
    case 'save':
      return;
    default:
      found satisfies never;
  }
}

function showProgress({ step, steps, epoch, stepsPerSecond, values }: Progress): void {
  element('bar', HTMLProgressElement).value = step / steps;
  figures.set('Step', `${formatCount(step)} of ${formatCount(steps)}`);
  figures.set('Epoch', String(epoch + 1));
  for (const [name, value] of Object.entries(values)) figures.set(name, formatNumber(value));
  if (stepsPerSecond > 0) {
    figures.set('Steps/s', formatRate(stepsPerSecond));
    figures.set('Left', formatSeconds((steps - step) / stepsPerSecond));
  }
  showFigures(figures);
}

const WORDS: Readonly<Record<State, string>> = {
  loading: 'Loading the program …',
  idle: 'Ready',
  preparing: 'Reading the data, preparing the kernels …',
  running: 'Training',
  pausing: 'Pausing after this step …',
  paused: 'Paused',
  stopping: 'Stopping after this step …',
};

/** Which buttons may be pressed follows from the state alone. */
function setState(next: State, words = WORDS[next]): void {
  state = next;
  document.body.dataset['state'] = next;
  const going = next === 'running' || next === 'paused';
  buttons.start.disabled = next !== 'idle';
  buttons.pause.disabled = !going;
  buttons.pause.textContent = next === 'paused' ? 'Resume' : 'Pause';
  buttons.stop.disabled = !going && next !== 'pausing' && next !== 'preparing';
  buttons.save.disabled = !going && !(next === 'idle' && weights !== undefined);
  element('state', HTMLElement).textContent = words;
}

function note(text: string): void {
  const place = element('note', HTMLElement);
  place.textContent = text;
  place.hidden = text === '';
}

function fail({ code, message, help }: Diagnostic): void {
  const place = element('problem', HTMLElement);
  place.textContent = [`${message} (${code})`, ...(help === undefined ? [] : [help])].join('\n');
  place.hidden = false;
  setState(about === undefined ? 'loading' : 'idle', 'The run failed');
}
