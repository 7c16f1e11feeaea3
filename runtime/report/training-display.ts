/**
 * Shows a training run. In: its events and progress. Out: for a program the events as JSON, one a line; on a
 * terminal one live line and a permanent one for each evaluation; elsewhere plain lines now and then.
 */
import type { EvaluationEvent, Progress, StartEvent, StepEvent, TrainEvent } from '../train/events.ts';
import { createColors, type Colors } from './colors.ts';
import { formatBytes, formatCount, formatNumber, formatRate, formatSeconds } from './format.ts';
import type { Host } from './host.ts';
import { wantsColor } from './host.ts';
import { toJsonLine } from './json-line.ts';
import { truncateText } from './text-width.ts';

/** Milliseconds between two drawings of the live line, and between two plain lines. */
const LIVE_RHYTHM = 100;
const PLAIN_RHYTHM = 10_000;
const CLEAR_LINE = '\r\u001b[2K';

export interface DisplayOptions {
  json: boolean;
  quiet: boolean;
  /** The user asked for step lines (--log-every): each step event is a permanent line. */
  everyStepEvent: boolean;
}

export class TrainingDisplay {
  readonly #host: Host;
  readonly #options: DisplayOptions;
  readonly #live: boolean;
  readonly #colors: Colors;
  #lineShown = false;
  #lastDrawn = Number.NEGATIVE_INFINITY;
  #lastPlain: number;

  constructor(host: Host, options: DisplayOptions) {
    this.#host = host;
    this.#options = options;
    this.#live = host.stdout.isTerminal && !options.json && !options.quiet;
    this.#colors = createColors(wantsColor(host.stdout, host.environment));
    this.#lastPlain = host.now();
  }

  event(event: TrainEvent): void {
    if (this.#options.json) {
      this.#host.stdout.write(`${toJsonLine(event)}\n`);
      return;
    }
    if (this.#options.quiet) return;
    switch (event.event) {
      case 'start':
        return this.line(describeStart(event));
      case 'step':
        return this.#options.everyStepEvent ? this.line(describeStep(event)) : undefined;
      case 'eval':
        return this.line(this.#describeEvaluation(event));
      case 'save':
        return this.line(this.#colors.dim(`saved ${event.path}`));
      // No news for people: what it is for is said when the run ends early.
      case 'keep':
        return;
      case 'end': {
        const pace = event.steps_per_second > 0 ? `, ${formatRate(event.steps_per_second)} steps/s` : '';
        const loss = event.loss === undefined ? '' : `, loss ${formatNumber(event.loss)}`;
        return this.line(
          `${formatCount(event.steps)} steps in ${formatSeconds(event.seconds)}${pace}${loss}`,
        );
      }
      default:
        return event satisfies never;
    }
  }

  /** Called for every step; draws only when it is time to. */
  progress(progress: Progress): void {
    if (this.#options.json || this.#options.quiet) return;
    const now = this.#host.now();
    if (this.#live) {
      if (now - this.#lastDrawn < LIVE_RHYTHM && progress.step < progress.steps) return;
      this.#lastDrawn = now;
      this.#draw(describeProgress(progress));
    } else if (!this.#options.everyStepEvent && now - this.#lastPlain >= PLAIN_RHYTHM) {
      this.line(describeProgress(progress));
    }
  }

  /** What is being done before the first step; stands until something else is shown. */
  activity(text: string): void {
    if (this.#live) this.#draw(text);
  }

  /** A permanent line. */
  line(text: string): void {
    if (this.#options.json || this.#options.quiet) return;
    this.clear();
    this.#lastPlain = this.#host.now();
    this.#host.stdout.write(`${text}\n`);
  }

  /** Takes the live line away, so that other output starts at the margin. */
  clear(): void {
    if (!this.#lineShown) return;
    this.#host.stdout.write(CLEAR_LINE);
    this.#lineShown = false;
    this.#lastDrawn = Number.NEGATIVE_INFINITY;
  }

  #draw(text: string): void {
    this.#host.stdout.write(
      CLEAR_LINE + this.#colors.cyan(truncateText(text, this.#host.stdout.columns - 1)),
    );
    this.#lineShown = true;
  }

  #describeEvaluation(event: EvaluationEvent): string {
    const name = event.name === undefined ? '' : `${event.name} `;
    const where = `epoch ${event.epoch}  step ${event.step}`;
    return `${where}  ${this.#colors.bold(`${event.split} ${name}`.trim())}  ${describeValues(event)}`;
  }
}

function describeStart(event: StartEvent): string {
  const counts = [
    `${formatCount(event.parameters)} parameters`,
    `${event.dispatches} dispatches a round`,
    formatBytes(event.memory_bytes),
    `compiled in ${formatSeconds(event.compile_seconds)}`,
  ];
  return `${event.program} on ${event.device}: ${counts.join(', ')}; seed ${event.seed}`;
}

/** Epochs are counted from 0 in events; a person is in the first one. */
function describeStep(event: StepEvent): string {
  const name = event.name === undefined ? '' : `${event.name}  `;
  return `epoch ${event.epoch + 1}  step ${event.step}  ${name}${describeValues(event)}`;
}

function describeProgress(progress: Progress): string {
  const values = Object.entries(progress.values).map(([name, value]) => `${name} ${formatNumber(value)}`);
  const pace = progress.stepsPerSecond;
  const left =
    pace > 0
      ? [`${formatRate(pace)} steps/s`, `${formatSeconds((progress.steps - progress.step) / pace)} left`]
      : [];
  return [`epoch ${progress.epoch + 1}`, `step ${progress.step}/${progress.steps}`, ...values, ...left].join(
    '  ',
  );
}

const PLACE = new Set(['event', 'step', 'epoch', 'name', 'split']);

/** Loss and metrics of an event, in its order. */
function describeValues(event: StepEvent | EvaluationEvent): string {
  return Object.entries(event)
    .filter(([name, value]) => !PLACE.has(name) && value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? formatNumber(value) : value}`)
    .join('  ');
}
