import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensor,
} from '../../runtime/checkpoint/safetensors.ts';
import { Generator } from '../../runtime/random/generator.ts';
import { bytesOf } from '../data/memory-reader.ts';
import { failureText } from '../support/failure.ts';

const TENSORS: NamedTensor[] = [
  { name: 'net.fc.weight', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, -0.5) },
  { name: 'net.fc.bias', shape: [3], data: Float32Array.of(0.1, 0, -3) },
  { name: 'scale', shape: [], data: Float32Array.of(7) },
];

/** A file from the text of its header and its data, without a hash. */
function file(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (begin: number, end: number, shape = '[1]', dtype = 'F32'): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

const headerText = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes.subarray(8, 8 + new DataView(bytes.buffer).getUint32(0, true)));

const contents = (bytes: Uint8Array): unknown => {
  const decoded = decodeSafetensors(bytes, 'w');
  return decoded.tensors.map(({ name, dtype, shape, data }) => ({ name, dtype, shape, data: [...data] }));
};

describe('encodeSafetensors', () => {
  test('is what the format says: sorted offsets, padded header, data at a multiple of 8', () => {
    const bytes = encodeSafetensors(TENSORS, { step: '12' });
    const header = headerText(bytes);
    expect(header.trimEnd()).toMatch(/^\{"__metadata__":\{"step":"12","netc_hash":"[0-9a-f]{16}"\},/);
    expect((8 + header.length) % 8).toBe(0);
    const parsed = JSON.parse(header) as Record<string, unknown>;
    expect(parsed['net.fc.weight']).toEqual({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] });
    expect(parsed['net.fc.bias']).toEqual({ dtype: 'F32', shape: [3], data_offsets: [24, 36] });
    expect(parsed['scale']).toEqual({ dtype: 'F32', shape: [], data_offsets: [36, 40] });
    expect(bytes.length).toBe(8 + header.length + 40);
  });

  test('gives the same bytes every time', () => {
    expect(encodeSafetensors(TENSORS, { a: 'b' })).toEqual(encodeSafetensors(TENSORS, { a: 'b' }));
  });

  test('round trips: any names, shapes, numbers and metadata, bit for bit', () => {
    const random = new Generator(2, 'safetensors round trip');
    for (let turn = 0; turn < 40; turn++) {
      const tensors = Array.from({ length: random.below(6) }, (_, i) => {
        const shape = Array.from({ length: random.below(4) }, () => random.below(4));
        const count = shape.reduce((product, size) => product * size, 1);
        const bits = Uint32Array.from({ length: count }, () => random.u32());
        const name = ['a.b', 'ü"\\', '12', '__proto__', '{}:[],'][random.below(5)] ?? '';
        return { name: `${name}${i === 0 ? '' : i}`, shape, data: new Float32Array(bits.buffer) };
      });
      const metadata = { 'key "one"': 'x\ny', '7': '}{', empty: '' };
      const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata), 'w');
      expect(decoded.metadata).toEqual(metadata);
      expect(decoded.tensors.map(({ name, shape }) => ({ name, shape }))).toEqual(
        tensors.map(({ name, shape }) => ({ name, shape })),
      );
      decoded.tensors.forEach((tensor, i) => {
        expect(bytesOf(tensor.data)).toEqual(bytesOf(tensors[i]?.data ?? new Float32Array(0)));
      });
    }
  });
});

