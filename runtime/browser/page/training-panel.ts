/**
 * The controls of a run, its chart and figures (panel.html). In: what the user does, messages of the worker that
 * trains. Out: what is to be seen, messages to the worker. Nothing is computed here, so a page answers at any time.
 */
import { formatBytes, formatCount, formatNumber, formatRate, formatSeconds } from '../../report/format.ts';
import type { Diagnostic } from '../../plan-format.ts';
import type { Progress, TrainEvent } from '../../train/events.ts';
import type { ChosenFile, PageMessage, ProgramSummary, TrainingMessage } from '../messages.ts';
import { LossChart } from './loss-chart.ts';
import { addEvaluation, clearEvaluations } from './evaluations.ts';
import { element, saveFile, showFigures } from './elements.ts';

export type PanelState = 'loading' | 'idle' | 'preparing' | 'running' | 'pausing' | 'paused' | 'stopping';

const WORDS: Readonly<Record<PanelState, string>> = {
  loading: 'Loading the program …',
  idle: 'Ready',
  preparing: 'Reading the data, preparing the kernels …',
  running: 'Training',
  pausing: 'Pausing after this step …',
  paused: 'Paused',
  stopping: 'Stopping after this step …',
};

export class TrainingPanel {
  readonly #send: (message: PageMessage) => void;
  readonly #buttons = {
    start: element('start', HTMLButtonElement),
    pause: element('pause', HTMLButtonElement),
    stop: element('stop', HTMLButtonElement),
    save: element('save', HTMLButtonElement),
  };
  readonly #chart = new LossChart(element('chart', HTMLCanvasElement));
  readonly #figures = new Map<string, string>();
  readonly #chosen: ChosenFile[] = [];
  #state: PanelState = 'loading';
  #about: ProgramSummary | undefined;
  /** The newest weights that the worker has handed over, for the time after a run. */
  #weights: { name: string; bytes: Uint8Array } | undefined;
  /** The user has asked for weights that are on their way. */
  #wanted = false;

  constructor(send: (message: PageMessage) => void) {
    this.#send = send;
    const { start, pause, stop, save } = this.#buttons;
    start.addEventListener('click', () => this.start());
    pause.addEventListener('click', () => {
      const pausing = this.#state === 'running';
      send({ kind: pausing ? 'pause' : 'resume' });
      if (pausing) this.#setState('pausing');
    });
    stop.addEventListener('click', () => {
      send({ kind: 'stop' });
      this.#setState('stopping');
    });
    save.addEventListener('click', () => {
      if (this.#state === 'idle' && this.#weights) return saveFile(this.#weights.name, this.#weights.bytes);
      this.#wanted = true;
      send({ kind: 'save' });
    });
    for (const id of ['choose', 'choose-folder']) {
      const input = element(id, HTMLInputElement);
      input.addEventListener('change', () => this.#choose([...(input.files ?? [])]));
    }
  }

  get state(): PanelState {
    return this.#state;
  }

  /** A program that can be trained. One that runs goes on. */
  offer(about: ProgramSummary): void {
    this.#about = about;
    element('seed', HTMLInputElement).placeholder = String(about.seed);
    element('steps', HTMLInputElement).placeholder = about.length;
    for (const [name, there] of Object.entries({ gpu: about.targets.webgpu, cpu: about.targets.cpu })) {
      const option = document.querySelector<HTMLOptionElement>(`#device option[value="${name}"]`);
      if (option) option.disabled = !there;
    }
    element('data', HTMLElement).hidden = about.files.length === 0;
    this.#listFiles();
    if (this.#state === 'loading') this.#setState('idle');
    else this.#setButtons();
  }

  /** There is no such program any more, for the reason given; one that runs goes on. */
  withdraw(reason: string): void {
    this.#about = undefined;
    if (this.#state === 'idle' || this.#state === 'loading') this.#setState('loading', reason);
  }

  receive(message: TrainingMessage): void {
    switch (message.kind) {
      case 'ready':
        return this.offer(message.about);
      case 'note':
        return this.#note(message.text);
      case 'event':
        return this.#event(message.event);
      case 'progress':
        if (this.#state === 'preparing') this.#setState('running');
        this.#chart.add(message.losses);
        return this.#showProgress(message.progress);
      case 'paused':
        return this.#setState('paused');
      case 'resumed':
        return this.#state === 'stopping' ? undefined : this.#setState('running');
      case 'weights':
        this.#weights = message;
        if (this.#wanted) saveFile(message.name, message.bytes);
        this.#wanted = false;
        return;
      case 'failed':
        return this.fail(message.diagnostic);
      case 'ended': {
        const { interrupted, stopped } = message;
        return this.#rest(interrupted ? 'Stopped' : stopped ? 'Done: no further improvement' : 'Done');
      }
      default:
        return message satisfies never;
    }
  }

  /** As the button does. */
  start(): void {
    if (this.#buttons.start.disabled) return;
    const seed = element('seed', HTMLInputElement);
    const steps = element('steps', HTMLInputElement);
    for (const input of [seed, steps]) if (!input.reportValidity()) return;
    const [file] = element('weights', HTMLInputElement).files ?? [];
    this.#weights = undefined;
    this.#chart.clear();
    this.#figures.clear();
    showFigures(this.#figures);
    clearEvaluations();
    this.#note('');
    element('problem', HTMLElement).hidden = true;
    this.#setState('preparing');
    this.#send({
      kind: 'start',
      device: element('device', HTMLSelectElement).value as 'auto' | 'gpu' | 'cpu',
      files: this.#chosen,
      ...(file === undefined ? {} : { weights: { name: file.name, contents: file } }),
      ...(seed.value === '' ? {} : { seed: Number(seed.value) }),
      ...(steps.value === '' ? {} : { steps: Number(steps.value) }),
    });
  }

  fail({ code, message, help }: Diagnostic): void {
    const place = element('problem', HTMLElement);
    place.textContent = [`${message} (${code})`, ...(help === undefined ? [] : [help])].join('\n');
    place.hidden = false;
    this.#rest('The run failed');
  }

  #rest(words: string): void {
    this.#setState(this.#about === undefined ? 'loading' : 'idle', words);
  }

  #choose(files: readonly File[]): void {
    for (const file of files) {
      const name = file.webkitRelativePath || file.name;
      const before = this.#chosen.findIndex((known) => known.name === name);
      if (before >= 0) this.#chosen.splice(before, 1);
      this.#chosen.push({ name, contents: file });
    }
    this.#listFiles();
  }

  /** What the program reads, and whether it was chosen. */
  #listFiles(): void {
    const list = element('files', HTMLElement);
    list.replaceChildren(
      ...(this.#about?.files ?? []).map((path) => {
        const item = document.createElement('li');
        const base = path.split('/').at(-1);
        const found = this.#chosen.some(({ name }) => name.split('/').at(-1) === base);
        item.className = found ? 'found' : 'wanted';
        item.textContent = `${path}: ${found ? 'chosen' : 'from beside this page'}`;
        return item;
      }),
    );
  }

  #event(found: TrainEvent): void {
    const figures = this.#figures;
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
      case 'keep':
        return;
      default:
        found satisfies never;
    }
  }

  #showProgress({ step, steps, epoch, stepsPerSecond, values }: Progress): void {
    const figures = this.#figures;
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

  #setState(next: PanelState, words = WORDS[next]): void {
    this.#state = next;
    document.body.dataset['state'] = next;
    element('state', HTMLElement).textContent = words;
    this.#setButtons();
  }

  /** Which buttons may be pressed follows from the state, and whether there is a program. */
  #setButtons(): void {
    const { start, pause, stop, save } = this.#buttons;
    const state = this.#state;
    const going = state === 'running' || state === 'paused';
    start.disabled = state !== 'idle' || this.#about === undefined;
    pause.disabled = !going;
    pause.textContent = state === 'paused' ? 'Resume' : 'Pause';
    stop.disabled = !going && state !== 'pausing' && state !== 'preparing';
    save.disabled = !going && !(state === 'idle' && this.#weights !== undefined);
  }

  #note(text: string): void {
    const place = element('note', HTMLElement);
    place.textContent = text;
    place.hidden = text === '';
  }
}
