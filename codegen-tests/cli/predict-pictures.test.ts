/** `netc predict` over draws at random, and its sheets of pictures. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pictureSheet } from '../../compiler/cli/picture-sheet.ts';
import { crc32 } from '../../runtime/data/crc32.ts';
import { parseNpy } from '../../runtime/data/npy.ts';
import { encodePng, type Pixels } from '../../runtime/node/png.ts';
import { netc } from './recording-host.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-pictures-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => path.join(folder, name);

const PROGRAM = `data d {
  x[B, 4]
  batch = 8
}
model painter: z[B, 3] -> (picture[B, 2, 3], z2[B, 3]) {
  return (reshape(concat(z, -z), B, 2, 3), z)
}
model chosen: digit[B] u32 -> picture[B, 4] {
  return one_hot(digit, 4)
}
model row: x[B, 4] -> y[B, 3] {
  return x -> dense(3)
}
`;
beforeAll(() => fs.writeFileSync(at('d.net'), PROGRAM));

const predict = (model: string, ...flags: string[]): ReturnType<typeof netc> =>
  netc('predict', at('d.net'), '--device', 'cpu', '--model', model, ...flags);

/** Reads a PNG of rows without filters, by the specification. */
function decode(file: Uint8Array): Pixels {
  const view = Buffer.from(file);
  expect([...view.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = new Map<string, Buffer>();
  for (let start = 8; start < view.length;) {
    const length = view.readUInt32BE(start);
    const named = view.subarray(start + 4, start + 8 + length);
    expect(view.readUInt32BE(start + 8 + length)).toBe(crc32(named));
    chunks.set(named.subarray(0, 4).toString(), named.subarray(4));
    start += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect(header[8]).toBe(8);
  const channels = header[9] === 0 ? 1 : 3;
  const rows = inflateSync(chunks.get('IDAT')!);
  const step = width * channels + 1;
  expect(rows.length).toBe(step * height);
  const bytes = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    expect(rows[y * step]).toBe(0);
    bytes.set(rows.subarray(y * step + 1, (y + 1) * step), y * width * channels);
  }
  return { width, height, channels, bytes };
}

test.each([1, 3] as const)('a PNG of %d channels holds its pixels', (channels) => {
  const bytes = Uint8Array.from({ length: 5 * 3 * channels }, (_, i) => (i * 37) % 256);
  const pixels = { width: 5, height: 3, channels, bytes };
  expect(decode(encodePng(pixels))).toEqual(pixels);
});

describe('a sheet', () => {
  const sheet = (shape: number[], data: number[]): Pixels =>
    pictureSheet({ name: 'y', shape, dtype: 'f32', data: Float32Array.from(data) });

  test('has the pictures row by row with gaps between, values cut to 0 and 1', () => {
    const { width, height, channels, bytes } = sheet([3, 1, 1], [-1, 0.5, 2]);
    expect({ width, height, channels }).toEqual({ width: 4, height: 4, channels: 1 });
    const [g] = [48];
    expect([...bytes]).toEqual([0, g, g, 128, g, g, g, g, g, g, g, g, 255, g, g, g]);
  });

  test('of colours has them side by side; rows of square numbers are pictures', () => {
    const colours = sheet([1, 3, 1, 2], [1, 0, 0, 1, 0.2, 0.4]);
    expect(colours).toEqual({
      width: 2,
      height: 1,
      channels: 3,
      bytes: Uint8Array.of(255, 0, 51, 0, 255, 102),
    });
    const square = { width: 2, height: 2, channels: 1, bytes: Uint8Array.of(0, 51, 102, 153) };
    expect(sheet([1, 4], [0, 0.2, 0.4, 0.6])).toEqual(square);
    expect(sheet([1, 1, 2, 2], [0, 0.2, 0.4, 0.6])).toEqual(square);
  });
});

describe('predict --random', () => {
  const drawn = async (seed: string, count = '400'): Promise<number[]> => {
    const run = await predict('painter', '--random', count, '--seed', seed, '-o', `z2=${at('z.npy')}`);
    expect(run.exitCode).toBe(0);
    const { shape, data } = parseNpy(fs.readFileSync(at('z.npy')), { file: 'z' });
    expect(shape).toEqual([Number(count), 3]);
    return Array.from(data, Number);
  };

  test('draws from the normal distribution, by the seed', async () => {
    const values = await drawn('3');
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(Math.abs(variance - 1)).toBeLessThan(0.15);
    expect(await drawn('3')).toEqual(values);
    expect(await drawn('4')).not.toEqual(values);
    // More records begin with the same ones.
    expect((await drawn('3', '500')).slice(0, values.length)).toEqual(values);
  });

  test('writes a sheet where the file is a .png', async () => {
    const flags = ['--random', '5', '--seed', '3', '-o', `picture=${at('p.PNG')}`, '-o', `z2=${at('z.npy')}`];
    expect((await predict('painter', ...flags)).exitCode).toBe(0);
    const { width, height, channels, bytes } = decode(fs.readFileSync(at('p.PNG')));
    expect({ width, height, channels }).toEqual({ width: 3 * 3 + 4, height: 2 * 2 + 2, channels: 1 });
    const [first] = parseNpy(fs.readFileSync(at('z.npy')), { file: 'z' }).data;
    expect(bytes[0]).toBe(Math.round(255 * Math.min(1, Math.max(0, Number(first)))));
  });

  test('refuses what it cannot draw, count or show', async () => {
    const png = ['-o', at('y.png')];
    const said = async (...argv: Parameters<typeof predict>): Promise<string> => {
      const { exitCode, stderr } = await predict(...argv);
      return `${exitCode} ${stderr}`;
    };
    expect(await said('chosen', '--random', '2', ...png)).toMatch(
      /^2 error\[E0701\]: the input digit holds whole numbers.*--input digit=FILE\.npy/s,
    );
    expect(await said('row', ...png)).toMatch(
      /^2 error\[E0701\]: the input x of row is missing.*--random N/s,
    );
    expect(await said('row', '--random', '2', ...png)).toMatch(
      /E0701\]: y\[2, 3\] holds no pictures\n.*\[N, H, W\]/s,
    );
    expect(await said('painter', '--random', '2', '-o', `picture=${at('y.jpg')}`)).toMatch(
      /^2 error\[E0701\]: -o .*y\.jpg: pictures are written as \.png/,
    );
    expect(fs.existsSync(at('y.jpg'))).toBe(false);
    expect(await predict('row', '--random', '4', '-o', at('x.npy'))).toMatchObject({ exitCode: 0 });
    const both = ['--random', '2', '--input', `digit=${at('x.npy')}`];
    expect(await said('chosen', ...both, ...png)).toMatch(
      /^1 error\[E0406\]: --random has 2 records, .* has 4/,
    );
  });
});