describe('decodeSafetensors', () => {
  test('converts F16, BF16 and F64; refuses whole numbers where they are used', async () => {
    const data = new Uint8Array(8 + 8 + 16 + 8);
    data.set(bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x7c00, 1)), 0);
    data.set(bytesOf(Uint16Array.of(0x3f80, 0xc040, 0x0001, 0)), 8);
    data.set(bytesOf(Float64Array.of(0.1, -1)), 16);
    data.set(bytesOf(BigInt64Array.of(5n)), 32);
    const bytes = file(
      '{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[8,16]},' +
        '"d":{"dtype":"F64","shape":[2],"data_offsets":[16,32]},"n":{"dtype":"I64","shape":[1],"data_offsets":[32,40]}}',
      data,
    );
    const { tensors } = decodeSafetensors(bytes, 'w');
    expect([...(tensors[0]?.data ?? [])]).toEqual([1, -2, Infinity, 2 ** -24]);
    expect([...(tensors[1]?.data ?? [])]).toEqual([1, -3, 2 ** -133, 0]);
    expect([...(tensors[2]?.data ?? [])]).toEqual([Math.fround(0.1), -1]);
    expect(await failureText(() => tensors[3]?.data)).toBe(
      'E0901 -: n in w is of dtype I64, not supported yet',
    );
  });

  test('reads a file of another writer: any order, no hash, metadata of its own', () => {
    const header =
      `{"b":${entry(4, 8)},"__metadata__":{"format":"pt"},` +
      '"a":{"shape":[1],"data_offsets":[0,4],"dtype":"F32"}}  ';
    const data = bytesOf(Float32Array.of(1, 2));
    expect(decodeSafetensors(file(header, data), 'w').metadata).toEqual({ format: 'pt' });
    expect(contents(file(header, data))).toEqual([
      { name: 'a', dtype: 'F32', shape: [1], data: [1] },
      { name: 'b', dtype: 'F32', shape: [1], data: [2] },
    ]);
    // As a part of a Node buffer, at every alignment.
    for (let start = 0; start < 8; start++) {
      const whole = Buffer.concat([Buffer.alloc(start), file(header, data)]).subarray(start);
      expect(decodeSafetensors(whole, 'w').tensors.map((tensor) => [...tensor.data])).toEqual([[1], [2]]);
    }
    // The format wants { as the first byte.
    expect(() => decodeSafetensors(file(` ${header}`, data), 'w')).toThrow(/E0502/);
  });

  test('cut off at every byte, with a hash and without', async () => {
    const plain = file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', new Uint8Array(4));
    for (const whole of [encodeSafetensors(TENSORS), plain]) {
      for (let length = 0; length < whole.length; length++) {
        expect(await failureText(() => decodeSafetensors(whole.slice(0, length), 'w'))).toMatch(
          /^E0502 -: w /,
        );
      }
    }
  });

  test('any flipped bit is noticed, or leaves what was written', () => {
    const whole = encodeSafetensors(TENSORS);
    const expected = contents(whole);
    let noticed = 0;
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = whole.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      try {
        expect(contents(bytes)).toEqual(expected);
      } catch (error) {
        expect(String(error)).toMatch(/E0502/);
        noticed++;
      }
    }
    // Only the name of the hash may be changed unnoticed.
    expect(noticed).toBeGreaterThanOrEqual(whole.length * 8 - 'netc_hash'.length * 8);
  });

  test.each([
    ['another file', new TextEncoder().encode('PK\x03\x04 this is a zip'), /is not a safetensors file/],
    ['a header beyond the limit', file('{}').with(7, 1), /its header would be/],
    ['no JSON', file('{"a"}'), /header is not JSON/],
    ['no UTF-8', file('{"a":1}').with(10, 0xff), /header is not JSON/],
    ['bytes at the end', file('{}', new Uint8Array(1)), /goes on for 1 bytes/],
    ['a name twice', file(`{"a":${entry(0, 4)},"a":${entry(4, 8)}}`, new Uint8Array(8)), /names a twice/],
    [
      'a name twice, spelt otherwise',
      file(`{"a":${entry(0, 4)},"\\u0061":${entry(4, 8)}}`, new Uint8Array(8)),
      /names a twice/,
    ],
    ['an overlap', file(`{"a":${entry(0, 4)},"b":${entry(0, 4)}}`, new Uint8Array(4)), /b overlaps/],
    ['a gap', file(`{"a":${entry(0, 4)},"b":${entry(8, 12)}}`, new Uint8Array(12)), /unused bytes before b/],
    ['a range beyond the end', file(`{"a":${entry(0, 4)}}`, new Uint8Array(3)), /is cut off/],
    [
      'a range of the wrong size',
      file(`{"a":${entry(0, 4, '[2]')}}`, new Uint8Array(4)),
      /a, F32\[2\], needs 8 bytes and has 4/,
    ],
    ['a range backwards', file(`{"a":${entry(4, 0)}}`, new Uint8Array(4)), /needs 4 bytes/],
    ['an unknown dtype', file(`{"a":${entry(0, 4, '[1]', 'F33')}}`, new Uint8Array(4)), /the dtype of a/],
    ['a negative size', file(`{"a":${entry(0, 4, '[-1]')}}`, new Uint8Array(4)), /the shape of a/],
    ['a size that is no number', file(`{"a":${entry(0, 4, '["1"]')}}`, new Uint8Array(4)), /the shape of a/],
    [
      'an entry without a range',
      file('{"a":{"dtype":"F32","shape":[1]}}', new Uint8Array(4)),
      /the range of a/,
    ],
    [
      'an unknown property',
      file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}'),
      /unknown property of a/,
    ],
    ['an entry that is no object', file('{"a":3}'), /the entry of a/],
    ['metadata that is no text', file('{"__metadata__":{"step":3}}'), /metadata step is not a text/],
    ['a wrong hash', file('{"__metadata__":{"netc_hash":"0000000000000000"}}'), /do not match its hash/],
  ])('%s', async (_, bytes, expected) => {
    const failure = await failureText(() => decodeSafetensors(bytes, 'w.safetensors'));
    expect(failure).toMatch(/^E0502 -: w\.safetensors /);
    expect(failure).toMatch(expected);
  });
});

const parity = fileURLToPath(new URL('../../../shared/parity/', import.meta.url));

describe('files of the safetensors library', () => {
  const cases = existsSync(parity)
    ? readdirSync(parity).filter((name) => existsSync(`${parity}${name}/init.safetensors`))
    : [];
  if (cases.length === 0) console.log('safetensors: ../shared/parity is not there, its files are not read');

  test('are read', () => {
    for (const name of cases) {
      const { tensors } = decodeSafetensors(readFileSync(`${parity}${name}/init.safetensors`), name);
      expect(tensors.length).toBeGreaterThan(0);
      for (const { data } of tensors) expect(data.every(Number.isFinite)).toBe(true);
    }
  });
});
