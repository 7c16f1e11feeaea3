import { describe, expect, test } from 'vitest';
import { encodeNpy, parseNpy } from '../../runtime/data/npy.ts';
import { Generator } from '../../runtime/random/generator.ts';
import { bytesOf, npyFile, npyHeader, spanOn } from './memory-reader.ts';
import { failureText } from '../support/failure.ts';

const place = { file: 'x.npy', span: spanOn(3) };
const numbers = (bytes: Uint8Array): number[] => Array.from(parseNpy(bytes, place).data, Number);

describe('parseNpy', () => {
  test.each([
    ['<f4', bytesOf(Float32Array.of(1.5, -2, 3e8, 0.25)), [1.5, -2, 3e8, 0.25]],
    [
      '>f4',
      Uint8Array.of(0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0, 0x3e, 0x80, 0, 0, 0, 0, 0, 1),
      [1.5, -2, 0.25, 2 ** -149],
    ],
    ['<f8', bytesOf(Float64Array.of(0.1, -1e300, 0, 7)), [0.1, -1e300, 0, 7]],
    [
      '>f8',
      bytesOf(Float64Array.of(0.1, -1e300, 0, 7)).map((_, i, all) => all[i - (i % 8) + 7 - (i % 8)] ?? 0),
      [0.1, -1e300, 0, 7],
    ],
    // 1.5, the smallest subnormal, -65504, -infinity
    ['<f2', bytesOf(Uint16Array.of(0x3e00, 0x0001, 0xfbff, 0xfc00)), [1.5, 2 ** -24, -65504, -Infinity]],
    ['|u1', Uint8Array.of(0, 1, 200, 255), [0, 1, 200, 255]],
    ['|i1', Uint8Array.of(0, 1, 200, 255), [0, 1, -56, -1]],
    ['<u2', bytesOf(Uint16Array.of(1, 2, 3, 65535)), [1, 2, 3, 65535]],
    ['<i2', bytesOf(Int16Array.of(1, -2, 3, -32768)), [1, -2, 3, -32768]],
    ['>i2', Uint8Array.of(0, 1, 0xff, 0xfe, 0, 3, 0x80, 0), [1, -2, 3, -32768]],
    ['<u4', bytesOf(Uint32Array.of(1, 2, 3, 4294967295)), [1, 2, 3, 4294967295]],
    ['<i4', bytesOf(Int32Array.of(1, -2, 3, -2147483648)), [1, -2, 3, -2147483648]],
    ['<i8', bytesOf(BigInt64Array.of(1n, -2n, 3n, -9007199254740991n)), [1, -2, 3, -9007199254740991]],
    ['|b1', Uint8Array.of(0, 1, 1, 0), [0, 1, 1, 0]],
  ])('dtype %s', (descr, content, expected) => {
    expect(numbers(npyFile(npyHeader(descr, '(2, 2)'), content))).toEqual(expected);
  });

  test.each([1, 2, 3] as const)('version %i, whatever the alignment of its data', (version) => {
    for (let padding = 0; padding < 8; padding++) {
      const header = npyHeader('<f4', '(3,)') + ' '.repeat(padding);
      const parsed = parseNpy(npyFile(header, bytesOf(Float32Array.of(1, 2, 3)), version), place);
      expect(parsed.shape).toEqual([3]);
      expect([...parsed.data]).toEqual([1, 2, 3]);
    }
  });

  test('a file that lies at an odd place of a larger buffer', () => {
    const bytes = npyFile(npyHeader('<i4', '(2,)'), bytesOf(Int32Array.of(7, -8)));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(numbers(shifted.subarray(3))).toEqual([7, -8]);
    // Node's buffers are views of larger ones, and copy nothing when sliced.
    expect(numbers(Buffer.from(shifted.buffer).subarray(3))).toEqual([7, -8]);
  });

  test.each([
    ['()', 1, []],
    ['(5,)', 5, [5]],
    ['(0, 3)', 0, [0, 3]],
    ['(2L, 3L)', 6, [2, 3]],
  ])('shape %s', (text, count, shape) => {
    expect(parseNpy(npyFile(npyHeader('|u1', text), new Uint8Array(count)), place).shape).toEqual(shape);
  });

  test("Fortran's order becomes row-major", () => {
    // x[i][j] = 10 i + j, columns first in the file.
    const matrix = npyFile(npyHeader('|u1', '(2, 3)', true), Uint8Array.of(0, 10, 1, 11, 2, 12));
    expect(numbers(matrix)).toEqual([0, 1, 2, 10, 11, 12]);
    const shape = [2, 3, 4];
    const content = new Int16Array(24);
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++) content[i + 2 * j + 6 * k] = 100 * i + 10 * j + k;
    const cube = parseNpy(npyFile(npyHeader('<i2', '(2, 3, 4)', true), bytesOf(content)), place);
    expect(cube.shape).toEqual(shape);
    expect([...cube.data].slice(0, 6)).toEqual([0, 1, 2, 3, 10, 11]);
    expect(Number(cube.data[23])).toBe(123);
    expect([...matrix.subarray(-6)]).toEqual([0, 10, 1, 11, 2, 12]);
    expect(numbers(Buffer.from(matrix))).toEqual([0, 1, 2, 10, 11, 12]);
    const big = npyFile(npyHeader('<i8', '(2, 2)', true), bytesOf(BigInt64Array.of(1n, 3n, 2n, 4n)));
    expect(numbers(big)).toEqual([1, 2, 3, 4]);
  });

  test.each([
    ['nothing', new Uint8Array(0), /^E0403 3: x.npy is cut off/],
    ['another file', new TextEncoder().encode('PK\x03\x04 a zip file'), /^E0402 3: x.npy is not an npy file/],
    ['a header of nonsense', npyFile('{}', new Uint8Array(4)), /^E0402 3: .*header cannot be understood/],
    ['a negative size', npyFile(npyHeader('|u1', '(-1,)'), new Uint8Array(0)), /^E0402 3:/],
    [
      'too many bytes',
      npyFile(npyHeader('<f4', '(2,)'), new Uint8Array(9)),
      /^E0402 3: .*goes on for 1 bytes/,
    ],
    [
      'version 9',
      npyFile(npyHeader('<f4', '(1,)'), new Uint8Array(4)).with(6, 9),
      /^E0901 3: .*version 9\.0/,
    ],
    ['complex numbers', npyFile(npyHeader('<c8', '(1,)'), new Uint8Array(8)), /^E0901 3: .*dtype <c8/],
    ['uint64', npyFile(npyHeader('<u8', '(1,)'), new Uint8Array(8)), /^E0901 3: .*dtype <u8/],
    ['objects', npyFile(npyHeader('|O', '(1,)'), new Uint8Array(8)), /^E0901 3: .*dtype \|O/],
    [
      'records',
      npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)),
      /^E0901 3: .*structured/,
    ],
  ])('%s', async (_, bytes, expected) => {
    expect(await failureText(() => parseNpy(bytes, place))).toMatch(expected);
  });

  test('cut off anywhere', async () => {
    const whole = npyFile(npyHeader('<f4', '(2,)'), new Uint8Array(8));
    for (let length = 0; length < whole.length; length++) {
      expect(await failureText(() => parseNpy(whole.slice(0, length), place))).toMatch(/^E0403 3:/);
    }
  });
});

