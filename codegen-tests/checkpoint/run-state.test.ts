/** The state of a run as a file: it comes back as it was, and what is no such file is refused whole. */
import { describe, expect, test } from 'vitest';
import { decodeRunState, encodeRunState } from '../../runtime/checkpoint/run-state.ts';
import { decodeSafetensors, encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { NO_TABLES } from '../../runtime/data/tables.ts';
import type { RunState } from '../../runtime/train/run-progress.ts';
import { lineListing } from '../runtime/line-listing.ts';
import { failureText } from '../support/failure.ts';

const listing = lineListing({ training: { steps: 9, seed: 1, accumulate: 1, save: [] } });
listing.optimizer.push({ name: 'a:m:0', shape: [], range: { buffer: 0, offset: 0, bytes: 4 } });

const values = (...numbers: number[]): Map<string, Float32Array> =>
  new Map(
    ['a', 'b', 'a:m:0'].slice(0, numbers.length).map((name, i) => [name, Float32Array.of(numbers[i]!)]),
  );

const STATE: RunState = {
  identity: { fingerprint: 'f00d', seed: 4_294_967_295, records: { train: 40, valid: 20 }, device: 'fake' },
  progress: {
    step: 7,
    unfinished: true,
    plateaus: [
      { rate: 0.1, best: null, bad: 0 },
      { rate: 0.05, best: -Infinity, bad: 2 },
    ],
    saves: [{ best: Infinity }, { kept: ['Infinity', 'w-6'] }, {}],
    validation: {
      evaluated: 6,
      stop: { best: 0.1 + 0.2, waited: 1 },
      best: { step: 4, weights: values(3, 4) },
    },
  },
  tensors: values(1, -0, 1e-45),
  tables: { categories: { 'column("kind")': ['a', 'b'] } },
};

test('comes back as it was', () => {
  const bytes = encodeRunState(listing, STATE);
  expect(decodeRunState(bytes, 'state', listing)).toEqual(STATE);
  expect(encodeRunState(listing, decodeRunState(bytes, 'state', listing))).toEqual(bytes);
});

test('without what few programs have', () => {
  const plain: RunState = {
    ...STATE,
    progress: { step: 0, unfinished: false, plateaus: [], saves: [], validation: { evaluated: 0 } },
    tables: NO_TABLES,
  };
  expect(decodeRunState(encodeRunState(listing, plain), 'state', listing)).toEqual(plain);
});

describe('refuses', () => {
  const bytes = encodeRunState(listing, STATE);
  const opening = (changed: Uint8Array) => (): RunState => decodeRunState(changed, 'state', listing);

  test('every single damaged byte', () => {
    for (let at = 0; at < bytes.length; at++) {
      const broken = bytes.slice();
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      let seen: RunState | undefined;
      try {
        seen = opening(broken)();
      } catch (error) {
        expect(String(error)).toMatch(/E050[2-5]/);
      }
      // The padding of the header alone means nothing.
      if (seen !== undefined) expect([at, seen]).toEqual([at, STATE]);
    }
  });

  test('every file that is cut off', async () => {
    for (let length = 0; length < bytes.length; length += 7)
      expect(await failureText(opening(bytes.slice(0, length)))).toContain('E0502');
  });

  test('a file of weights', async () => {
    const weights = encodeSafetensors([{ name: 'a', shape: [], data: Float32Array.of(1) }]);
    expect(await failureText(opening(weights))).toBe(
      'E0502 -: state is no state of a run; --init starts a new run from weights',
    );
  });

  test('the state of another version', async () => {
    const { tensors, metadata } = decodeSafetensors(bytes, 'state');
    const later = { ...metadata, netc_run: metadata['netc_run']!.replace('"version":1', '"version":2') };
    expect(await failureText(opening(encodeSafetensors(tensors, later)))).toContain(
      'another version of netc',
    );
  });

  test('a missing moment, and one of another shape', async () => {
    const { tensors, metadata } = decodeSafetensors(bytes, 'state');
    const without = encodeSafetensors(tensors.filter(({ name }) => name !== 'a:m:0'), metadata); // prettier-ignore
    expect(await failureText(opening(without))).toBe('E0503 -: state has no a:m:0');
    const wider = encodeSafetensors(
      tensors.map(({ name, data, shape }) => ({ name, data, shape: name === 'a:m:0' ? [1] : shape })),
      metadata,
    );
    expect(await failureText(opening(wider))).toContain('E0504');
  });

  test('another run, before its tensors are looked at', () => {
    const { metadata } = decodeSafetensors(bytes, 'state');
    const check = (): never => {
      throw new Error('another run');
    };
    expect(() => decodeRunState(encodeSafetensors([], metadata), 'state', listing, check)).toThrow(
      'another run',
    );
  });
});
