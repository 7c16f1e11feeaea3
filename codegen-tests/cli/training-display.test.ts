import { describe, expect, test } from 'vitest';
import { TrainingDisplay } from '../../runtime/report/training-display.ts';
import type { TrainEvent } from '../../runtime/train/events.ts';
import { recordingHost } from './recording-host.ts';

const START: TrainEvent = {
  event: 'start',
  program: 'mnist',
  device: 'a device',
  backend: 'webgpu',
  seed: 42,
  parameters: 203530,
  compile_seconds: 0.08,
  dispatches: 11,
  memory_bytes: 3_670_016,
};
const STEP: TrainEvent = { event: 'step', step: 1, epoch: 0, name: 'critic', loss: 2.302585, accuracy: 0.09 };
const EVAL: TrainEvent = {
  event: 'eval',
  step: 100,
  epoch: 1,
  split: 'valid',
  loss: 0.5,
  accuracy: Number.NaN,
};
const SAVE: TrainEvent = { event: 'save', step: 100, path: 'out/w.safetensors' };
const END: TrainEvent = {
  event: 'end',
  steps: 100,
  seconds: 12.25,
  first_step_seconds: 0.5,
  steps_per_second: 81.6,
  loss: Number.POSITIVE_INFINITY,
};
const progress = { step: 50, steps: 100, epoch: 1, stepsPerSecond: 10, values: { loss: 0.25 } };

function shown(
  options: { json?: boolean; quiet?: boolean; everyStepEvent?: boolean; terminal?: boolean },
  use: (display: TrainingDisplay) => void,
): string {
  const { host, written } = recordingHost({
    terminal: options.terminal ?? false,
    environment: { NO_COLOR: '1' },
  });
  use(new TrainingDisplay(host, { json: false, quiet: false, everyStepEvent: false, ...options }));
  return written.stdout;
}

const all = (display: TrainingDisplay): void => {
  for (const event of [START, STEP, EVAL, SAVE, END]) display.event(event);
};

describe('a training run shown', () => {
  test('to a program: the events, non-finite numbers as strings, nothing else', () => {
    const lines = shown({ json: true }, (display) => {
      all(display);
      display.progress(progress);
      display.line('a remark');
      display.activity('preparing');
    })
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([START, STEP, { ...EVAL, accuracy: 'NaN' }, SAVE, { ...END, loss: 'Infinity' }]);
  });

  test('without a terminal: plain lines', () => {
    expect(shown({ everyStepEvent: true }, all)).toMatchInlineSnapshot(`
      "mnist on a device: 203,530 parameters, 11 dispatches a round, 3.5 MiB, compiled in 80 ms; seed 42
      epoch 1  step 1  critic  loss 2.3026  accuracy 0.09000
      epoch 1  step 100  valid  loss 0.5000  accuracy NaN
      saved out/w.safetensors
      100 steps in 12.3 s, 81.6 steps/s, loss inf
      "
    `);
  });

  test('step events are lines only where they were asked for', () => {
    expect(shown({}, (display) => display.event(STEP))).toBe('');
  });

  test('on a terminal: one live line that makes way for the permanent ones', () => {
    const text = shown({ terminal: true }, (display) => {
      display.progress(progress);
      display.event(EVAL);
      display.clear();
    });
    expect(text).toBe(
      '\r\u001b[2Kepoch 2  step 50/100  loss 0.2500  10.0 steps/s  5.0 s left' +
        '\r\u001b[2Kepoch 1  step 100  valid  loss 0.5000  accuracy NaN\n',
    );
  });

  test('quiet: nothing', () => {
    expect(
      shown({ quiet: true, terminal: true }, (display) => {
        all(display);
        display.progress(progress);
      }),
    ).toBe('');
  });
});
