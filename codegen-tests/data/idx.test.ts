import { describe, expect, test } from 'vitest';
import { parseIdx } from '../../runtime/data/idx.ts';
import { idxFile, spanOn } from './memory-reader.ts';
import { failureText } from '../support/failure.ts';

const place = { file: 'images.idx', span: spanOn(3) };

describe('parseIdx', () => {
  test('shape and bytes, in place', () => {
    const bytes = idxFile([2, 1, 3], [1, 2, 3, 4, 5, 255]);
    const parsed = parseIdx(bytes, place);
    expect(parsed.shape).toEqual([2, 1, 3]);
    expect([...parsed.data]).toEqual([1, 2, 3, 4, 5, 255]);
    expect(parsed.data.buffer).toBe(bytes.buffer);
  });

  test.each([
    [
      'a wrong magic',
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0),
      /^E0402 3: images.idx is not an IDX file: it begins with 50 4b 03 04/,
    ],
    ['an unknown type', idxFile([1], [1], 0x0a), /^E0402 3:/],
    ['signed bytes', idxFile([1], [1], 0x09), /^E0901 3: .*signed bytes/],
    ['32-bit floats', idxFile([1], [0, 0, 0, 0], 0x0d), /^E0901 3: .*32-bit floats/],
    ['no axes', Uint8Array.of(0, 0, 8, 0, 5), /^E0402 3: .*without axes/],
    ['bytes at the end', idxFile([2], [1, 2, 3]), /^E0402 3: .*goes on for 1 bytes/],
  ])('%s', async (_, bytes, expected) => {
    expect(await failureText(() => parseIdx(bytes, place))).toMatch(expected);
  });

  test('cut off anywhere', async () => {
    const whole = idxFile([2, 2], [1, 2, 3, 4]);
    for (let length = 0; length < whole.length; length++) {
      expect(await failureText(() => parseIdx(whole.slice(0, length), place))).toMatch(/^E0403 3:/);
    }
  });
});