describe('encodeNpy', () => {
  test('writes what NumPy writes', () => {
    const bytes = encodeNpy([2, 1], 'f32', [1, -0.5]);
    expect(bytes.length).toBe(128 + 8);
    expect(new TextDecoder('latin1').decode(bytes.subarray(0, 128))).toBe(
      `\u0093NUMPY\u0001\u0000\u0076\u0000{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }`.padEnd(
        127,
      ) + '\n',
    );
  });

  test('round trips of any shape and type', () => {
    const random = new Generator(1, 'npy round trip');
    for (let turn = 0; turn < 50; turn++) {
      const shape = Array.from({ length: random.below(5) }, () => random.below(5));
      const count = shape.reduce((product, size) => product * size, 1);
      const dtype = (['f32', 'i32', 'u32', 'bool'] as const)[random.below(4)] ?? 'f32';
      const values = Array.from({ length: count }, () => {
        if (dtype === 'f32') return Math.fround(random.normal());
        if (dtype === 'i32') return random.u32() | 0;
        return dtype === 'u32' ? random.u32() : random.below(2);
      });
      const parsed = parseNpy(encodeNpy(shape, dtype, values), place);
      expect(parsed.shape).toEqual(shape);
      expect([...parsed.data]).toEqual(values);
    }
  });
});
